"""A loss of two weights for chapter 8, and three ways down it: plain, with momentum, Adam."""

from __future__ import annotations

import numpy as np
from contourpy import contour_generator
from descent import adam_step
from numpy.typing import NDArray

from play.drawing import still, svg
from play.engine import tanh

Array = NDArray[np.float64]

SCRIPTS = ("play.js",)
INPUTS = np.array([-2, -1, -0.5, 0.5, 1, 2])
TARGETS = 1.2 * tanh(1.5 * INPUTS)
SPAN = (3.0, 2.5)
WIDTH, HEIGHT = 400, 334
STEPS = 100
START, RATE = (2.8, -0.6), 0.1
LEVELS = (0.01, 0.03, 0.1, 0.2, 0.4, 0.7, 1, 1.5, 2.5, 4, 6, 9)
METHODS = ("plain", "momentum", "Adam")


def loss(w1: Array, w2: Array) -> Array:
    """Return the mean squared error of `w2 tanh(w1 x)`, for arrays of weights of one shape."""
    misses = w2[..., None] * tanh(w1[..., None] * INPUTS) - TARGETS
    mean: Array = np.mean(misses**2, axis=-1)
    return mean


def gradient(weights: Array) -> Array:
    """Return the loss's derivatives by the two weights."""
    w1, w2 = weights
    a = tanh(w1 * INPUTS)
    misses = 2 * (w2 * a - TARGETS) / len(INPUTS)
    return np.array([misses @ (w2 * (1 - a * a) * INPUTS), misses @ a])


def descend(method: str, start: tuple[float, float], rate: float, steps: int = STEPS) -> Array:
    """Return the points from the start on, shape (steps + 1, 2), equations (8.5) to (8.8)."""
    weights, velocity = np.array(start, dtype=float), np.zeros(2)
    state: dict[str, object] = {}
    points = [weights.copy()]
    for _ in range(steps):
        if method == "Adam":
            adam_step([weights], [gradient(weights)], state, lr=rate)
        else:
            velocity = 0.9 * velocity * (method == "momentum") + gradient(weights)
            weights -= rate * velocity
        points.append(weights.copy())
    return np.array(points)


def place(points: Array) -> str:
    """Return points as the `d` of a line in the drawing."""
    across = WIDTH / 2 * (1 + points[:, 0] / SPAN[0])
    down = HEIGHT / 2 * (1 - points[:, 1] / SPAN[1])
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in zip(across, down, strict=True))


def contours(level: float) -> str:
    """Return the lines of equal loss."""
    w1, w2 = np.meshgrid(np.linspace(-SPAN[0], SPAN[0], 91), np.linspace(-SPAN[1], SPAN[1], 76))
    lines = contour_generator(w1, w2, loss(w1, w2)).lines(level)
    return "".join(place(np.asarray(line)) for line in lines)


def static() -> tuple[str, str]:
    """Return the surface with the three paths from one start, and the caption."""
    drawn = [f'<path class="contour" d="{contours(level)}"/>' for level in LEVELS]
    ends = {}
    for method in METHODS:
        points = descend(method, START, RATE)
        line = place(points)
        ends[method] = float(loss(points[-1:, 0], points[-1:, 1])[0])
        drawn.append(f'<path class="path {method}" d="{line}"/>')
        end = line.rpartition("L")[2]
        drawn.append(f'<circle class="stop {method}" r="5" transform="translate({end})"/>')
    for k, method in enumerate(METHODS):
        y = 18 + 18 * k
        drawn.append(f'<path class="path {method}" d="M12 {y}h30"/>')
        drawn.append(f'<text x="48" y="{y + 4}">{method}</text>')
    drawn.append(f'<text class="end" x="{WIDTH - 8}" y="{HEIGHT - 8}">first weight →</text>')
    drawn.append(f'<text class="end" transform="translate(18 {HEIGHT / 2:g}) rotate(-90)">')
    drawn.append("second weight →</text>")
    told = ", ".join(f"{method} {end:.6f}" for method, end in ends.items())
    alt = (
        "Lines of equal loss over two weights: two valleys at opposite corners, a saddle between "
        f"them. Three paths from one start; losses after {STEPS} steps: {told}."
    )
    caption = (
        "The loss of a network with two weights: across, the one before the tanh; upward, the one "
        "after it. Both valleys hold equally good networks. In the flat part of a valley the "
        "gradient is small, and a plain path creeps."
    )
    return still(svg(WIDTH, HEIGHT, alt, *drawn)), caption
