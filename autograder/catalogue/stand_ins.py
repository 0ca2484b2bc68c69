"""Networks for checks that need one without needing the learner's.

They keep the contract of a network (`weights`, `biases`, `forward`, `backward`)
and none of its mathematics, so they give no other exercise's answer away.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def refusal(function: Callable[..., Any], *arguments: Any) -> str:
    """Return whether a function refuses its arguments: "raises ValueError" or "accepted"."""
    try:
        function(*arguments)
    except ValueError:
        return "raises ValueError"
    return "accepted"


class ScriptedNetwork:
    """A network of four layers whose outputs and gradients are scripted by random numbers.

    The output depends on the input and on all parameters, the gradients depend on
    the last output, the target and all parameters; so a loop that measures at the wrong moment,
    forgets a parameter or mixes up examples leaves other numbers behind.
    """

    def __init__(self, rng: np.random.Generator, n_in: int, n_out: int) -> None:
        shapes = [(4, n_in), (3, 4), (5, 3), (n_out, 5)]
        self.weights = [rng.normal(size=shape) for shape in shapes]
        self.biases = [rng.normal(size=shape[0]) for shape in shapes]
        self._mix = rng.normal(size=(n_out, n_in))
        self._tilt = rng.normal(size=n_out)
        self._directions = [rng.normal(size=(n_out, *p.shape)) for p in self._parameters()]
        self._output = np.zeros(n_out)

    def _parameters(self) -> list[Array]:
        return [*self.weights, *self.biases]

    def _level(self) -> float:
        return sum(float(np.sin(parameter).sum()) for parameter in self._parameters())

    def forward(self, x: Array) -> Array:
        self._output = np.cos(self._mix @ x + self._level() * self._tilt)
        return self._output.copy()

    def backward(self, target: Array) -> tuple[list[Array], list[Array]]:
        miss = self._output - target + 0.1 * np.sin(self._level())
        scripted = [np.tensordot(miss, way, axes=1) for way in self._directions]
        return scripted[: len(self.weights)], scripted[len(self.weights) :]


def parameters_of(net: Any) -> dict[str, Any]:
    """Return a network's parameters as an observation."""
    return {"weights": list(net.weights), "biases": list(net.biases)}


PARAMETER_NAMES = {
    "parameters/weights": "the list of weights",
    "parameters/weights/*": "the new W{}",
    "parameters/biases": "the list of biases",
    "parameters/biases/*": "the new b{}",
}
"""Names for the parts of what `parameters_of` returns, under the key "parameters"."""


class SquareNetwork:
    """Three layers, the hidden one squared, with gradients from its Jacobian.

    Parameters
    ----------
    rng : numpy.random.Generator
    bug : str
        What is planted in `backward`; one of `BUGS`, or "" for none.
    """

    BUGS = (
        "transposed gradient",
        "missing derivative",
        "missing factor",
        "stale activation",
        "forgotten bias",
    )

    def __init__(self, rng: np.random.Generator, bug: str = "") -> None:
        self.bug = bug
        n, middle, n_out = 3, 4, 2  # as many hidden units as inputs: a transpose keeps the shape
        self.weights = [
            rng.normal(size=(n, n)),
            rng.normal(size=(middle, n)) / 2,
            rng.normal(size=(n_out, middle)) / 2,
        ]
        self.biases = [rng.normal(size=n), rng.normal(size=middle), rng.normal(size=n_out)]
        self.forward(rng.normal(size=n))
        self._first = self._x

    def forward(self, x: Array) -> Array:
        self._x = x
        self._z = self.weights[0] @ x + self.biases[0]
        self._middle: Array = self.weights[1] @ self._z**2 + self.biases[1]
        self._output: Array = self.weights[2] @ self._middle + self.biases[2]
        return self._output.copy()

    def backward(self, target: Array) -> tuple[list[Array], list[Array]]:
        pull = self._output - target  # its mean square is the loss of two outputs
        if self.bug == "missing factor":
            pull = pull / 2
        slope = np.ones_like(self._z) if self.bug == "missing derivative" else 2 * self._z
        x = self._first if self.bug == "stale activation" else self._x
        by_middle = np.einsum("i,ij->j", pull, self.weights[2])
        by_hidden = np.einsum("i,ij,j->j", by_middle, self.weights[1], slope)
        grads = [
            np.einsum("j,k->jk", by_hidden, x),
            np.einsum("i,j->ij", by_middle, self._z**2),
            np.einsum("i,j->ij", pull, self._middle),
        ]
        bias_grads = [by_hidden, by_middle, pull]
        if self.bug == "transposed gradient":
            grads[0] = grads[0].T
        if self.bug == "forgotten bias":
            bias_grads[0] = np.zeros_like(by_hidden)
        return grads, bias_grads


def shuffled(rng: np.random.Generator, items: Sequence[Any]) -> list[Any]:
    """Return the items in a random order."""
    return [items[i] for i in rng.permutation(len(items))]
