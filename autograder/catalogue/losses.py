"""Checks of `losses`: values, edges, and shapes that must not be stretched."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograder.catalogue.stand_ins import refusal, shuffled
from autograder.core.compare import Tolerance
from autograder.core.exercise import Exercise

exercise = Exercise("losses", "Loss functions")

AT_THE_EDGE = Tolerance(
    2e-3,
    1e-12,
    "a prediction clipped to 1 - 1e-15 has one digit left in 1 - p, and correct ways to write "
    "it differ by 8e-4 there; without clipping the result is not finite",
)


def probabilities(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    return rng.uniform(0.05, 0.95, shape)


def two_arrays(function: Any, rng: np.random.Generator, draw: Any) -> dict[str, Any]:
    """Observe a function of predictions and targets on three shapes."""
    results, inputs = {}, {}
    for name, shape in (("(4, 3) arrays", (4, 3)), ("vectors of 5", (5,)), ("one entry", (1,))):
        predictions, targets = draw(rng, shape)
        results[name] = function(predictions, targets)
        inputs[f"predictions, {name}"], inputs[f"targets, {name}"] = predictions, targets
    return {"returned": results, "inputs": inputs}


def unequal_shapes(function: Any, rng: np.random.Generator, draw: Any) -> dict[str, Any]:
    """Observe which of ten pairs of shapes, in random order, a function refuses."""
    n, k = (int(size) for size in rng.permutation(np.arange(2, 10))[:2])
    pairs = [((n,), (n, 1)), ((n, 1), (n,)), ((n, k), (k,)), ((n, k), (1, k)), ((n,), (k,))]
    pairs += [((k,), ()), ((n,), (n,)), ((n, 1), (n, 1)), ((n, k), (n, k)), ((k,), (k,))]
    all_predictions, all_targets = draw(rng, (n * max(n, k),))
    answers = {}
    for left, right in shuffled(rng, pairs):
        predictions = all_predictions[: math.prod(left)].reshape(left)
        targets = all_targets[: math.prod(right)].reshape(right)
        answers[f"shapes {left} and {right}"] = refusal(function, predictions, targets)
    return {"returned": answers}


def real_numbers(rng: np.random.Generator, shape: tuple[int, ...]) -> tuple[Any, Any]:
    return rng.normal(size=shape), rng.normal(size=shape)


def probabilities_and_truths(rng: np.random.Generator, shape: tuple[int, ...]) -> tuple[Any, Any]:
    return probabilities(rng, shape), rng.integers(0, 2, shape).astype(float)


@exercise.check(
    "mse_loss",
    points=8,
    title="the mean over all entries of the squared difference",
    ran="mse_loss(predictions, targets) on (4, 3) arrays and vectors",
    read="Mean squared error",
)
def mse_loss_is_a_mean_of_squares(m: Any, rng: np.random.Generator) -> Any:
    return two_arrays(m.mse_loss, rng, real_numbers)


@exercise.check(
    "mse_loss",
    points=4,
    title="unequal shapes are refused, equal ones are not",
    ran="mse_loss(predictions, targets) on ten pairs of shapes",
    read="Shapes that stretch in silence",
)
def mse_loss_refuses_unequal_shapes(m: Any, rng: np.random.Generator) -> Any:
    return unequal_shapes(m.mse_loss, rng, real_numbers)


@exercise.check(
    "mse_gradient",
    points=8,
    title="2 (p - t) / n for every entry",
    ran="mse_gradient(predictions, targets) on (4, 3) arrays and vectors",
    read="The gradient of the mean squared error",
)
def mse_gradient_is_the_derivative(m: Any, rng: np.random.Generator) -> Any:
    return two_arrays(m.mse_gradient, rng, real_numbers)


@exercise.check(
    "mse_gradient",
    points=4,
    title="unequal shapes are refused, equal ones are not",
    ran="mse_gradient(predictions, targets) on ten pairs of shapes",
    read="Shapes that stretch in silence",
)
def mse_gradient_refuses_unequal_shapes(m: Any, rng: np.random.Generator) -> Any:
    return unequal_shapes(m.mse_gradient, rng, real_numbers)


@exercise.check(
    "binary_cross_entropy",
    points=8,
    title="the mean over all entries of the cross-entropy",
    ran="binary_cross_entropy(predictions, targets) between 0.05 and 0.95",
    read="Binary cross-entropy",
)
def binary_cross_entropy_is_a_mean(m: Any, rng: np.random.Generator) -> Any:
    return two_arrays(m.binary_cross_entropy, rng, probabilities_and_truths)


@exercise.check(
    "binary_cross_entropy",
    points=6,
    title="finite at exactly 0 and 1, and eps is obeyed",
    ran="binary_cross_entropy(predictions, targets) with 0s and 1s in it",
    read="Binary cross-entropy",
    tolerance=AT_THE_EDGE,
)
def binary_cross_entropy_survives_certainty(m: Any, rng: np.random.Generator) -> Any:
    return at_the_edges(m.binary_cross_entropy, rng)


@exercise.check(
    "binary_cross_entropy",
    points=3,
    title="unequal shapes are refused, equal ones are not",
    ran="binary_cross_entropy(…) on ten pairs of shapes",
    read="Shapes that stretch in silence",
)
def binary_cross_entropy_refuses_unequal_shapes(m: Any, rng: np.random.Generator) -> Any:
    return unequal_shapes(m.binary_cross_entropy, rng, probabilities_and_truths)


def at_the_edges(function: Any, rng: np.random.Generator) -> dict[str, Any]:
    """Observe a cross-entropy at predictions of exactly 0 and 1, right and wrong."""
    predictions = np.array([0.0, 1.0, 0.0, 1.0, *probabilities(rng, (3,))])
    targets = np.array([0.0, 1.0, 1.0, 0.0, 1.0, 0.0, 1.0])
    order = rng.permutation(len(targets))
    predictions, targets = predictions[order], targets[order]
    eps = float(rng.uniform(0.02, 0.05))
    with np.errstate(divide="ignore", invalid="ignore"):
        returned = {
            "the usual eps": function(predictions, targets),
            f"eps={eps:.4f}": function(predictions, targets, eps=eps),
        }
    return {"returned": returned, "inputs": {"predictions": predictions, "targets": targets}}


@exercise.check(
    "binary_cross_entropy_gradient",
    points=8,
    title="the derivative of the mean by every prediction",
    ran="binary_cross_entropy_gradient(predictions, targets)",
    read="The gradient of cross-entropy",
)
def binary_cross_entropy_gradient_is_the_derivative(m: Any, rng: np.random.Generator) -> Any:
    return two_arrays(m.binary_cross_entropy_gradient, rng, probabilities_and_truths)


@exercise.check(
    "binary_cross_entropy_gradient",
    points=5,
    title="finite at exactly 0 and 1, and eps is obeyed",
    ran="binary_cross_entropy_gradient(…) with predictions of 0 and 1",
    read="The gradient of cross-entropy",
    tolerance=AT_THE_EDGE,
)
def binary_cross_entropy_gradient_survives_certainty(m: Any, rng: np.random.Generator) -> Any:
    return at_the_edges(m.binary_cross_entropy_gradient, rng)


@exercise.check(
    "binary_cross_entropy_gradient",
    points=3,
    title="unequal shapes are refused, equal ones are not",
    ran="binary_cross_entropy_gradient(…) on ten pairs of shapes",
    read="Shapes that stretch in silence",
)
def binary_cross_entropy_gradient_refuses_unequal_shapes(m: Any, rng: np.random.Generator) -> Any:
    return unequal_shapes(m.binary_cross_entropy_gradient, rng, probabilities_and_truths)


@exercise.check(
    "softmax",
    points=8,
    title="probabilities over the last axis, whatever the other axes are",
    ran="softmax(logits) on shapes (4,), (3, 5) and (2, 3, 4)",
    read="Softmax",
)
def softmax_is_over_the_last_axis(m: Any, rng: np.random.Generator) -> Any:
    results, inputs = {}, {}
    for shape in ((4,), (3, 5), (2, 3, 4)):
        logits = rng.normal(size=shape) * 3
        results[f"shape {shape}"] = m.softmax(logits)
        inputs[f"logits of shape {shape}"] = logits
    return {"returned": results, "inputs": inputs}


def far_apart(rng: np.random.Generator) -> np.ndarray:
    """Return rows of four logits: four near 800, -800, 400 and -400, and two across."""
    centre = np.array([800.0, -800.0, 400.0, -400.0])
    spread = np.array([[800.0, -800.0, 1.0, 300.0], [-800.0, 1.0, 2.0, -300.0]])
    logits = rng.permutation(centre)[:, None] + rng.normal(size=(4, 4))
    return np.vstack([logits, spread * rng.uniform(0.95, 1.1, (2, 4))])


def rows_far_apart(function: Any, rng: np.random.Generator) -> dict[str, Any]:
    """Observe a function of logits and labels on rows far apart, together and one by one."""
    logits, labels = far_apart(rng), rng.integers(0, 4, 6)
    labels[4:] = np.argmin(logits[4:], axis=1)  # the truth is far below the winner
    with np.errstate(all="ignore"):
        one_by_one = [function(logits[i : i + 1], labels[i : i + 1]) for i in range(6)]
        return {"returned": {"six rows": function(logits, labels), "one by one": one_by_one}}


@exercise.check(
    "softmax",
    points=6,
    title="logits of 800 and -800 neither overflow nor vanish",
    ran="softmax(logits) with logits of 800 and -800",
    read="Softmax",
)
def softmax_survives_large_logits(m: Any, rng: np.random.Generator) -> Any:
    with np.errstate(all="ignore"):
        return {"returned": m.softmax(far_apart(rng))}


def rows_and_labels(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    return rng.normal(size=(6, 4)) * 2, rng.integers(0, 4, 6)


@exercise.check(
    "softmax_cross_entropy",
    points=8,
    title="the mean over the rows of -log of the right class's probability",
    ran="softmax_cross_entropy(logits, labels) on six rows of four",
    read="Softmax with cross-entropy",
)
def softmax_cross_entropy_is_a_mean_over_rows(m: Any, rng: np.random.Generator) -> Any:
    return of_rows(m.softmax_cross_entropy, rng)


def of_rows(function: Any, rng: np.random.Generator) -> dict[str, Any]:
    logits, labels = rows_and_labels(rng)
    one_row, one_label = rng.normal(size=(1, 3)), rng.integers(0, 3, 1)
    return {
        "returned": {"six rows": function(logits, labels), "one row": function(one_row, one_label)},
        "inputs": {"logits": logits, "labels": labels},
    }


@exercise.check(
    "softmax_cross_entropy",
    points=5,
    title="logits of 800 and -800 give the right, finite loss",
    ran="softmax_cross_entropy(logits, labels) with logits of ±800",
    read="Softmax with cross-entropy",
    parts={"returned/one by one/*": "the result for row {} alone"},
)
def softmax_cross_entropy_survives_large_logits(m: Any, rng: np.random.Generator) -> Any:
    return rows_far_apart(m.softmax_cross_entropy, rng)


def unequal_rows(function: Any, rng: np.random.Generator) -> dict[str, Any]:
    """Observe which of seven label shapes, in random order, a function refuses."""
    n, k = (int(size) for size in rng.permutation(np.arange(2, 10))[:2])
    pairs = [(n, (k,)), (n, (n + 1,)), (n, (n, 1)), (n, (1,)), (n, (n,)), (k, (k,)), (1, (1,))]
    all_logits, all_labels = rng.normal(size=(10, 3)), rng.integers(0, 3, 10)
    answers = {}
    for rows, shape in shuffled(rng, pairs):
        logits, labels = all_logits[:rows], all_labels[: math.prod(shape)].reshape(shape)
        name = f"logits {logits.shape} and labels {shape}"
        try:
            answers[name] = refusal(function, logits, labels)
        except IndexError:  # NumPy's own way to refuse, but not the one that was asked for
            answers[name] = "raises IndexError"
    return {"returned": answers}


@exercise.check(
    "softmax_cross_entropy",
    points=2,
    title="labels that do not have one entry a row are refused",
    ran="softmax_cross_entropy(logits, labels) on seven pairs of shapes",
    read="Shapes that stretch in silence",
)
def softmax_cross_entropy_refuses_unequal_rows(m: Any, rng: np.random.Generator) -> Any:
    return unequal_rows(m.softmax_cross_entropy, rng)


@exercise.check(
    "softmax_cross_entropy_gradient",
    points=8,
    title="(softmax - one-hot) / n",
    ran="softmax_cross_entropy_gradient(logits, labels) on six rows",
    read="Softmax with cross-entropy",
)
def softmax_cross_entropy_gradient_is_the_derivative(m: Any, rng: np.random.Generator) -> Any:
    return of_rows(m.softmax_cross_entropy_gradient, rng)


@exercise.check(
    "softmax_cross_entropy_gradient",
    points=4,
    title="logits of 800 and -800 give the right, finite gradient",
    ran="softmax_cross_entropy_gradient(…) with logits of ±800",
    read="Softmax with cross-entropy",
    parts={"returned/one by one/*": "the result for row {} alone"},
)
def softmax_cross_entropy_gradient_survives_large_logits(m: Any, rng: np.random.Generator) -> Any:
    return rows_far_apart(m.softmax_cross_entropy_gradient, rng)


@exercise.check(
    "softmax_cross_entropy_gradient",
    points=2,
    title="labels that do not have one entry a row are refused",
    ran="softmax_cross_entropy_gradient(…) on seven pairs of shapes",
    read="Shapes that stretch in silence",
)
def softmax_cross_entropy_gradient_refuses_unequal_rows(m: Any, rng: np.random.Generator) -> Any:
    return unequal_rows(m.softmax_cross_entropy_gradient, rng)
