"""Checks of `minibatch`: whole batches through networks of one to four layers."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.core.exercise import Exercise

exercise = Exercise("minibatch", "Mini-batches")

GRADIENTS = {
    "returned": "the pair (weight_grads, bias_grads)",
    "returned/0": "the list of weight gradients",
    "returned/0/*": "the gradient of W{}",
    "returned/1": "the list of bias gradients",
    "returned/1/*": "the gradient of b{}",
}
DEEP_GRADIENTS = {
    "returned/*": "the pair for the {} network",
    "returned/*/0/*": "the gradient of W{}",
    "returned/*/1/*": "the gradient of b{}",
}
ACTIVATIONS = {"returned": "the list of activations", "returned/*": "activation {} of the list"}

Parameters = tuple[list[np.ndarray], list[np.ndarray]]


def parameters(rng: np.random.Generator, sizes: list[int]) -> Parameters:
    weights = [rng.normal(size=(n, m)) for m, n in zip(sizes[:-1], sizes[1:], strict=True)]
    return weights, [rng.normal(size=n) for n in sizes[1:]]


@exercise.check(
    "forward_batch",
    points=20,
    title="a batch of five through two layers",
    ran="forward_batch(weights, biases, X) on 5 examples, a 3-4-2 network",
    read="Forward, a whole batch at once",
    parts=ACTIVATIONS,
)
def forward_batch_through_two_layers(m: Any, rng: np.random.Generator) -> Any:
    weights, biases = parameters(rng, [3, 4, 2])
    X = rng.normal(size=(5, 3))
    returned = m.forward_batch(weights, biases, X)
    return {"returned": returned, "inputs": {"weights": weights, "biases": biases, "X": X}}


@exercise.check(
    "forward_batch",
    points=10,
    title="any number of layers, from one to four",
    ran="forward_batch(…) on networks of one layer and of four",
    read="Forward, a whole batch at once",
    parts={"returned/*/*": "activation {} of the list"},
)
def forward_batch_through_any_depth(m: Any, rng: np.random.Generator) -> Any:
    results = {}
    for sizes in ([4, 3], [2, 3, 5, 4, 3]):
        X = rng.normal(size=(6, sizes[0]))
        results[f"{len(sizes) - 1} layers"] = m.forward_batch(*parameters(rng, sizes), X)
    return {"returned": results}


@exercise.check(
    "forward_batch",
    points=5,
    title="a batch of one is still a matrix",
    ran="forward_batch(weights, biases, X) with X of shape (1, 3)",
    read="Forward, a whole batch at once",
    parts=ACTIVATIONS,
)
def forward_batch_of_one(m: Any, rng: np.random.Generator) -> Any:
    return {"returned": m.forward_batch(*parameters(rng, [3, 4, 2]), rng.normal(size=(1, 3)))}


@exercise.check(
    "forward_batch",
    points=5,
    title="inputs of ±1000 saturate without overflow",
    ran="forward_batch(weights, biases, X), overflow being an error",
    read="Forward, a whole batch at once",
    parts=ACTIVATIONS,
)
def forward_batch_does_not_overflow(m: Any, rng: np.random.Generator) -> Any:
    weights, biases = parameters(rng, [3, 4, 2])
    X = rng.normal(size=(5, 3)) * 1000
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        return {"returned": m.forward_batch(weights, biases, X)}


def through(
    rng: np.random.Generator, sizes: list[int], n: int
) -> tuple[list[np.ndarray], list[np.ndarray], np.ndarray]:
    """Return weights, activations of random numbers in (0, 1), and targets."""
    weights, _ = parameters(rng, sizes)
    activations = [rng.normal(size=(n, sizes[0]))]
    activations += [rng.uniform(0.05, 0.95, (n, size)) for size in sizes[1:]]
    return weights, activations, rng.uniform(size=(n, sizes[-1]))


@exercise.check(
    "backward_batch",
    points=25,
    title="the mean gradients of a batch of five, two layers",
    ran="backward_batch(weights, activations, Y) on 5 examples, 3-4-2",
    read="Backward, a whole batch at once",
    parts=GRADIENTS,
    layers=2,
)
def backward_batch_through_two_layers(m: Any, rng: np.random.Generator) -> Any:
    return {"returned": m.backward_batch(*through(rng, [3, 4, 2], 5))}


@exercise.check(
    "backward_batch",
    points=15,
    title="any number of layers, from one to four",
    ran="backward_batch(…) on networks of one layer and of four",
    read="Backward, a whole batch at once",
    parts=DEEP_GRADIENTS,
)
def backward_batch_through_any_depth(m: Any, rng: np.random.Generator) -> Any:
    results = {}
    for sizes in ([4, 3], [2, 3, 5, 4, 3]):
        results[f"{len(sizes) - 1}-layer"] = m.backward_batch(*through(rng, sizes, 6))
    return {"returned": results}


@exercise.check(
    "backward_batch",
    points=10,
    title="a batch of one, and one output",
    ran="backward_batch(…) on 1 example of 3-4-2 and 5 of 3-4-1",
    read="Backward, a whole batch at once",
    parts=DEEP_GRADIENTS,
)
def backward_batch_of_one(m: Any, rng: np.random.Generator) -> Any:
    one_example = m.backward_batch(*through(rng, [3, 4, 2], 1))
    one_output = m.backward_batch(*through(rng, [3, 4, 1], 5))
    return {"returned": {"3-4-2": one_example, "3-4-1": one_output}}


@exercise.check(
    "backward_batch",
    points=10,
    title="weights, activations and targets are left as they were",
    ran="backward_batch(weights, activations, Y), then looked at them",
    read="Backward, a whole batch at once",
    parts=GRADIENTS,
)
def backward_batch_changes_nothing(m: Any, rng: np.random.Generator) -> Any:
    weights, activations, Y = through(rng, [3, 4, 2], 5)
    returned = m.backward_batch(weights, activations, Y)
    kept = {"a weight matrix": weights, "an activation": activations, "Y": Y}
    return {"returned": returned, "inputs": kept}
