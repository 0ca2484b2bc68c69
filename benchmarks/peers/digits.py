"""Train one classifier of digits, and print what it took.

`python benchmarks/peers/digits.py TRAINER DATA HIDDEN EPOCHS` runs in the Python that has the
trainer, and needs nothing else of the project but for its own. All have the same images in
single precision, the same sigmoid layer, batches of the same size, plain gradient descent and
one thread, so that processor seconds are what it takes. DATA is an .npz file with X, labels,
unseen X and unseen labels.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

BATCH = 128
RATE = 0.5
"""With cross-entropy; the reference has its own loss, and its own rate."""
Trained = tuple[list[float], Callable[[Any], Any]]


def sklearn(X: Any, labels: Any, hidden: int, epochs: int) -> Trained:
    """Train scikit-learn's `MLPClassifier`."""
    import warnings

    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier

    net = MLPClassifier(
        (hidden,),
        activation="logistic",
        solver="sgd",
        alpha=0.0,
        batch_size=BATCH,
        learning_rate_init=RATE,
        momentum=0.0,
        max_iter=epochs,
        n_iter_no_change=epochs,
        random_state=0,
    )
    start = time.process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # it trains as long as it is told to
        net.fit(X, labels)
    return [(time.process_time() - start) / epochs] * epochs, net.predict


def torch(X: Any, labels: Any, hidden: int, epochs: int) -> Trained:
    """Train a network of PyTorch's, on the processor."""
    import torch as library

    library.manual_seed(0)
    library.set_num_threads(1)
    inputs, targets = library.from_numpy(X), library.from_numpy(labels)
    n_out = int(labels.max()) + 1
    net = library.nn.Sequential(
        library.nn.Linear(X.shape[1], hidden),
        library.nn.Sigmoid(),
        library.nn.Linear(hidden, n_out),
    )
    loss_of = library.nn.CrossEntropyLoss()
    optimizer = library.optim.SGD(net.parameters(), lr=RATE)
    seconds = []
    for _ in range(epochs):
        start = time.process_time()
        for batch in library.randperm(len(inputs)).split(BATCH):
            optimizer.zero_grad()
            loss_of(net(inputs[batch]), targets[batch]).backward()
            optimizer.step()
        seconds.append(time.process_time() - start)

    def predict(unseen: Any) -> Any:
        with library.no_grad():
            return net(library.from_numpy(unseen)).argmax(dim=1).numpy()

    return seconds, predict


def reference(X: Any, labels: Any, hidden: int, epochs: int) -> Trained:
    """Train the course's own classifier, which chooses its number of epochs."""
    import mnist_project

    images = np.rint(255 * X).astype(np.uint8).reshape(-1, 28, 28)
    ends: list[float] = []
    forward = mnist_project.forward_batch

    def noting(weights: Any, biases: Any, X: Any) -> Any:
        """Note when a batch begins, and see that it is what the others get."""
        assert len(weights[0]) == hidden
        assert len(X) == BATCH
        assert X.dtype == weights[0].dtype == np.float32
        ends.append(time.process_time())
        return forward(weights, biases, X)

    mnist_project.forward_batch = noting
    predict = mnist_project.train_classifier(images, labels)
    mnist_project.forward_batch = forward
    ends.append(time.process_time())
    marks = ends[:: len(X) // BATCH]
    assert marks[-1] == ends[-1]
    seconds = [end - start for start, end in zip(marks, marks[1:], strict=False)]
    return seconds, lambda X: predict(np.rint(255 * X).astype(np.uint8))


def products(X: Any, labels: Any, hidden: int, epochs: int) -> Trained:
    """Multiply the matrices that an epoch must, and do nothing else: the floor."""
    n_out = int(labels.max()) + 1
    rng = np.random.default_rng(0)
    W1 = rng.random((hidden, X.shape[1]), np.float32)
    W2 = rng.random((n_out, hidden), np.float32)
    delta2 = rng.random((BATCH, n_out), np.float32)
    seconds = []
    for _ in range(epochs):
        start = time.process_time()
        for first in range(0, len(X) - BATCH + 1, BATCH):
            x = X[first : first + BATCH]
            hidden_sums = x @ W1.T
            hidden_sums @ W2.T
            delta2.T @ hidden_sums
            delta1 = delta2 @ W2
            delta1.T @ x
        seconds.append(time.process_time() - start)
    return seconds, lambda X: np.zeros(len(X))


if __name__ == "__main__":
    _, trainer, path, hidden, epochs = sys.argv
    with np.load(path) as data:
        X, labels, unseen, right = (data[name] for name in ("X", "labels", "unseen", "right"))
    trainers = {"sklearn": sklearn, "torch": torch, "reference": reference, "products": products}
    seconds, predict = trainers[trainer](X, labels, int(hidden), int(epochs))
    share = float(np.mean(predict(unseen) == right))
    print(
        json.dumps({"seconds": seconds, "epochs": len(seconds), "share": share, "samples": len(X)})
    )
