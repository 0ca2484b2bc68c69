"""`changes.csv`: for whom a run found something else than the run before, and why."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from autograder.reports.gradebook import dead

FILE = "changes.csv"
EDITED, REGRADED = "other files were handed in", "the same files; the course or the grader changed"
HEAD = ["student", "check", "points before", "points now", "before", "now", "because"]


def write(changes: Iterable[tuple[str, bool, dict[str, Any], dict[str, Any]]], out: Path) -> int:
    """Write a row for each verdict that changed, and return for how many students one did.

    Parameters
    ----------
    changes : iterable of (str, bool, dict, dict)
        See `Store.changes`.
    out : Path
    """
    students = set()
    with (out / FILE).open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEAD)
        for student, edited, before, after in changes:
            for check_id in sorted(before["checks"].keys() | after["checks"].keys()):
                old, new = (record["checks"].get(check_id, {}) for record in (before, after))
                said = [
                    (one.get("points", ""), one.get("outcome", "not graded")) for one in (old, new)
                ]
                if said[0] == said[1]:
                    continue
                students.add(student)
                because = EDITED if edited else REGRADED
                (points, outcome), (now, outcome_now) = said
                writer.writerow(
                    [dead(student), check_id, points, now, outcome, outcome_now, because]
                )
    return len(students)
