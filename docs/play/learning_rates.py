"""The sweep of chapter 4: the same start, trained on XOR at rates from slow to frozen."""

from __future__ import annotations

import numpy as np
from backprop import Network
from training_loop import train_step

from play.drawing import Axis, Chart, states, still, svg

SCRIPTS = ("play.js",)
RATES = (0.03, 0.1, 0.3, 1.0, 2.0, 5.0, 50.0)
EPOCHS = 500
X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
Y = np.array([[0.0], [1.0], [1.0], [0.0]])
LABELED = (-1, -21, -1, -61, -1, -21, -41)  # which of the points below carries a curve's rate
SHOWN = np.unique(np.round(np.linspace(0, EPOCHS - 1, 120)).astype(int))


def curve(rate: float) -> np.ndarray:
    """Return the mean loss of each epoch, example by example in order, as in chapter 4."""
    net = Network([2, 4, 1], seed=42)
    losses = [train_step(net, x, y, rate) for _ in range(EPOCHS) for x, y in zip(X, Y, strict=True)]
    means: np.ndarray = np.reshape(losses, (EPOCHS, 4)).mean(axis=1)
    return means


def verdict(losses: np.ndarray) -> str:
    """Say in words what a curve shows."""
    start, end = losses[0], losses[-1]
    if np.ptp(losses[10:]) < 1e-3 * start and end > 0.4:
        return "frozen: the outputs are saturated, and no gradient is left to move them"
    if end > 0.5 * start:
        return "slow: it has hardly begun to fall"
    if np.max(np.diff(losses)) > 0.02:
        return "fast, after a rough stretch"
    return "it learns, and the curve is smooth" if end < 0.01 else "on its way, but not there yet"


def static() -> tuple[str, str]:
    """Return a curve for each rate with a text for each, and the caption."""
    chart = Chart(Axis(0, EPOCHS, "epoch"), Axis(1e-4, 1, "loss", log=True))
    drawn, says, lowest = [], [], 1.0
    best = 0.0
    for k, rate in enumerate(RATES):
        losses = curve(rate)
        if losses[-1] < lowest:
            lowest, best = losses[-1], rate
        at = SHOWN[LABELED[k]]
        x, y = chart.place(at, losses[at])
        drawn.append(
            f'<path class="line" data-on="{k}" d="{chart.path(SHOWN, losses[SHOWN])}"/>'
            f'<text class="end" data-on="{k}" x="{x:g}" y="{y - 5:g}">{rate:g}</text>'
        )
        says.append(
            f"Learning rate <b>{rate:g}</b>: after {EPOCHS} epochs the loss is {losses[-1]:.6f}. "
            f"{verdict(losses).capitalize()}."
        )
    alt = (
        f"Seven loss curves, each from the same start. The smallest rates fall slowly, rate "
        f"{best:g} comes lowest, and rate {RATES[-1]:g} lies flat from the start."
    )
    caption = (
        "XOR with a 2-4-1 network: one start, seven learning rates. Each curve carries its rate. "
        "Between the fastest and the frozen one the runs are chaotic, and their numbers mean "
        "nothing; they are left out."
    )
    labels = [f"{rate:g}" for rate in RATES]
    picture = svg(chart.width, chart.height, alt, chart.frame(), *drawn)
    return still(picture + states("Learning rate", labels, says)), caption
