"""Comparing accepts what a reasonable person would call right, and nothing else."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograder.core import compare as comparing
from autograder.core.compare import EXACT, ONE_EVALUATION, Tolerance, agree, compare
from autograder.core.plain import Opaque, plain

RIGHT = [
    (0.5, 0.5),
    (np.float64(0.5), 0.5),
    (np.array(0.5), 0.5),
    (1, 1.0),
    (0.5 * (1 + 1e-12), 0.5),
    ([1.0, 2.0], np.array([1.0, 2.0])),
    ([[1, 2], [3, 4]], np.array([[1.0, 2.0], [3.0, 4.0]])),
    ([np.float64(1.0), 2.0], np.array([1.0, 2.0])),
    ((np.ones(2), np.zeros(3)), [np.ones(2), np.zeros(3)]),
    (np.ones((2, 3)), [np.ones(3), np.ones(3)]),
    (np.array([1, 2]), np.array([1.0, 2.0])),
    (np.array([0.1, 0.2], dtype=np.float32), np.array([0.1, 0.2])),
    (np.bool_(True), True),
    ("overfit", "overfit"),
    (np.zeros((0, 3)), np.zeros((0, 3))),
    (np.array([-0.0]), np.array([0.0])),
    (np.array([1.0, np.nan, np.inf]), np.array([1.0, np.nan, np.inf])),
    (float("nan"), float("nan")),
    (float("-inf"), float("-inf")),
    ({0.1: 0.5}, {0.1: 0.5}),
    ({np.float64(0.1): 0.5}, {0.1: 0.5}),
]
WRONG = [
    (None, 0.5, "wrong type"),
    ("0.5", 0.5, "wrong type"),
    (["a", "b"], np.ones(2), "wrong type"),
    (True, 1.0, "wrong type"),
    (1, True, "wrong type"),
    ([True, 1], [True, True], "wrong type"),
    (np.array([1, 0]), np.array([True, False]), "wrong type"),
    ({}, np.ones(2), "wrong type"),
    (0.5, [np.ones(2)], "wrong type"),
    (np.ones(2, dtype=complex), np.ones(2), "wrong type"),
    ([1.0, None], np.ones(2), "wrong type"),
    (np.array([0.5]), 0.5, "wrong shape"),
    (0.5, np.array([0.5]), "wrong shape"),
    (np.ones((2, 1)), np.ones(2), "wrong shape"),
    (np.ones((3, 2)), np.ones((2, 3)), "wrong shape"),
    ([np.ones(2)], [np.ones(2), np.ones(2)], "wrong shape"),
    (np.array([1.0, np.nan]), np.ones(2), "not finite"),
    (float("inf"), 0.5, "not finite"),
    (np.array([np.inf]), np.array([-np.inf]), "wrong values"),
    (np.ones(1), np.array([np.nan]), "wrong values"),
    (0.5 * (1 + 1e-8), 0.5, "wrong values"),
    (np.array([1.0, 2.1]), np.array([1.0, 2.0]), "wrong values"),
    (np.array([0.1, 0.21], dtype=np.float32), np.array([0.1, 0.2]), "wrong values"),
    ("overfit", "underfit", "wrong values"),
    ({0.1: 0.5}, {0.2: 0.5}, "wrong values"),
    (False, True, "wrong values"),
]


@pytest.mark.parametrize(("got", "expected"), RIGHT, ids=repr)
def test_right(got: Any, expected: Any) -> None:
    assert compare(plain(got), plain(expected), ONE_EVALUATION) == []


@pytest.mark.parametrize(("got", "expected", "kind"), WRONG, ids=repr)
def test_wrong_and_of_which_kind(got: Any, expected: Any, kind: str) -> None:
    found = compare(plain(got), plain(expected), ONE_EVALUATION)
    assert found[0].kind == kind


@pytest.mark.parametrize("tolerance", [ONE_EVALUATION, EXACT], ids=["rounding", "exact"])
@pytest.mark.parametrize("case", [*RIGHT, *WRONG], ids=repr)
def test_the_short_cut_for_equal_bits_changes_nothing(
    case: Any, tolerance: Tolerance, monkeypatch: pytest.MonkeyPatch
) -> None:
    pairs = [(plain(a), plain(b)) for a in case[:2] for b in case[:2]]
    quick = [repr(compare(*pair, tolerance)) for pair in pairs]
    assert [agree(*pair, tolerance) for pair in pairs] == [found == "[]" for found in quick]
    leaf_by_leaf = comparing._same

    def same(got: Any, expected: Any) -> bool:
        numbers = not isinstance(expected, str | Opaque | None)
        return not numbers and leaf_by_leaf(got, expected)

    monkeypatch.setattr(comparing, "_same", same)
    assert [repr(compare(*pair, tolerance)) for pair in pairs] == quick


def test_the_most_basic_difference_comes_first() -> None:
    got = {"a": np.array([1.0, 5.0]), "b": None, "inputs": {"x": np.ones(2)}}
    expected = {"a": np.ones(2), "b": np.ones(2), "inputs": {"x": np.zeros(2)}}
    kinds = [difference.kind for difference in compare(got, expected, ONE_EVALUATION)]
    assert kinds == ["wrong type", "wrong values", "input changed"]


def test_an_exact_tolerance_tells_bits_apart() -> None:
    assert compare(np.nextafter(0.1, 1), 0.1, EXACT)
    assert not compare(0.1, 0.1, EXACT)


def test_a_tolerance_is_relative_and_absolute() -> None:
    tolerance = Tolerance(0.1, 1.0, "a test")
    assert not compare(111.9, 101.0, tolerance)
    assert compare(112.2, 101.0, tolerance)
