"""`changes.csv`: for whom a run found something else than the run before, and why."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from autograder.grading.results import Change
from autograder.reports.gradebook import dead

FILE = "changes.csv"
HEAD = ["student", "check", "points before", "points now", "before", "now", "because"]


def write(changes: Iterable[Change], out: Path) -> int:
    """Write a row for each verdict or deduction that changed; return for how many students.

    Parameters
    ----------
    changes : iterable of Change
        See `results.changes`.
    out : Path
    """
    students = set()
    with (out / FILE).open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEAD)
        for change in changes:
            for what, old, new in _rows(change.before, change.after):
                students.add(change.student)
                (points, said), (points_now, said_now) = old, new
                row = [what, points, points_now, said, said_now, because(change)]
                writer.writerow([dead(change.student), *map(_dead, row)])
    return len(students)


def because(change: Change) -> str:
    """Say why a student's results are others than before."""
    if change.edited:
        return "other files were handed in"
    if change.regraded:
        return "the same files; the course or the grader changed"
    return "the same verdicts; the course's rules or the times of handing in changed"


def _rows(
    before: dict[str, Any], after: dict[str, Any]
) -> Iterator[tuple[str, tuple[Any, str], tuple[Any, str]]]:
    """Yield what changed: what it is, and before and after the points and what was said."""
    for kind, say in (("checks", "outcome"), ("late", "why")):
        for name in sorted(before[kind].keys() | after[kind].keys()):
            old, new = (record[kind].get(name, {}) for record in (before, after))
            nothing = "not graded" if kind == "checks" else "in time"
            rows = [(one.get("points", ""), one.get(say, nothing)) for one in (old, new)]
            if rows[0] != rows[1]:
                yield name if kind == "checks" else f"{name}, late", rows[0], rows[1]


def _dead(cell: Any) -> Any:
    return dead(cell) if isinstance(cell, str) else cell
