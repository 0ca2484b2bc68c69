"""Which attempt counts, what is taken off, and what is given by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from autograder.grading.grades import Adjustment, Attempt, compose
from autograder.grading.policy import Late, Policy

DUE = datetime(2026, 10, 12, 22, 0, tzinfo=UTC)
POLICY = Policy(
    deadlines={"losses": DUE}, late=Late(10, at_most=50, closed_after=timedelta(days=7))
)
EXERCISES: dict[str, dict[str, Any]] = {
    "losses": {"points": 100, "checks": {"losses.a": {"points": 60}, "losses.b": {"points": 40}}},
    "backprop": {"points": 100, "checks": {"backprop.a": {"points": 100}}},
}


def attempt(name: str, late: timedelta | None, **points: int | None) -> Attempt:
    """Return an attempt with so many points in each exercise; None where it isn't in it."""
    checks: dict[str, dict[str, Any]] = {}
    for exercise, facts in EXERCISES.items():
        left = points.get(exercise) or 0
        for id, check in facts["checks"].items():
            earned = min(left, check["points"])
            left -= earned
            checks[id] = {"outcome": "correct" if earned else "value", "points": earned, "seed": 1}
    record = {
        "isolation": "full",
        "problems": [],
        "exercises": {exercise: points.get(exercise) for exercise in EXERCISES},
        "checks": checks,
    }
    time = None if late is None else DUE + late
    return Attempt(name, f"digest of {name}", time, record=record)


HOUR, DAY = timedelta(hours=1), timedelta(days=1)
EARLY = attempt("early", -DAY, losses=60)
BETTER = attempt("better", -HOUR, losses=100)
LATE = attempt("late", 2 * DAY, losses=100)
TOO_LATE = attempt("too late", 8 * DAY, losses=100)
OTHER = attempt("other", -2 * DAY, backprop=100)


@pytest.mark.parametrize(
    ("policy", "attempts", "counts", "points"),
    [
        ("last", [BETTER, EARLY], "better", 100),
        ("last", [EARLY, LATE], "late", 80),
        ("last", [BETTER, LATE, TOO_LATE], "late", 80),
        ("last", [TOO_LATE], "too late", 0),
        ("best", [EARLY, LATE], "late", 80),
        ("best", [BETTER, LATE], "better", 100),
        ("best", [BETTER, TOO_LATE], "better", 100),
        ("best", [EARLY, attempt("the same", -HOUR, losses=60)], "early", 60),
        ("last", [OTHER, EARLY], "early", 60),
    ],
)
def test_one_attempt_counts(policy: str, attempts: list[Attempt], counts: str, points: int) -> None:
    rules = Policy(policy, POLICY.deadlines, POLICY.late)
    for order in (attempts, attempts[::-1]):
        record = compose("ada", order, EXERCISES, rules)
        assert record["attempts"][record["counts"]["losses"]]["source"] == counts
        assert record["exercises"]["losses"] == points


def test_exercises_are_handed_in_one_after_the_other() -> None:
    record = compose("ada", [OTHER, LATE], EXERCISES, POLICY)
    assert record["exercises"] == {"losses": 80, "backprop": 100}
    assert record["total"] == 180
    assert record["checks"]["backprop.a"]["points"] == 100
    assert record["late"]["losses"]["points"] == -20
    assert record["problems"] == [
        "losses: 2 days late (due 2026-10-12 22:00 UTC, handed in 2026-10-14 22:00): 20% off, "
        "−20 points"
    ]


def test_nothing_handed_in_has_no_points() -> None:
    record = compose("ada", [], EXERCISES, POLICY)
    assert record["exercises"] == {"losses": None, "backprop": None}
    assert record["total"] == 0
    assert set(record["checks"]) == {"losses.a", "losses.b", "backprop.a"}


def test_points_by_hand_stand_in_place_of_the_graders() -> None:
    by_hand = Adjustment("ada", "losses.b", 40, "the sheet had a typo")
    record = compose("ada", [attempt("one", 2 * DAY, losses=60)], EXERCISES, POLICY, [by_hand])
    assert record["checks"]["losses.b"]["points"] == 40
    assert record["checks"]["losses.b"]["adjusted"] == {"from": 0, "why": "the sheet had a typo"}
    assert record["exercises"]["losses"] == 80  # the deadline holds for them, too


def test_points_by_hand_need_no_file() -> None:
    by_hand = Adjustment("ada", "backprop.a", 70, "an oral exam")
    record = compose("ada", [EARLY], EXERCISES, POLICY, [by_hand])
    assert record["exercises"] == {"losses": 60, "backprop": 70}
    assert record["total"] == 130
    record = compose("ada", [], EXERCISES, POLICY, [by_hand])
    assert record["exercises"] == {"losses": None, "backprop": 70}


def test_a_time_that_is_not_known_is_said() -> None:
    record = compose("ada", [attempt("one", None, losses=100)], EXERCISES, POLICY)
    assert record["exercises"]["losses"] == 100
    assert record["problems"] == ["losses: it is not known when it was handed in"]


def test_nothing_of_an_attempt_is_changed() -> None:
    before = repr(EARLY)
    compose("ada", [EARLY], EXERCISES, POLICY, [Adjustment("ada", "losses.b", 40, "why")])
    assert repr(EARLY) == before
