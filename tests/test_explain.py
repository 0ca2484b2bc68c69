"""Explanations say what the numbers show, in a few lines that fit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograder.catalogue import EXERCISES, find_check
from autograder.core.explain import Verdict, judge, render, show
from autograder.core.observe import Crash, Frame, Seen
from autograder.core.plain import plain

MSE = find_check("losses.mse_loss_is_a_mean_of_squares")
BACKWARD = find_check("backprop.backward_through_two_layers")


def explained(check: Any, got: Any, expected: Any) -> Verdict:
    return judge(check, Seen("seen", plain(got)), plain(expected))


def returned(got: Any, expected: Any) -> str:
    return render(explained(MSE, {"returned": got}, {"returned": expected}))


def test_the_whole_block() -> None:
    text = returned({"(4, 3) arrays": 12.0}, {"(4, 3) arrays": 1.0})
    assert text.splitlines() == [
        "✗ mse_loss · wrong value for (4, 3) arrays                                   0/8",
        "  We ran        mse_loss(predictions, targets) on (4, 3) arrays and vectors",
        "  You returned  12",
        "  We expected   1",
        "  That is       the right numbers, multiplied by 12",
        '  Read          course: Loss functions, "Mean squared error"',
    ]


A = np.array([[0.5, -1.5, 2.0], [3.0, 0.25, -4.0]])

PATTERNS = [
    (-A, A, "opposite sign"),
    (A / 6, A, "multiplied by 1/6"),
    (A.T, A, "transpose"),
    (A.reshape(3, 2), A, "in the shape (3, 2) instead of (2, 3)"),
    (np.zeros_like(A), A, "zero"),
    (np.where(A == 3.0, np.nan, A), A, "overflow"),
    ({"a": A * 6, "b": A * 5}, {"a": A, "b": A}, "multiplied by 6 and by 5"),
    (np.array([9.0, 1.5, 2.5, 4.0]), np.array([1.5, 2.5, 4.0, 7.0]), "one place too late"),
    (np.array([2.5, 4.0, 7.0, 9.0]), np.array([1.5, 2.5, 4.0, 7.0]), "one place too early"),
    (np.array([1, 2, 4]), np.array([1.5, 2.5, 4.0]), "cut to whole ones"),
    (A * (1 + 3e-8), A, "single precision"),
    (np.array([1.5, np.nan, np.nan]), np.array([1.5, 2.5, 4.0]), "not finite from entry 2 on"),
    (np.array([1.0, 2.0, 9.0]), np.array([1.0, 2.0, 3.0]), "except for the last entry"),
    (np.vstack([A, [[1.0, 1.0, 1.0]]]), np.vstack([A, [[2.0, 2.0, 3.0]]]), "for the last row"),
]


@pytest.mark.parametrize(("got", "expected", "phrase"), PATTERNS)
def test_a_pattern_is_named(got: Any, expected: Any, phrase: str) -> None:
    assert (
        phrase in dict(explained(MSE, {"returned": got}, {"returned": expected}).lines)["That is"]
    )


def test_no_pattern_no_guess() -> None:
    rng = np.random.default_rng(0)
    for _ in range(300):
        got, expected = rng.normal(size=(2, 4, 3))
        labels = dict(explained(MSE, {"returned": got}, {"returned": expected}).lines)
        assert "That is" not in labels


def test_a_pattern_must_hold_for_every_wrong_part() -> None:
    got, expected = {"a": -A, "b": A + 1}, {"a": A, "b": A}
    assert "That is" not in dict(explained(MSE, {"returned": got}, {"returned": expected}).lines)


HEADLINES = [
    (None, A, "wrong type"),
    (A[0], A, "wrong shape"),
    (A * np.inf, A, "not finite"),
    (A + 1, A, "wrong values"),
    (2.0, 1.0, "wrong value"),
    ("accepted", "raises ValueError", "no ValueError"),
    ("raises KeyError", "raises ValueError", "another error"),
    ("raises ValueError", "accepted", "a ValueError without need"),
]


@pytest.mark.parametrize(("got", "expected", "headline"), HEADLINES)
def test_the_headline_says_what_is_wrong(got: Any, expected: Any, headline: str) -> None:
    assert explained(MSE, {"returned": got}, {"returned": expected}).headline.startswith(headline)


def test_where_an_error_is_missing_is_said() -> None:
    for got, expected, headline in (
        ("accepted", "raises ValueError", "no ValueError: a wider one"),
        ("raises ValueError", "accepted", "a ValueError without need: a wider one"),
    ):
        verdict = explained(MSE, {"a wider one": got}, {"a wider one": expected})
        assert verdict.headline == headline


def test_the_part_is_called_by_its_name() -> None:
    right = {"returned": [[A, A], [A[0], A[1]]]}
    wrong = {"returned": [[A, A], [A[0], A[1] + 1]]}
    assert explained(BACKWARD, wrong, right).headline == "the gradient of b2 has the wrong values"


def test_the_first_wrong_gradient_going_backwards_is_reported() -> None:
    right = {"returned": [[A, A], [A[0], A[1]]]}
    wrong = {"returned": [[A + 1, A], [A[0] + 1, A[1]]]}
    verdict = explained(BACKWARD, wrong, right)
    assert verdict.headline == "the gradient of b1 has the wrong values"
    assert dict(verdict.lines)["It holds"] == "b2 and W2 above it are right"
    wrong = {"returned": [[A + 1, A + 1], [A[0] + 1, A[1]]]}
    verdict = explained(BACKWARD, wrong, right)
    assert verdict.headline == "the gradient of W2 has the wrong values"
    assert dict(verdict.lines)["It holds"] == "b2 above it is right"


def test_a_changed_input_is_named_and_shown_before_and_after() -> None:
    verdict = explained(
        MSE, {"returned": 1.0, "inputs": {"logits": A}}, {"returned": 1.0, "inputs": {"logits": -A}}
    )
    assert verdict.outcome == "input changed"
    assert verdict.headline == "logits was changed by the call"
    assert {"It became", "It was"} <= set(dict(verdict.lines))


def test_a_crash_shows_the_learners_own_line() -> None:
    crash = Crash("TypeError", "no", (Frame("losses.py", 7, "mse_loss", "return p - None"),))
    text = render(judge(MSE, Seen("crashed", crash=crash), None))
    assert "losses.py, line 7   return p - None" in text
    assert "TypeError: no" in text


ODD: list[Any] = [
    list(range(9)),
    "x" * 500,
    "a\nb",
    "[bold]",
    None,
    [1] * 50,
    {"k" * 90: 1},
    A * 1e300,
    [[[[]]]],
    float("nan"),
]


@pytest.mark.parametrize("check", [c for e in EXERCISES.values() for c in e.checks if not c.judge])
def test_every_failure_fits_six_lines_of_80_columns(check: Any) -> None:
    for odd in ODD:
        text = render(explained(check, {"returned": odd}, {"returned": A}))
        assert len(text.splitlines()) <= 6
        assert max(map(len, text.splitlines())) <= 80
    crash = Crash("E" * 99, "m\n" * 99, (Frame("losses.py", 7, "f", "s" * 200),) * 8)
    missing = Crash("ModuleNotFoundError", "No module named 'x'", crash.frames)
    slow = Seen("too slow", reason="r" * 99)
    for outcome in (Seen("crashed", crash=crash), Seen("crashed", crash=missing), slow):
        text = render(judge(check, outcome, None), also=3)
        assert len(text.splitlines()) <= 6
        assert max(map(len, text.splitlines())) <= 80


def test_values_are_shown_in_a_few_words() -> None:
    assert show(plain(np.float64(1 / 3))) == "0.3333333"
    assert show(plain(A)) == "[[ 0.5 , -1.5 , 2. ], [ 3. , 0.25, -4. ]]   shape (2, 3)"
    assert show(plain(np.zeros((9, 9)))) == "an array of shape (9, 9)"
    assert show(plain(object())) == "an object"
    assert show(plain(lambda: 0)) == "a function"
