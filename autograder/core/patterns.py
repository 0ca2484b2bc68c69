"""What wrong numbers show by themselves: flipped signs, factors, transposes.

A pattern is stated only if it holds for every wrong part of an observation. It
says what the numbers are, not why.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from autograder.core.compare import Difference

CLOSE = 1e-7
"""Relative distance within which a pattern holds."""


TIMES = "the right numbers, multiplied by "


def describe(differences: Sequence[Difference]) -> str:
    """Return a phrase for what all differences have in common, or nothing.

    Examples
    --------
    >>> import numpy as np
    >>> got, expected = np.array([2.0, -4.0]), np.array([1.0, -2.0])
    >>> describe([Difference("wrong values", ("returned",), got, expected)])
    'the right numbers, multiplied by 2'
    """
    pairs = [(d.got, d.expected) for d in differences]
    if not all(isinstance(a, np.ndarray) and isinstance(b, np.ndarray) for a, b in pairs):
        return ""
    for pattern in PATTERNS:
        phrases = list(dict.fromkeys(pattern(got, expected) for got, expected in pairs))
        if len(phrases) == 1 and phrases != [""]:
            return phrases[0]
        if len(phrases) in (2, 3) and all(phrase.startswith(TIMES) for phrase in phrases):
            factors = " and by ".join(phrase.removeprefix(TIMES) for phrase in phrases)
            return f"{TIMES}{factors}"
    return ""


def _close(a: np.ndarray, b: np.ndarray) -> bool:
    return a.shape == b.shape and bool(np.allclose(a, b, rtol=CLOSE, atol=0.0))


def _transposed(got: np.ndarray, expected: np.ndarray) -> str:
    return "the transpose of the right matrix" if got.ndim == 2 and _close(got.T, expected) else ""


def _flattened(got: np.ndarray, expected: np.ndarray) -> str:
    if got.shape == expected.shape or got.size != expected.size:
        return ""
    if not _close(got.ravel().astype(float), expected.ravel().astype(float)):
        return ""
    return f"the right numbers in the shape {got.shape} instead of {expected.shape}"


def _factor(got: np.ndarray, expected: np.ndarray) -> str:
    if got.shape != expected.shape or not np.any(expected) or not np.isfinite(got).all():
        return ""
    where = np.argmax(np.abs(expected))
    factor = float(got.flat[where]) / float(expected.flat[where])
    if factor == 0.0:
        return "zero" if not np.any(got) else ""
    if not _close(got.astype(float), factor * expected):
        return ""
    simple = Fraction(factor).limit_denominator(100)
    if abs(float(simple) - factor) > CLOSE * abs(factor):
        return ""
    if simple == -1:
        return "the right numbers with the opposite sign"
    if simple == 1:  # close by the pattern's measure, not by the check's
        return ""
    return f"{TIMES}{simple}"


def _not_finite(got: np.ndarray, expected: np.ndarray) -> str:
    if got.shape != expected.shape or np.isfinite(got).all():
        return ""
    wrong = np.flatnonzero(~np.isfinite(got.ravel()))
    if got.ndim == 1 and wrong[0] > 0 and len(wrong) == got.size - wrong[0]:
        return f"not finite from entry {wrong[0] + 1} on"
    return "an overflow, or a logarithm or division of zero, on the way"


def _shifted(got: np.ndarray, expected: np.ndarray) -> str:
    if got.shape != expected.shape or got.ndim == 0 or len(got) < 3 or _close(got, expected):
        return ""
    if _close(got[1:], expected[:-1]):
        return "the right numbers, one place too late"
    if _close(got[:-1], expected[1:]):
        return "the right numbers, one place too early"
    return ""


def _coarse(got: np.ndarray, expected: np.ndarray) -> str:
    if got.shape != expected.shape or not np.any(expected):
        return ""
    if got.dtype.kind in "iu" and np.array_equal(got, np.trunc(expected)):
        return "the right numbers, cut to whole ones: an array of integers"
    if np.allclose(got.astype(float), expected.astype(float), rtol=1e-6, atol=0.0):
        return "the right numbers to seven digits: single precision?"
    return ""


def _some_entries(got: np.ndarray, expected: np.ndarray) -> str:
    if got.shape != expected.shape or got.ndim == 0 or got.size < 2:
        return ""
    wrong = ~np.isclose(got.astype(float), expected.astype(float), rtol=CLOSE, atol=1e-12)
    rows = np.flatnonzero(wrong.reshape(len(wrong), -1).any(axis=1))
    if len(rows) == 1 and len(got) > 2:
        place = {0: "first", len(got) - 1: "last"}.get(int(rows[0]), f"number {rows[0] + 1}")
        return f"right, except for the {place} {'row' if got.ndim > 1 else 'entry'}"
    return ""


PATTERNS = (_transposed, _flattened, _coarse, _factor, _not_finite, _shifted, _some_entries)
"""In the order in which they are tried."""
