"""Networks for checks that need one without needing the learner's.

They keep the contract of a network (`weights`, `biases`, `forward`, `backward`)
and none of its mathematics, so they give no other exercise's answer away.
"""

from __future__ import annotations

import copy
import itertools
import math
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
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


def in_a_folder(look: Callable[[Path], Any]) -> Any:
    """Return what `look` sees in a folder that is thrown away."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        return look(Path(folder))


SHALLOW, DEEP = (4,), (4, 3, 5)
"""Units of the hidden layers of a network of two layers, and of one of four."""


class ScriptedNetwork:
    """A network whose outputs and gradients are scripted by random numbers.

    The output depends on the input and on all parameters, the gradients depend on
    the last output, the target and all parameters; so a loop that measures at the wrong moment,
    forgets a parameter or mixes up examples leaves other numbers behind. No parameter
    acts linearly: otherwise training could make two networks equal that started apart.

    Parameters
    ----------
    rng : numpy.random.Generator
    n_in, n_out : int
    hidden : sequence of int
        Units of the hidden layers. Each layer takes time, so where the number of
        layers doesn't matter there are few.
    """

    def __init__(
        self, rng: np.random.Generator, n_in: int, n_out: int, hidden: Sequence[int] = (4, 3)
    ) -> None:
        sizes = [n_in, *hidden, n_out]
        shapes = [*zip(sizes[1:], sizes[:-1], strict=True), *((n,) for n in sizes[1:])]
        ends = list(itertools.accumulate(map(math.prod, shapes)))
        self._n_layers = len(sizes) - 1
        self._places = [
            (slice(end - math.prod(shape), end), shape)
            for end, shape in zip(ends, shapes, strict=True)
        ]
        self.weights, self.biases = self._as_parameters(rng.normal(size=ends[-1]))
        self._directions = rng.normal(size=(n_out, ends[-1]))
        self._probe = rng.normal(size=ends[-1])
        self._mix = rng.normal(size=(n_out, n_in))
        self._tilt = rng.normal(size=n_out)
        self._output = np.zeros(n_out)

    def _as_parameters(self, numbers: Array) -> tuple[list[Array], list[Array]]:
        arrays = [numbers[place].reshape(shape) for place, shape in self._places]
        return arrays[: self._n_layers], arrays[self._n_layers :]

    def copy(self) -> ScriptedNetwork:
        """Return a network that learns on its own from here."""
        other = copy.copy(self)
        other.weights = [W.copy() for W in self.weights]
        other.biases = [b.copy() for b in self.biases]
        return other

    def _level(self) -> float:
        parameters = np.concatenate([*self.weights, *self.biases], axis=None)
        return float(np.sin(parameters).dot(self._probe))

    def forward(self, x: Array) -> Array:
        self._output = np.cos(self._mix.dot(x) + self._level() * self._tilt)
        return self._output.copy()

    def backward(self, target: Array) -> tuple[list[Array], list[Array]]:
        miss = self._output - target + 0.1 * math.sin(self._level())
        return self._as_parameters(miss.dot(self._directions))


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


def not_small(rng: np.random.Generator, shape: int | tuple[int, ...]) -> Array:
    """Return numbers from 0.5 to 1.5 with random signs: small ones would make small bugs."""
    numbers: Array = rng.uniform(-1.0, 1.0, shape)
    numbers += np.copysign(0.5, numbers)
    return numbers


class SquareNetwork:
    """Three layers with a square after the first and a sine after the last, and its gradients.

    Parameters
    ----------
    rng : numpy.random.Generator
    bugs : sequence of str
        What is planted in `backward`; each one of `BUGS`.
    """

    BUGS = (
        "missing factor",
        "transposed gradient",
        "missing derivative",
        "stale activation",
        "forgotten bias",
    )

    def __init__(self, rng: np.random.Generator, bugs: Sequence[str] = ()) -> None:
        self.bugs = bugs
        shapes = [(2, 2), (1, 2), (2, 1)]  # the first is square: a transpose keeps the shape
        self.weights = [not_small(rng, shape) for shape in shapes]
        self.weights[0] /= 2
        self.biases = [not_small(rng, shape[0]) / 2 for shape in shapes]
        self.forward(not_small(rng, 2))
        self._first = self._x

    def forward(self, x: Array) -> Array:
        self._x = x
        self._z = z = self.weights[0].dot(x) + self.biases[0]
        self._middle: Array = self.weights[1].dot(z * z) + self.biases[1]
        self._before: Array = self.weights[2].dot(self._middle) + self.biases[2]
        output: Array = np.sin(self._before)
        return output

    def backward(self, target: Array) -> tuple[list[Array], list[Array]]:
        miss = np.sin(self._before) - target  # its mean square is the loss of two outputs
        pull = miss * np.cos(self._before)
        if "missing factor" in self.bugs:
            pull = pull / 2
        slope = np.ones_like(self._z) if "missing derivative" in self.bugs else 2 * self._z
        x = self._first if "stale activation" in self.bugs else self._x
        by_middle = np.einsum("i,ij->j", pull, self.weights[2])
        by_hidden = np.einsum("i,ij,j->j", by_middle, self.weights[1], slope)
        grads = [
            np.einsum("j,k->jk", by_hidden, x),
            np.einsum("i,j->ij", by_middle, self._z**2),
            np.einsum("i,j->ij", pull, self._middle),
        ]
        bias_grads = [by_hidden, by_middle, pull]
        if "transposed gradient" in self.bugs:
            grads[0] = grads[0].T
        if "forgotten bias" in self.bugs:
            bias_grads[0] = np.zeros_like(by_hidden)
        return grads, bias_grads


def shuffled(rng: np.random.Generator, items: Sequence[Any]) -> list[Any]:
    """Return the items in a random order."""
    return [items[i] for i in rng.permutation(len(items)).tolist()]
