"""The XOR lab of chapter 8: the twin of `js/xorLab.mjs`, with the course's own steps."""

from __future__ import annotations

from collections.abc import Callable

import descent
import matplotlib.pyplot as plt
import numpy as np
from numpy.typing import NDArray

from figures import svg
from play.drawing import still
from play.engine import generator, normal

Array = NDArray[np.float64]

SCRIPTS = ("play.js",)
SAMPLE, PER_CLUSTER, NOISE = 8, 25, 0.2
RATE, EPOCHS = 0.3, 500
METHODS = ("search", "average", "classical")
RESTARTS = ("one", "ten", "trained")


class Drawn:
    """A generator for `descent.make_xor` whose normal numbers a script can draw as well."""

    def __init__(self, seed: int) -> None:
        self._uniform = generator(seed)

    def normal(self, mean: float, deviation: float, size: int | tuple[int, ...]) -> Array:
        """Return normal numbers in the order of the array."""
        count = int(np.prod(size))
        draws = np.array([normal(self._uniform) for _ in range(count)])
        return mean + deviation * draws.reshape(size)


def examples(kind: str) -> tuple[Array, Array]:
    """Return the points and labels of a data set."""
    X, y = descent.make_xor(kind, PER_CLUSTER, NOISE, Drawn(SAMPLE))
    return X, y


def stepper(method: str, X: Array, y: Array, rate: float) -> Callable[[descent.TinyNetwork], None]:
    """Return what takes one step with a network."""
    velocity = np.zeros(9)

    def step(net: descent.TinyNetwork) -> None:
        nonlocal velocity
        if method == "search":
            descent.line_search_step(net, X, y, rate)
        elif method == "average":
            _, velocity = descent.momentum_step(net, X, y, rate, velocity)
        else:
            _, velocity = descent.classical_momentum_step(net, X, y, rate, velocity)

    return step


def start(X: Array, y: Array, restarts: str, seed: int) -> descent.TinyNetwork:
    """Return the network that a run begins with."""
    rng = Drawn(seed)

    def draw() -> descent.TinyNetwork:
        # Drawn in the order of the playground's network: hidden weights, hidden biases, output.
        w11, w12, w21, w22, b1, b2, v1, v2, c = rng.normal(0, 0.5, 9)
        return descent.TinyNetwork([w11, w12, b1, w21, w22, b2, v1, v2, c])

    n_starts = 1 if restarts == "one" else 10
    n_steps = 100 if restarts == "trained" else 0
    best, _ = descent.multistart_trained(
        draw, stepper("search", X, y, 0.3), lambda net: net.loss(X, y), n_starts, n_steps
    )
    return best


def losses(kind: str, method: str, rate: float, restarts: str, seed: int) -> list[float]:
    """Return the losses of a run, the first one before the first step."""
    X, y = examples(kind)
    net = start(X, y, restarts, seed)
    first = net.loss(X, y)
    if net.accuracy(X, y) >= 0.99 or first < 0.01:
        return [first]
    step = stepper(method, X, y, rate)
    return [first, *descent.train_to_convergence(net, step, X, y, EPOCHS)]


def static() -> tuple[str, str]:
    """Return the losses of six starts on clean XOR, and the caption."""
    fig, axes = plt.subplots()
    ends = []
    for seed in range(1, 7):
        run = losses("clean", "search", RATE, "one", seed)
        ends.append(len(run) - 1)
        axes.plot(
            run, color="C0" if ends[-1] < EPOCHS else "C1", ls="-" if ends[-1] < EPOCHS else "--"
        )
    axes.set(xlabel="epoch", ylabel="loss", yscale="log", xscale="symlog", xlim=(0, EPOCHS))
    good = sum(end < EPOCHS for end in ends)
    alt = (
        f"The losses of six starts on clean XOR: {good} reach 99 % (solid), the others stay where "
        "they are for 500 epochs (dashed)."
    )
    caption = (
        "The XOR lab. Circles are class 1, triangles class 0; a ring marks a wrong one. On paper: "
        "six starts on clean XOR with the line search; where a run ends is decided by its start."
    )
    return still(svg(fig, alt)), caption
