"""Checks of `backprop`: the sigmoid, and the gradients of networks of one to four layers."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.core.exercise import Exercise

exercise = Exercise("backprop", "Backpropagation")

GRADIENTS = {
    "returned": "the pair (weight_grads, bias_grads)",
    "returned/0": "the list of weight gradients",
    "returned/0/*": "the gradient of W{}",
    "returned/1": "the list of bias gradients",
    "returned/1/*": "the gradient of b{}",
}


@exercise.check(
    "sigmoid",
    points=8,
    title="1 / (1 + exp(-z)) for every entry, of an array or a number",
    ran="sigmoid(z) on a (3, 4) array, a vector and a number",
    read="The sigmoid",
)
def sigmoid_of_every_entry(m: Any, rng: np.random.Generator) -> Any:
    z = rng.normal(size=(3, 4)) * 3
    vector, number = rng.normal(size=5), float(rng.normal())
    returned = {
        "a (3, 4) array": m.sigmoid(z),
        "a vector": m.sigmoid(vector),
        "a number": m.sigmoid(number),
    }
    return {"returned": returned, "inputs": {"z": z}}


@exercise.check(
    "sigmoid",
    points=7,
    title="nothing overflows on the way at -1000 or 1000",
    ran="sigmoid(z) at -1000, 1000 and between",
    read="The sigmoid",
    parts={"on the way": "what NumPy noticed on the way"},
)
def sigmoid_does_not_overflow(m: Any, rng: np.random.Generator) -> Any:
    z = np.concatenate([[-1000.0, 1000.0], rng.uniform(-900, 900, 6)])
    events: set[str] = set()
    with np.errstate(all="call", under="ignore", call=lambda kind, flag: events.add(kind)):
        returned = m.sigmoid(rng.permutation(z))
    return {"returned": returned, "on the way": ", ".join(sorted(events)) or "nothing happened"}


@exercise.check(
    "sigmoid_derivative",
    points=8,
    title="the derivative from the output a",
    ran="sigmoid_derivative(a) on a (3, 4) array and a number",
    read="The sigmoid",
)
def sigmoid_derivative_takes_the_output(m: Any, rng: np.random.Generator) -> Any:
    a, number = rng.uniform(0.01, 0.99, (3, 4)), float(rng.uniform())
    returned = {"a (3, 4) array": m.sigmoid_derivative(a), "a number": m.sigmoid_derivative(number)}
    return {"returned": returned, "inputs": {"a": a}}


def network(m: Any, rng: np.random.Generator, sizes: list[int]) -> Any:
    """Return a network of the learner's with random biases."""
    net = m.Network(sizes, seed=int(rng.integers(1000)))
    net.biases = [rng.normal(size=size) for size in sizes[1:]]
    return net


def example(rng: np.random.Generator, sizes: list[int]) -> tuple[np.ndarray, np.ndarray]:
    return rng.normal(size=sizes[0]), rng.uniform(size=sizes[-1])


def gradients(m: Any, rng: np.random.Generator, sizes: list[int]) -> Any:
    net = network(m, rng, sizes)
    x, target = example(rng, sizes)
    net.forward(x)
    return {"returned": net.backward(target)}


@exercise.check(
    "Network.backward",
    points=18,
    title="the gradients of a single layer",
    ran="net.backward(target) on a 4-3 network, after net.forward(x)",
    read="The output layer",
    parts=GRADIENTS,
    layers=1,
)
def backward_through_one_layer(m: Any, rng: np.random.Generator) -> Any:
    return gradients(m, rng, [4, 3])


@exercise.check(
    "Network.backward",
    points=24,
    title="the gradients of two layers",
    ran="net.backward(target) on a 3-4-2 network, after net.forward(x)",
    read="The hidden layers",
    parts=GRADIENTS,
    layers=2,
)
def backward_through_two_layers(m: Any, rng: np.random.Generator) -> Any:
    return gradients(m, rng, [3, 4, 2])


@exercise.check(
    "Network.backward",
    points=15,
    title="the gradients of four layers",
    ran="net.backward(target) on a 2-3-5-4-3 network, after forward(x)",
    read="The whole algorithm",
    parts=GRADIENTS,
    layers=4,
)
def backward_through_deep_networks(m: Any, rng: np.random.Generator) -> Any:
    return gradients(m, rng, [2, 3, 5, 4, 3])


def direction(pair: Any) -> Any:
    """Return all gradients divided by their common length: what is right but for a factor."""
    try:
        grads = [np.asarray(grad) for kind in pair for grad in kind]
        length = float(np.linalg.norm(np.concatenate(grads, axis=None)))
    except (TypeError, ValueError):
        return pair
    return [grad / length if length > 0 else grad for grad in grads]


@exercise.check(
    "Network.backward",
    points=10,
    title="backward belongs to the last forward, every time",
    ran="forward x1, forward x2, backward t2, forward x1, backward t1",
    read="The whole algorithm",
    parts={"the direction of the gradients/*": "the direction after {}"},
)
def backward_follows_the_last_forward(m: Any, rng: np.random.Generator) -> Any:
    sizes = [3, 4, 2]
    net = network(m, rng, sizes)
    (x1, t1), (x2, t2) = example(rng, sizes), example(rng, sizes)
    net.forward(x1)
    net.forward(x2)
    second = net.backward(t2)
    net.forward(x1)
    first = net.backward(t1)
    directions = {"backward(t2)": direction(second), "backward(t1)": direction(first)}
    return {"the direction of the gradients": directions}


@exercise.check(
    "Network.backward",
    points=10,
    title="the network, the example and the target are left as they were",
    ran="net.backward(target) twice on a 3-4-2 network",
    read="The whole algorithm",
)
def backward_changes_nothing(m: Any, rng: np.random.Generator) -> Any:
    sizes = [3, 4, 2]
    net = network(m, rng, sizes)
    x, target = example(rng, sizes)
    net.forward(x)
    net.backward(target)
    again = net.backward(target)
    kept = {
        "a weight matrix": list(net.weights),
        "a bias": list(net.biases),
        "x": x,
        "target": target,
    }
    return {"the direction of the second gradients": direction(again), "inputs": kept}
