"""Checks of `mnist_project`: its pieces, and what the classifier reads on unseen images."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.core.compare import EXACT, Difference
from autograder.core.exercise import Exercise, Judge, Prepared
from autograder.datasets import draw_digits

exercise = Exercise("mnist_project", "MNIST project")


@exercise.check(
    "one_hot",
    points=10,
    title="one row a label, with a single 1",
    ran="one_hot(labels, n_classes) on 7 labels of 5 classes, and on one",
    read="One-hot targets",
)
def one_hot_has_a_single_one(m: Any, rng: np.random.Generator) -> Any:
    labels = rng.integers(0, 5, 7)
    returned = {"7 labels": m.one_hot(labels, 5), "1 label": m.one_hot(np.array([1]), 3)}
    return {"returned": returned, "inputs": {"labels": labels}}


def pictures(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return random pictures of 4 by 3 pixels and labels from 0 to 9, all of them present."""
    images = rng.integers(0, 256, (n, 4, 3)).astype(np.uint8)
    return images, rng.permutation(np.arange(n) % 10)


PREPARED = {
    "returned": "the three arrays",
    "returned/0": "X",
    "returned/1": "y",
    "returned/2": "labels",
}


@exercise.check(
    "prepare",
    points=15,
    title="digits 0 to 4, flattened, from 0 to 1, with one-hot targets",
    ran="prepare(images, labels) on 20 pictures of 4 by 3 pixels",
    read="From images to rows",
    parts=PREPARED,
)
def prepare_filters_and_scales(m: Any, rng: np.random.Generator) -> Any:
    images, labels = pictures(rng, 20)
    return {"returned": m.prepare(images, labels), "inputs": {"images": images, "labels": labels}}


@exercise.check(
    "prepare",
    points=15,
    title="any digits, numbered by their position",
    ran="prepare(images, labels, digits=…) on 20 pictures, three digits",
    read="From images to rows",
    parts=PREPARED,
)
def prepare_numbers_any_digits(m: Any, rng: np.random.Generator) -> Any:
    # The last digit is also the column of another one: numbering in place shows.
    digits = (*(int(d) for d in rng.permutation(np.arange(3, 10))[:2]), int(rng.integers(0, 2)))
    images, labels = pictures(rng, 20)
    returned = m.prepare(images, labels, digits=digits)
    return {"returned": returned, "inputs": {"images": images, "labels": labels}}


class Scripted:
    """A network that gives row `i` of a table for an example that begins with `i`."""

    def __init__(self, table: np.ndarray) -> None:
        self._table = table

    def forward(self, x: np.ndarray) -> np.ndarray:
        answer: np.ndarray = self._table[int(x[0])]
        return answer.copy()


@exercise.check(
    "accuracy",
    points=15,
    title="the share of examples whose largest output is the right one",
    ran="accuracy(net, X, labels) on 6 examples, eight networks",
    read="Counting right answers",
)
def accuracy_is_a_share(m: Any, rng: np.random.Generator) -> Any:
    tables = rng.normal(size=(8, 6, 4))
    rows = rng.permuted(np.tile(np.arange(6), (8, 1)), axis=1)
    X = np.concatenate([rows[:, :, None], rng.normal(size=(8, 6, 2))], axis=2)
    right = np.take_along_axis(tables.argmax(axis=2), rows, axis=1)
    labels = np.where(rng.random((8, 6)) < 0.6, right, rng.integers(0, 4, (8, 6)))
    shares = [m.accuracy(Scripted(tables[i]), X[i], labels[i]) for i in range(8)]
    return {"the shares": shares}


N_TRAIN, N_UNSEEN = 1000, 500


def digits_to_read(n_digits: int, n_kinds: int = 0) -> Any:
    """Return a `prepare` that draws digits to train on, and unseen ones to read.

    The first `n_digits` digits, or that many of the first `n_kinds`.
    """

    def prepare(rng: np.random.Generator) -> Prepared:
        digits = np.arange(n_digits)
        if n_kinds:
            digits = np.sort(rng.permutation(n_kinds)[:n_digits])
        images, labels = draw_digits(N_TRAIN, rng, digits=digits)
        unseen, right = draw_digits(N_UNSEEN, rng, digits=digits)
        return Prepared([images, labels, unseen], right)

    return prepare


def at_least(goal: float) -> Judge:
    """Return a judge that counts, outside, how many unseen images were read right."""

    def judge(observation: Any, kept: Any) -> list[Difference]:
        read = observation.get("the digits read") if isinstance(observation, dict) else None
        path = ("the digits read",)
        if isinstance(read, list):
            read = np.array(read) if all(type(digit) is int for digit in read) else read
        if not isinstance(read, np.ndarray) or read.dtype.kind not in "iuf":
            return [Difference("wrong type", path, read, kept)]
        if read.shape != kept.shape:
            return [Difference("wrong shape", path, read, kept)]
        share = float(np.mean(read == kept))
        if share >= goal:
            return []
        note = f"{share:.1%} of {kept.size} unseen images read right; the goal is {goal:.0%}"
        return [Difference("wrong values", path, None, None, note)]

    return judge


def read_unseen(m: Any, inputs: Any) -> Any:
    images, labels, unseen = inputs
    predict = m.train_classifier(images, labels, seed=1)
    return {"the digits read": predict(unseen)}


TRAINING: dict[str, Any] = {
    "function": "train_classifier",
    "ran": f"predict on {N_UNSEEN} unseen drawn digits, after {N_TRAIN} to train on",
    "read": "Training the classifier",
    "tolerance": EXACT,
    "seconds": 60.0,
}


@exercise.check(
    points=25,
    title="at least 80 % of unseen digits 0 to 4 are read right",
    prepare=digits_to_read(5),
    judge=at_least(0.8),
    **TRAINING,
)
def train_classifier_reads_80_percent(m: Any, rng: np.random.Generator, inputs: Any) -> Any:
    return read_unseen(m, inputs)


@exercise.check(
    points=10,
    title="at least 95 % of unseen digits of any five kinds are read right",
    prepare=digits_to_read(5, n_kinds=10),
    judge=at_least(0.95),
    **TRAINING,
)
def train_classifier_reads_95_percent(m: Any, rng: np.random.Generator, inputs: Any) -> Any:
    return read_unseen(m, inputs)


@exercise.check(
    points=10,
    title="at least 90 % of all ten unseen digits are read right",
    prepare=digits_to_read(10),
    judge=at_least(0.9),
    **TRAINING,
)
def train_classifier_reads_ten_digits(m: Any, rng: np.random.Generator, inputs: Any) -> Any:
    return read_unseen(m, inputs)
