"""A student's record, put together from what was handed in and the course's rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from autograder.grading.policy import Deduction, Policy

EARLIEST = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Attempt:
    """Something that a student has handed in, and what became of it.

    Attributes
    ----------
    source, digest : str
        Where it is, and the fingerprint of its files.
    time : datetime or None
        When it was handed in, if that is known.
    dated : str
        What the clock of its archive says: told, and never used.
    marked_late : bool
        Whether the learning platform says so.
    problems : list of str
        What could not be read.
    key : str
        Of its verdict.
    record : dict
        See `results.of`.
    """

    source: str
    digest: str
    time: datetime | None = None
    dated: str = ""
    marked_late: bool = False
    problems: list[str] = field(default_factory=list)
    key: str = ""
    record: dict[str, Any] = field(default_factory=dict)

    def facts(self) -> dict[str, Any]:
        """Return what the student's record says of it."""
        facts: dict[str, Any] = {"source": self.source, "digest": self.digest}
        if self.time:
            facts["time"] = self.time.isoformat()
        if self.dated:
            facts["dated"] = self.dated
        return facts | {"isolation": self.record["isolation"]}


@dataclass(frozen=True)
class Adjustment:
    """Points that an instructor gives in place of the autograder's.

    Attributes
    ----------
    student, check_id : str
    points : int
    why : str
        For the student to read.
    """

    student: str
    check_id: str
    points: int
    why: str


def compose(
    student: str,
    attempts: Iterable[Attempt],
    exercises: Mapping[str, Any],
    policy: Policy,
    adjustments: Iterable[Adjustment] = (),
) -> dict[str, Any]:
    """Return a student's record.

    For each exercise one attempt counts, by the course's policy. What an instructor has
    given by hand stands in place of the autograder's points, and what being late costs
    is taken off the sum.

    Parameters
    ----------
    student : str
    attempts : iterable of Attempt
        Those that have a verdict on every check.
    exercises : mapping
        See `results.possible`.
    policy : Policy
    adjustments : iterable of Adjustment
        The student's.

    Returns
    -------
    dict
        `attempts`, `counts` (which of them, by exercise), `exercises` (points, None if
        not handed in), `checks`, `late` (by exercise the points taken off, and why),
        `problems` and `total`.
    """
    attempts = sorted(attempts, key=lambda one: (one.time or EARLIEST, one.source))
    record: dict[str, Any] = {
        "student": student,
        "attempts": [attempt.facts() for attempt in attempts],
        "counts": {},
        "problems": [p for one in attempts for p in (*one.problems, *one.record["problems"])],
        "total": 0,
        "exercises": {},
        "late": {},
        "checks": {},
    }
    for name, exercise in exercises.items():
        chosen = _that_counts(student, name, attempts, policy)
        graded = attempts[chosen or 0].record["checks"] if attempts else {}
        checks = {id: dict(graded.get(id, NOT_HANDED_IN)) for id in exercise["checks"]}
        record["checks"] |= checks
        if chosen is not None:
            record["counts"][name] = chosen
        handed_in = chosen is not None
        for adjustment in adjustments:
            if adjustment.check_id in checks:
                _adjust(record, adjustment)
                handed_in = True
        earned = sum(check["points"] for check in checks.values())
        if chosen is not None:
            earned -= _take_off(
                record, name, earned, _deduction(student, name, attempts[chosen], policy)
            )
        record["exercises"][name] = earned if handed_in else None
        record["total"] += earned
    return record


NOT_HANDED_IN = {
    "outcome": "not attempted",
    "points": 0,
    "headline": "nothing was handed in",
}
"""What is recorded of a check where nobody handed anything in."""


def _that_counts(
    student: str, exercise: str, attempts: Sequence[Attempt], policy: Policy
) -> int | None:
    """Return which attempt counts: those that came too late only if there is no other."""
    there = [
        number
        for number, attempt in enumerate(attempts)
        if attempt.record["exercises"].get(exercise) is not None
    ]
    deductions = {n: _deduction(student, exercise, attempts[n], policy) for n in there}
    candidates = [n for n in there if not deductions[n].closed] or there[:1]
    if not candidates:
        return None
    if policy.attempts == "last":
        return candidates[-1]

    def kept(number: int) -> int:
        earned: int = attempts[number].record["exercises"][exercise]
        return earned - deductions[number].points(earned)

    return max(candidates, key=kept)  # of equally good ones the first


def _deduction(student: str, exercise: str, attempt: Attempt, policy: Policy) -> Deduction:
    return policy.deduction(student, exercise, attempt.time, attempt.marked_late)


def _adjust(record: dict[str, Any], adjustment: Adjustment) -> None:
    check = record["checks"][adjustment.check_id]
    before = check["points"]
    check["adjusted"] = {"from": before, "why": adjustment.why}
    check["points"] = adjustment.points
    record["problems"].append(
        f"adjusted by hand, {adjustment.check_id}: {adjustment.points} points in place of "
        f"{before}: {adjustment.why}"
    )


def _take_off(record: dict[str, Any], exercise: str, earned: int, deduction: Deduction) -> int:
    """Note what is taken off, and return it."""
    points = deduction.points(earned)
    if deduction.why:
        record["late"][exercise] = {"points": -points, "why": deduction.why}
        said = f"{exercise}: {deduction.why}"
        record["problems"].append(f"{said}, −{points} points" if points else said)
    return points
