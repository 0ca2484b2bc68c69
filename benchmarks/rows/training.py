"""How fast a network is trained."""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from autograder.datasets import DatasetUnavailable, draw_digits, load_mnist
from benchmarks.machine import environment
from benchmarks.measure import ROOT, Effort, Goal, Measured, NotMeasured, Row, Samples, cost, say
from benchmarks.peers.environment import Environment

SOLUTIONS = str(ROOT / "solutions")
OURS, FLOOR = "the course's reference", "the five matrix products"
SKLEARN, TORCH = "scikit-learn", "PyTorch"
WHY = (
    "Nearly all the time is the same products for everybody; what is left to win is what stands "
    "between them: gathering a batch, the sigmoid and the update"
)


def digits(kinds: int) -> tuple[dict[str, Any], str]:
    """Return images of the first digits in single precision, and what they are."""
    rng = np.random.default_rng(0)
    try:
        data = load_mnist(download=False)
        train, test = (data.train_images, data.train_labels), (data.test_images, data.test_labels)
        name = "MNIST"
    except DatasetUnavailable:
        train, test = draw_digits(30_000, rng), draw_digits(5_000, rng)
        name = "drawn digits: MNIST isn't here"
    arrays: dict[str, Any] = {}
    for (images, labels), x, y in ((train, "X", "labels"), (test, "unseen", "right")):
        kept = labels < kinds
        arrays[x] = (images[kept].reshape(np.count_nonzero(kept), -1) / 255.0).astype(np.float32)
        arrays[y] = labels[kept]
    return arrays, name


@dataclass(frozen=True)
class Classifier:
    """A network of the project, in turn with its peers and its floor.

    Attributes
    ----------
    kinds : int
        It learns the digits below this.
    hidden : int
        Its units.
    """

    kinds: int
    hidden: int

    def __call__(self, effort: Effort) -> Measured:
        """Measure."""
        samples = Samples()
        here, rounds = [sys.executable], effort.of(1, 3)
        variables = environment(PYTHONPATH=SOLUTIONS)
        trainers = {
            OURS: ("reference", here, variables),
            FLOOR: ("products", here, variables),
        }
        arrays, data = digits(self.kinds)
        versions = {"images": f"{data} ({len(arrays['X']):,} to train with)"}
        for name, trainer, package in (
            (SKLEARN, "sklearn", "scikit-learn"),
            (TORCH, "torch", "torch"),
        ):
            try:
                home = Environment(trainer, package)
                versions[name] = home.version
                trainers[name] = (trainer, [home.python], home.variables)
            except NotMeasured as why:
                samples.miss(name, "samples/s", str(why))
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "digits.npz"
            np.savez(path, **arrays)
            script = str(ROOT / "benchmarks/peers/digits.py")
            epochs = 0  # the reference chooses how many
            for number in range(rounds):
                say(f"round {number + 1} of {rounds}")
                for name, (trainer, python, variables) in trainers.items():
                    settings = (trainer, str(path), str(self.hidden), str(epochs))
                    found = json.loads(cost([*python, script, *settings], ROOT, variables).printed)
                    epochs = found["epochs"]
                    epoch = statistics.median(found["seconds"])
                    samples.add(
                        name, **{"samples/s": found["samples"] / epoch, "CPU s an epoch": epoch}
                    )
                    if name != FLOOR:
                        samples.add(name, **{"% read right": 100 * found["share"]})
        return Measured(samples.lines(), versions)

    def row(self) -> Row:
        """Return the row of this network."""
        unit = "samples/s"
        return Row(
            f"train-784-{self.hidden}-{self.kinds}",
            f"Training a 784-{self.hidden}-{self.kinds} network on digits",
            "The reference of the MNIST project beside scikit-learn's `MLPClassifier` and a "
            "network of PyTorch's: the same images in single precision, the same hidden layer, "
            "batches of the same size, as many epochs, plain gradient descent, one thread. The "
            "reference has sigmoid outputs and the mean squared error, the others softmax and "
            "cross-entropy. The floor is the five matrix products of each batch and nothing else.",
            self,
            (
                Goal(OURS, unit, at_least=1.5, against=SKLEARN, why=WHY),
                Goal(OURS, unit, at_least=1.5, against=TORCH, why=WHY),
                Goal(OURS, unit, at_least=0.5, against=FLOOR, why=WHY),
            ),
        )


LOOP, BATCHES = "chapter 4: example by example", "chapter 5: matrix products"


def loop(effort: Effort) -> Measured:
    """Measure an epoch of chapter 4's loop in turn with one of chapter 5's."""
    sys.path.insert(0, SOLUTIONS)
    try:
        from backprop import Network
        from minibatch import backward_batch, forward_batch
        from training_loop import train_epoch
    finally:
        sys.path.remove(SOLUTIONS)
    batch, rate = 32, 0.5
    rng = np.random.default_rng(0)
    images, labels = draw_digits(batch * effort.of(10, 60), rng, digits=range(5))
    X = images.reshape(len(images), -1) / 255.0
    y = np.eye(5)[labels]

    def batches(net: Any) -> None:
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch):
            rows = order[start : start + batch]
            activations = forward_batch(net.weights, net.biases, X[rows])
            weight_grads, bias_grads = backward_batch(net.weights, activations, y[rows])
            for layer in range(len(net.weights)):
                net.weights[layer] -= rate * weight_grads[layer]
                net.biases[layer] -= rate * bias_grads[layer]

    ways = {
        LOOP: lambda net: train_epoch(net, X, y, rate, batch, rng),
        BATCHES: batches,
    }
    samples = Samples()
    for number in range(effort.of(2, 9) + 1):
        for name, way in ways.items():
            net = Network([784, 64, 5], seed=0)
            start = time.process_time()
            way(net)
            if number:
                samples.add(name, **{"samples/s": len(X) / (time.process_time() - start)})
    return Measured(samples.lines())


ROWS = (
    Classifier(kinds=5, hidden=64).row(),
    Classifier(kinds=10, hidden=128).row(),
    Row(
        "loop",
        "An epoch example by example, and in matrix products",
        "The same network, 784-64-5, the same images and batches of 32 in double precision, by the "
        "references of the two chapters.",
        loop,
    ),
)
