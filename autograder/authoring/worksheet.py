"""Backpropagation on paper: a small network with numbers of each student's own.

The trace is that of chapter 2: forward, the loss, the way back, one update, and forward
again. Its numbers follow from the student's name alone, and are drawn until the trace is
good to compute by hand. What comes out is computed with the reference.
"""

from __future__ import annotations

import hashlib
import itertools
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.authoring.variants import Variants

NEEDED = ("losses", "backprop", "training_loop")
"""The modules of the reference that a trace is computed with."""

RATE = 0.5
DECIMALS = 4
ACCEPTED = 0.0005
"""How far whoever rounds every step to four decimals may be from the exact numbers."""

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Sheet:
    """What is given: an example, its target, and the parameters of a 2-2-1 network.

    Attributes
    ----------
    student : str
    x : ndarray, shape (2,)
    t : ndarray, shape (1,)
    W1, b1, W2, b2 : ndarray
        Shapes (2, 2), (2,), (1, 2) and (1,).
    """

    student: str
    x: Array
    t: Array
    W1: Array
    b1: Array
    W2: Array
    b2: Array

    @property
    def given(self) -> dict[str, float]:
        """Each number that is given, by its symbol."""
        return {
            **_named("x{}", self.x),
            "t": float(self.t[0]),
            **_named("W⁽¹⁾{}", self.W1),
            **_named("b⁽¹⁾{}", self.b1),
            **_named("W⁽²⁾{}", self.W2),
            **_named("b⁽²⁾", self.b2),
        }


@dataclass(frozen=True)
class Step:
    """A step of the trace, and the numbers that belong into its boxes.

    Attributes
    ----------
    title, how : str
        What is computed, and by which equations of the chapter.
    boxes : dict of str to float
        By symbol, in the order in which they are computed.
    """

    title: str
    how: str
    boxes: dict[str, float]


@dataclass(frozen=True)
class Slip:
    """A wrong number that a known mistake leads to.

    Attributes
    ----------
    box : str
        The first one that goes wrong.
    value, right : float
    looks_like : str
        The mistake.
    """

    box: str
    value: float
    right: float
    looks_like: str


class Worksheets:
    """Makes the sheets, and what belongs into them.

    Parameters
    ----------
    solutions : Path
        The folder of the reference.
    """

    def __init__(self, solutions: Path) -> None:
        self._variants = Variants(solutions)
        modules = (self._variants.reference.module(name) for name in NEEDED)
        self._losses, self._backprop, self._training_loop = modules

    def sheet(self, student: str) -> Sheet:
        """Return a student's sheet: the same each time, and however the name is capitalized."""
        name = unicodedata.normalize("NFC", student.strip()).casefold()
        seed = hashlib.sha256(f"worksheet\0{name}".encode()).digest()
        draw = np.random.RandomState(np.frombuffer(seed, "<u4"))
        candidates = (_candidate(student, draw) for _ in itertools.count())
        return next(sheet for sheet in candidates if self._good(sheet))

    def trace(self, sheet: Sheet) -> list[Step]:
        """Return the steps with their exact numbers."""
        net = self._network(self._backprop, sheet)
        forward = self._forward(net, sheet)
        back = self._back(net, sheet)
        loss = self._training_loop.train_step(net, sheet.x, sheet.t, RATE)
        update = {
            **_named("new W⁽¹⁾{}", net.weights[0]),
            **_named("new b⁽¹⁾{}", net.biases[0]),
            **_named("new W⁽²⁾{}", net.weights[1]),
            **_named("new b⁽²⁾", net.biases[1]),
        }
        again = {f"new {name}": value for name, value in self._forward(net, sheet).items()}
        new_loss = self._losses.mse_loss(net.activations[2], sheet.t)
        error = forward["a⁽²⁾"] - float(sheet.t[0])
        return [
            Step("Forward", "Weighted sums z, then the sigmoid (2.1).", forward),
            Step(
                "The loss",
                "The error of the output, and the mean squared error (1.1) of one output.",
                {"a⁽²⁾ − t": error, "L": loss},
            ),
            *back,
            Step(
                "The update",
                f"Move every parameter against its gradient (4.1); the learning rate is {RATE:g}.",
                update,
            ),
            Step(
                "Forward again",
                "With the new parameters. Is the loss smaller?",
                {**again, "new L": float(new_loss), "L − new L": float(loss - new_loss)},
            ),
        ]

    def _forward(self, net: Any, sheet: Sheet) -> dict[str, float]:
        net.forward(sheet.x)
        _, a1, a2 = net.activations
        return {
            **_named("z⁽¹⁾{}", net.weights[0] @ sheet.x + net.biases[0]),
            **_named("a⁽¹⁾{}", a1),
            **_named("z⁽²⁾", net.weights[1] @ a1 + net.biases[1]),
            **_named("a⁽²⁾", a2),
        }

    def _back(self, net: Any, sheet: Sheet) -> list[Step]:
        (dW1, dW2), (delta1, delta2) = net.backward(sheet.t)
        _, a1, a2 = net.activations
        slope = self._backprop.sigmoid_derivative
        return [
            Step(
                "Back through the output",
                "The slope of the loss by a⁽²⁾ (1.2), the slope of the sigmoid (2.2), their "
                "product δ⁽²⁾ (2.3), and the gradients (2.4) and (2.5).",
                {
                    **_named("∂L/∂a⁽²⁾", self._losses.mse_gradient(a2, sheet.t)),
                    **_named("σ′(z⁽²⁾)", slope(a2)),
                    **_named("δ⁽²⁾", delta2),
                    **_named("∂L/∂W⁽²⁾{}", dW2),
                    **_named("∂L/∂b⁽²⁾", delta2),
                },
            ),
            Step(
                "Back through the hidden layer",
                "Send δ⁽²⁾ back along the weights of the way forward, multiply by the slopes "
                "(2.6), and get the gradients (2.4) and (2.5).",
                {
                    **_named("∂L/∂a⁽¹⁾{}", net.weights[1].T @ delta2),
                    **_named("σ′(z⁽¹⁾{})", slope(a1)),
                    **_named("δ⁽¹⁾{}", delta1),
                    **_named("∂L/∂W⁽¹⁾{}", dW1),
                    **_named("∂L/∂b⁽¹⁾{}", delta1),
                },
            ),
        ]

    def slips(self, sheet: Sheet) -> list[Slip]:
        """Return where each mistake shows that the checks know of `backward`, if it does here."""
        right = self._gradients(self._backprop, sheet)
        found: dict[tuple[str, float], Slip] = {}
        for mistake in self._variants.mistakes("backprop"):
            if mistake.function != "Network.backward":
                continue
            wrong = self._gradients(self._variants.with_mistake(mistake), sheet)
            if wrong.keys() != right.keys():
                continue
            box = next((name for name in right if _differ(wrong[name], right[name])), None)
            if box is not None:
                key = box, round(wrong[box], DECIMALS)
                found.setdefault(key, Slip(box, wrong[box], right[box], mistake.looks_like))
        return list(found.values())

    def _good(self, sheet: Sheet) -> bool:
        """Whether a trace is good to compute by hand.

        Nothing is saturated, the output is wrong enough to have something to learn, no
        number drowns in the rounding, the loss falls visibly, and no two numbers are
        equal by accident, which would hide a mistake.
        """
        boxes = {name: value for step in self.trace(sheet) for name, value in step.boxes.items()}
        sums = [abs(value) for name, value in boxes.items() if name.startswith(("z", "new z"))]
        equal = ("∂L/∂b", "a⁽²⁾ −")  # by an equation, and the latter if the target is 0
        others = [value for name, value in boxes.items() if not name.startswith(equal)]
        sizes = [round(abs(value), DECIMALS) for value in (*sheet.given.values(), *others)]
        return (
            min(sums) >= 0.15
            and max(sums) <= 1.5
            and 0.25 <= abs(boxes["a⁽²⁾ − t"]) <= 0.75
            and boxes["L − new L"] >= 0.01
            and min(abs(value) for value in others) >= 0.002
            and len(set(sizes)) == len(sizes)
        )

    @staticmethod
    def _network(module: ModuleType, sheet: Sheet) -> Any:
        net = module.Network([2, 2, 1])
        net.weights = [sheet.W1.copy(), sheet.W2.copy()]
        net.biases = [sheet.b1.copy(), sheet.b2.copy()]
        return net

    def _gradients(self, module: ModuleType, sheet: Sheet) -> dict[str, float]:
        """Return what a `backward` says, by box, from the output back; nothing if it can't be."""
        net = self._network(module, sheet)
        net.forward(sheet.x)
        try:
            (dW1, dW2), (db1, db2) = net.backward(sheet.t)
        except (ValueError, TypeError, IndexError):
            return {}
        shapes = [np.shape(array) for array in (dW2, db2, dW1, db1)]
        if shapes != [array.shape for array in (sheet.W2, sheet.b2, sheet.W1, sheet.b1)]:
            return {}
        return {
            **_named("∂L/∂W⁽²⁾{}", dW2),
            **_named("∂L/∂b⁽²⁾", db2),
            **_named("∂L/∂W⁽¹⁾{}", dW1),
            **_named("∂L/∂b⁽¹⁾{}", db1),
        }


def _candidate(student: str, draw: np.random.RandomState) -> Sheet:
    sizes = draw.permutation([2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13])[:8] / 10  # not 1: it hides
    biases = draw.permutation(np.arange(2, 20))[:3] / 100
    signs = draw.choice([-1, 1], 8)
    signs[7] = -signs[6]  # the two hidden units pull at the output in different directions
    x, W1, W2 = np.split(sizes * signs, [2, 6])
    b1, b2 = np.split(biases * draw.choice([-1, 1], 3), [2])
    t = draw.randint(0, 2, 1).astype(float)
    return Sheet(student, x, t, W1.reshape(2, 2), b1, W2.reshape(1, 2), b2)


def _named(pattern: str, array: Array) -> dict[str, float]:
    """Return the entries of an array by their symbols, with indices from 1 as in the chapter."""
    return {
        pattern.format("".join("₁₂"[i] for i in index)): float(value)
        for index, value in np.ndenumerate(array)
    }


def _differ(one: float, other: float) -> bool:
    return abs(one - other) > 2 * ACCEPTED
