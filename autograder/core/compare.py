"""Hold an observation against the reference's and list the differences."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.core.plain import Opaque

KINDS = (
    "wrong type",
    "wrong shape",
    "not finite",
    "wrong values",
    "input changed",
)
"""The kinds of difference, in the order in which they are reported."""


@dataclass(frozen=True)
class Tolerance:
    """How far a correct implementation may be from the reference.

    Attributes
    ----------
    relative, absolute : float
        An entry is right if it is within `absolute + relative * |expected|`.
    because : str
        What was measured: how far correct code drifts, how near wrong code comes.
    """

    relative: float
    absolute: float
    because: str


ONE_EVALUATION = Tolerance(
    1e-9,
    1e-12,
    "correct float64 code drifts at most 1e-14 over NumPy versions, BLAS kernels and ways to "
    "write it; the nearest typical mistake is 2.6e-3 away",
)
EXACT = Tolerance(0.0, 0.0, "indices, counts, texts and restored bits have no rounding")

SINGLE_PRECISION = Tolerance(
    1e-4,
    1e-6,
    "one evaluation in float32 drifts at most 7e-5; applied to results whose dtype is float32",
)


@dataclass(frozen=True)
class Difference:
    """One part of an observation that is not what the reference shows.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    path : tuple
        Where in the observation: keys and indices.
    got, expected : plain data
        The two parts; arrays where numbers were compared.
    note : str
        A sentence that says more than the values do, or nothing.
    """

    kind: str
    path: tuple[str | int, ...]
    got: Any
    expected: Any
    note: str = ""


def compare(got: Any, expected: Any, tolerance: Tolerance) -> list[Difference]:
    """Return all differences, the most basic kind first; none if `got` is right.

    Parameters
    ----------
    got, expected : plain data
        The observations on the learner's module and on the reference. A top-level
        key "inputs" holds arguments as they were after the call.
    tolerance : Tolerance
    """
    if _same(got, expected):
        return []
    found = list(_walk((), got, expected, tolerance))
    return sorted(found, key=lambda difference: KINDS.index(difference.kind))


def agree(got: Any, expected: Any, tolerance: Tolerance) -> bool:
    """Say whether there is no difference, looking no further than the first."""
    return _same(got, expected) or next(_walk((), got, expected, tolerance), None) is None


def _same(got: Any, expected: Any) -> bool:
    """Say whether two observations agree bit for bit: then nothing has to be measured."""
    kind = type(expected)
    if type(got) is not kind:
        return False
    if kind is np.ndarray:
        alike: bool = got.dtype == expected.dtype and got.shape == expected.shape
        return alike and bool(got.tobytes() == expected.tobytes())
    if kind is dict:
        return got.keys() == expected.keys() and all(
            _same(got[key], expected[key]) for key in expected
        )
    if kind is list:
        return len(got) == len(expected) and all(map(_same, got, expected))
    return bool(got == expected)


def _walk(
    path: tuple[str | int, ...], got: Any, expected: Any, tolerance: Tolerance
) -> Iterator[Difference]:
    if isinstance(expected, dict):
        if not isinstance(got, dict):
            yield Difference("wrong type", path, got, expected)
        elif set(got) != set(expected):
            yield Difference("wrong values", path, sorted(got), sorted(expected))
        else:
            for key in expected:
                yield from _walk((*path, key), got[key], expected[key], tolerance)
    elif isinstance(expected, list):
        items = _as_list(got)
        if items is None:
            yield Difference("wrong type", path, got, expected)
        elif len(items) != len(expected):
            note = f"{len(items)} items, where {len(expected)} belong"
            yield Difference("wrong shape", path, got, expected, note)
        else:
            for i, (item, wanted) in enumerate(zip(items, expected, strict=True)):
                yield from _walk((*path, i), item, wanted, tolerance)
    else:
        yield from _leaf(path, got, expected, tolerance)


def _as_list(got: Any) -> list[Any] | None:
    if isinstance(got, list):
        return got
    if isinstance(got, np.ndarray) and got.ndim > 0:
        return [got[i, ...] for i in range(len(got))]
    return None


def _leaf(
    path: tuple[str | int, ...], got: Any, expected: Any, tolerance: Tolerance
) -> list[Difference]:
    if _same(got, expected):
        return []
    if expected is None or isinstance(expected, (str, Opaque)):
        kind = "wrong values" if isinstance(got, str) or expected is None else "wrong type"
        return [Difference(_changed(path, kind), path, got, expected)]
    numbers, wanted = _as_numbers(got), np.asarray(expected)
    if numbers is None or (numbers.dtype.kind == "b") != (wanted.dtype.kind == "b"):
        return [Difference(_changed(path, "wrong type"), path, got, expected)]
    if numbers.shape != wanted.shape:
        return [Difference(_changed(path, "wrong shape"), path, numbers, wanted)]
    if within(numbers, wanted, tolerance).all():
        return []
    if not np.isfinite(numbers).all() and np.isfinite(wanted).all():
        return [Difference(_changed(path, "not finite"), path, numbers, wanted)]
    return [Difference(_changed(path, "wrong values"), path, numbers, wanted)]


def within(got: np.ndarray, expected: np.ndarray, tolerance: Tolerance) -> np.ndarray:
    """Return for each entry whether it is right; NaN is only where NaN is expected."""
    relative, absolute = tolerance.relative, tolerance.absolute
    if got.dtype == np.float32 and relative > 0:
        relative = max(relative, SINGLE_PRECISION.relative)
        absolute = max(absolute, SINGLE_PRECISION.absolute)
    numbers, wanted = got.astype(float, copy=False), expected.astype(float, copy=False)
    with np.errstate(all="ignore"):
        allowed = absolute + relative * np.abs(wanted)
        right: np.ndarray = (np.abs(numbers - wanted) <= allowed) & np.isfinite(allowed)
        if not right.all():
            right |= (got == expected) | (np.isnan(numbers) & np.isnan(wanted))
        return right


def _changed(path: tuple[str | int, ...], kind: str) -> str:
    return "input changed" if path[:1] == ("inputs",) else kind


def _as_numbers(got: Any) -> np.ndarray | None:
    """Return a number, or nested lists of numbers, as an array; None for anything else."""
    if isinstance(got, np.ndarray):
        return got
    if isinstance(got, bool | int | float):
        return np.asarray(got)
    if isinstance(got, list) and not _holds(got, str | dict | Opaque | None):
        try:
            array = np.array(got, dtype=float)
        except ValueError:
            return None
        return array
    return None


def _holds(items: list[Any], kinds: Any) -> bool:
    return any(
        _holds(item, kinds) if isinstance(item, list) else isinstance(item, kinds) for item in items
    )
