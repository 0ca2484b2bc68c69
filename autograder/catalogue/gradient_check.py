"""Checks of `gradient_check`: measured slopes, sound networks and planted bugs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograder.catalogue.stand_ins import SquareNetwork, not_small, shuffled
from autograder.core.compare import EXACT, Tolerance
from autograder.core.exercise import Exercise

exercise = Exercise("gradient_check", "Gradient checking")

MEASURED = Tolerance(
    1e-6,
    1e-7,
    "a central difference at 1e-5 rounds to about 1e-10 and is off by 5e-8; the bugs planted in a "
    "network make a difference above 1e-3",
)
WIDE_STEP = Tolerance(
    1e-9,
    1e-10,
    "at a step of 0.01 rounding is below 1e-13, and a one-sided difference is off by 1e-3",
)


def cubic(rng: np.random.Generator, parameter: np.ndarray) -> Any:
    """Return a loss that reads the parameter: a cubic with random coefficients."""
    a, b, c = rng.uniform(0.5, 2.0, (3, *parameter.shape))
    return lambda: float((((a * parameter + b) * parameter + c) * parameter).sum())


@exercise.check(
    "numerical_gradient",
    points=20,
    title="a central difference with the epsilon that was asked for",
    ran="numerical_gradient(loss, parameter, epsilon=0.01), a cubic loss",
    read="Measuring a slope",
    tolerance=WIDE_STEP,
)
def numerical_gradient_is_a_central_difference(m: Any, rng: np.random.Generator) -> Any:
    parameter = rng.normal(size=(2, 3))
    loss = cubic(rng, parameter)
    returned = {
        "epsilon=0.01": m.numerical_gradient(loss, parameter, epsilon=0.01),
        "epsilon=0.03": m.numerical_gradient(loss, parameter, epsilon=0.03),
    }
    return {"returned": returned}


@exercise.check(
    "numerical_gradient",
    points=15,
    title="one slope for every entry, whatever the shape",
    ran="numerical_gradient(loss, parameter) on three shapes",
    read="Measuring a slope",
    tolerance=MEASURED,
)
def numerical_gradient_of_any_shape(m: Any, rng: np.random.Generator) -> Any:
    results = {}
    for shape in ((3,), (2, 4), (2, 1, 3)):
        parameter = rng.normal(size=shape)
        results[f"shape {shape}"] = m.numerical_gradient(cubic(rng, parameter), parameter)
    parameter = rng.normal(size=(3, 2)).T  # its entries don't lie in order
    results["a transposed matrix"] = m.numerical_gradient(cubic(rng, parameter), parameter)
    return {"returned": results}


@exercise.check(
    "numerical_gradient",
    points=10,
    title="every entry is put back, bit for bit",
    ran="numerical_gradient(loss, parameter), then looked at parameter",
    read="Measuring a slope",
    tolerance=MEASURED,
)
def numerical_gradient_puts_everything_back(m: Any, rng: np.random.Generator) -> Any:
    parameter, slopes = rng.normal(size=(3, 4)), rng.uniform(1, 2, (3, 4))
    parameter[:, rng.integers(4)] *= 1e-7  # so small that adding and subtracting loses digits
    before = parameter.copy()
    returned = m.numerical_gradient(lambda: float((slopes * parameter).sum()), parameter)
    return {"returned": returned, LEFT: left_behind(before, parameter)}


LEFT = "1e16 x the change left"


def left_behind(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Return a change so enlarged that its last bit shows beside measured slopes."""
    left: np.ndarray = 1e16 * (after - before)
    return left


def example(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    return not_small(rng, 2), not_small(rng, 2)


@exercise.check(
    "gradient_check",
    points=15,
    title="a sound network gets differences near zero, with any epsilon",
    ran="gradient_check(net, x, target[, epsilon]) on a sound network",
    read="Checking a network",
    tolerance=MEASURED,
)
def gradient_check_trusts_a_sound_network(m: Any, rng: np.random.Generator) -> Any:
    net, (x, target) = SquareNetwork(rng), example(rng)
    return {
        "returned": {
            "the usual epsilon": m.gradient_check(net, x, target),
            "epsilon=0.03": m.gradient_check(net, x, target, epsilon=0.03),
        }
    }


@exercise.check(
    "gradient_check",
    points=20,
    title="each planted bug is reported, where it is and as large as it is",
    ran="gradient_check(net, x, target) on two networks, three bugs each",
    read="Checking a network",
    tolerance=MEASURED,
    parts={"the reports/*": "the report of network {}"},
)
def gradient_check_exposes_planted_bugs(m: Any, rng: np.random.Generator) -> Any:
    factor, *others = SquareNetwork.BUGS  # the factor is missing in every gradient
    bugs = shuffled(rng, others)
    networks = [SquareNetwork(rng, [factor, *some]) for some in (bugs[:2], bugs[2:])]
    return {"the reports": [m.gradient_check(net, *example(rng)) for net in networks]}


@exercise.check(
    "gradient_check",
    points=5,
    title="the network's parameters are left as they were, bit for bit",
    ran="gradient_check(net, x, target), then looked at the network",
    read="Checking a network",
    tolerance=MEASURED,
    parts={f"{LEFT}/weights/*": f"{LEFT} in W{{}}", f"{LEFT}/biases/*": f"{LEFT} in b{{}}"},
)
def gradient_check_leaves_the_network(m: Any, rng: np.random.Generator) -> Any:
    net = SquareNetwork(rng, ["missing factor"])
    x, target = example(rng)
    before = [p.copy() for p in (*net.weights, *net.biases)]
    report = m.gradient_check(net, x, target)
    left = [left_behind(*pair) for pair in zip(before, (*net.weights, *net.biases), strict=True)]
    layers = {"weights": left[:3], "biases": left[3:]}
    return {"returned": report, LEFT: layers, "inputs": {"x": x, "target": target}}


NAMES = ("W1", "b1", "W2", "b2", "W3", "b3")


def reports(
    rng: np.random.Generator, tolerances: Sequence[float], spoils: Sequence[float]
) -> list[list[dict[str, float]]]:
    """Return 16 reports for each tolerance, half of them with one to all entries spoilt.

    Half of these are spoilt by a difference that is barely too large, or far too
    large; or all by `spoils`, if it isn't empty.
    """
    shape = (len(tolerances), 16)
    tolerance = np.reshape(tolerances, (-1, 1, 1))
    values = tolerance * rng.uniform(0.001, 0.9, (*shape, 6))
    values = np.where(rng.random(values.shape) < 0.1, tolerance, values)  # still passes
    number = rng.permuted(np.tile(np.arange(16), (shape[0], 1)), axis=1)[..., None]
    n_spoilt = np.where(number > 7, 1 + number % 6, 1) * (number % 2)
    spoilt = rng.random((*shape, 6)).argsort(axis=-1) < n_spoilt
    large = tolerance * (1.1 + np.where(number % 4 == 1, 0.9, 89.0) * rng.random((*shape, 1)))
    spoil = np.reshape(spoils, (-1, 1, 1)) if spoils else large
    values = np.where(spoilt, spoil, values)
    return [[dict(zip(NAMES, row, strict=True)) for row in rows] for rows in values.tolist()]


@exercise.check(
    "passes",
    points=10,
    title="one difference above the tolerance is enough to fail",
    ran="passes(report) and passes(report, tolerance) on 32 reports",
    read="What counts as passing",
    tolerance=EXACT,
)
def passes_needs_every_difference(m: Any, rng: np.random.Generator) -> Any:
    tolerance = float(10.0 ** rng.uniform(-3, -1))
    usual, others = reports(rng, [1e-5, tolerance], [])
    return {
        "the usual tolerance": [m.passes(report) for report in usual],
        "another tolerance": [m.passes(report, tolerance) for report in others],
    }


@exercise.check(
    "passes",
    points=5,
    title="a difference of NaN or infinity never passes",
    ran="passes(report) on 32 reports, some with NaN or infinity",
    read="What counts as passing",
    tolerance=EXACT,
)
def passes_refuses_nan(m: Any, rng: np.random.Generator) -> Any:
    with_nan, with_infinity = reports(rng, [1e-5, 1e-5], [math.nan, math.inf])
    return {
        "NaN": [m.passes(report) for report in with_nan],
        "infinity": [m.passes(report) for report in with_infinity],
    }
