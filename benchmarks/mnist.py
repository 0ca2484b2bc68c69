"""What networks of the course's kind reach on MNIST, which a build of the site can't have.

Run with `MNIST_DIR=folder python benchmarks/mnist.py`. It trains on the 60,000 published
training images and counts right answers on the 10,000 test images, which choose nothing.
Chapter 7 quotes it. It takes a few minutes on one core.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "solutions"))

import numpy as np
from backprop import Network
from minibatch import backward_batch, forward_batch
from mnist_project import prepare, train_classifier
from training_loop import train_step

from autograder.datasets import draw_digits, load_mnist

TEN = tuple(range(10))
EPOCHS = 15
BATCH = 32


class BatchNetwork(Network):  # type: ignore[misc]
    """The network of chapter 2, fed with a batch at a time."""

    def forward(self, X: Any) -> Any:
        """Return the outputs of a batch."""
        self.activations = forward_batch(self.weights, self.biases, X)
        return self.activations[-1]

    def backward(self, Y: Any) -> Any:
        """Return the gradients of the mean squared error."""
        return backward_batch(self.weights, self.activations, Y)


class CrossEntropyNetwork(BatchNetwork):
    """The same with the gradients of the cross-entropy of its outputs."""

    def backward(self, Y: Any) -> Any:
        """Return the gradients: the slope of the sigmoid cancels, as in chapter 7."""
        A = np.clip(self.activations[-1], 1e-12, 1 - 1e-12)
        error = (A - Y) / (2 / Y.shape[1] * A * (1 - A))
        return backward_batch(self.weights, self.activations, self.activations[-1] - error)


def descend(net: Any, X: Any, y: Any, rate: Callable[[int], float], epochs: int) -> Any:
    """Train a network on full batches in a new order for each epoch."""
    rng = np.random.default_rng(0)
    full = len(X) // BATCH * BATCH
    for epoch in range(epochs):
        for batch in rng.permutation(len(X))[:full].reshape(-1, BATCH):
            train_step(net, X[batch], y[batch], rate(epoch))
    return net


def main() -> None:
    """Print one line a run."""
    data = load_mnist()
    X, y, _ = prepare(data.train_images, data.train_labels, TEN)
    test, _, columns = prepare(data.test_images, data.test_labels, TEN)

    def report(name: str, net: Any) -> None:
        right = np.mean(np.argmax(net.forward(test), axis=1) == columns)
        print(f"{name:44}{right:8.1%}", flush=True)

    few, asked = (np.isin(digits, range(5)) for digits in (data.train_labels, data.test_labels))
    predict = train_classifier(data.train_images[few], data.train_labels[few])
    right = np.mean(predict(data.test_images[asked]) == data.test_labels[asked])
    print(f"{'digits 0 to 4, train_classifier':44}{right:8.1%}", flush=True)

    predict = train_classifier(*draw_digits(10_000, np.random.default_rng(0)))
    right = np.mean(predict(data.test_images) == data.test_labels)
    print(f"{'784-64-10 trained on 10,000 drawn digits':44}{right:8.1%}", flush=True)

    for layers in ([784, 10], [784, 16, 10], [784, 64, 10], [784, 64, 32, 10]):
        net = descend(BatchNetwork(layers, seed=0), X, y, lambda _: 3.0, EPOCHS)
        report(f"{'-'.join(map(str, layers))}, squared error, rate 3", net)
    net = descend(CrossEntropyNetwork([784, 64, 10], seed=0), X, y, lambda _: 0.3, EPOCHS)
    report("784-64-10, cross-entropy, rate 0.3", net)
    for name, rate in (
        ("rate 10", lambda _: 10.0),
        ("rate 10, then falling to 0", lambda e: 5 * (1 + np.cos(np.pi * e / EPOCHS))),
    ):
        net = descend(BatchNetwork([784, 64, 10], seed=0), X, y, rate, EPOCHS)
        report(f"784-64-10, squared error, {name}", net)


if __name__ == "__main__":
    main()
