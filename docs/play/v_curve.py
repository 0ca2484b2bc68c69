"""The V-curve of chapter 3: the error of a measured slope against the step it was measured with."""

from __future__ import annotations

import numpy as np
from gradient_check import numerical_gradient
from losses import mse_loss

from play.backprop_trace import network
from play.drawing import Axis, Chart, states, still, svg

SCRIPTS = ("play.js",)
STEPS = 10.0 ** np.arange(-14, 0.01, 0.5)
X, TARGET = np.array([1.0, 2.0]), np.array([1.0])


def errors() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the errors of the one-sided and of the central difference, and the rounding in them.

    Each has one number for each of `STEPS`. Both differences measure the slope of the loss by the
    first output weight of the network of chapter 2. Rounding is estimated as u L / step.
    """
    net = network()
    weights = net.weights[1]

    def loss() -> float:
        return float(mse_loss(net.forward(X), TARGET))

    here = loss()
    slope = net.backward(TARGET)[0][1][0, 0]
    one_side, both_sides = [], []
    for step in STEPS:
        start = weights[0, 0]
        weights[0, 0] = start + step
        one_side.append(abs((loss() - here) / step - slope))
        weights[0, 0] = start
        both_sides.append(abs(numerical_gradient(loss, weights, step)[0, 0] - slope))
    rounding = np.finfo(float).eps / 2 * here / STEPS
    return np.array(one_side), np.array(both_sides), rounding


def expected(measured: np.ndarray, rounding: np.ndarray, power: int) -> np.ndarray:
    """Return the error without its ragged part: the bend grows as a power of the step."""
    at = int(np.searchsorted(STEPS, 1e-2))  # far from rounding
    smooth: np.ndarray = measured[at] * (STEPS / STEPS[at]) ** power + 2 * rounding
    return smooth


def size(measured: float, rounding: float, estimate: float) -> str:
    """Return an error to the digits that hold: where rounding makes it, not one does."""
    if measured > 100 * rounding:
        return f"{measured:.0e}"
    return f"about {10.0 ** round(np.log10(estimate)):.0e}"


def static() -> tuple[str, str]:
    """Return the two curves with a text for each step, and the caption."""
    one_side, both_sides, rounding = errors()
    smooth_one, smooth_both = expected(one_side, rounding, 1), expected(both_sides, rounding, 2)
    chart = Chart(
        Axis(1e-14, 1, "step ε", log=True), Axis(1e-13, 1, "error of the slope", log=True)
    )
    lowest = int(np.argmin(smooth_both))
    says, at = [], []
    for k, step in enumerate(STEPS):
        cause = "the curve's bend" if k > lowest else "rounding"
        best = ", the best of these" if k == lowest else f", mostly from {cause}"
        says.append(
            f"ε = {step:.0e}: the central difference is off by "
            f"<b>{size(both_sides[k], rounding[k], smooth_both[k])}</b>{best}. "
            f"The one-sided difference is off by {size(one_side[k], rounding[k], smooth_one[k])}."
        )
        at.append(chart.place(step, both_sides[k]))
    x_one, y_one = chart.place(1e-2, one_side[24])
    x_both, y_both = chart.place(1e-3, both_sides[22])
    picture = svg(
        chart.width,
        chart.height,
        "The error against the step, both logarithmic: two V shapes. The central difference is "
        f"lowest near {STEPS[lowest]:.0e}, the one-sided one near "
        f"{STEPS[int(np.argmin(smooth_one))]:.0e} and much higher.",
        chart.frame(),
        f'<path class="line second" d="{chart.path(STEPS, one_side)}"/>',
        f'<path class="line first" d="{chart.path(STEPS, both_sides)}"/>',
        f'<text class="end" x="{x_one - 8:g}" y="{y_one - 6:g}">one side</text>',
        f'<text x="{x_both + 10:g}" y="{y_both + 4:g}">both sides</text>',
        '<circle class="marker" r="6"/>',
    )
    caption = (
        "How far a measured slope is from the true one. To the right the curve bends between the "
        "two points; to the left the two losses agree in so many digits that only rounding is left."
    )
    return still(picture + states("Step", [f"{step:.0e}" for step in STEPS], says, at)), caption
