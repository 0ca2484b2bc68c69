"""The record of a grading run: `results.json`, everything and nothing twice."""

from __future__ import annotations

import json
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import autograder
from autograder.catalogue import EXERCISES
from autograder.grading.engine import Graded

FILE = "results.json"
VERSION = 1


class NoSuchRecord(LookupError):
    """The results don't hold what was asked for; the message says what they do."""


def record(graded: Sequence[Graded], exercises: Sequence[str], folder: Path) -> dict[str, Any]:
    """Return the results of a run as what `results.json` holds.

    It has no time of day in it: grading the same files again gives the same text.
    """
    return {
        "version": VERSION,
        "made_by": {
            "autograder": autograder.__version__,
            "numpy": np.__version__,
            "python": platform.python_version(),
        },
        "isolation": "portable",
        "submissions": str(folder.resolve()),
        "exercises": {name: EXERCISES[name].points for name in exercises},
        "students": [_student(one, exercises) for one in graded],
    }


def _student(graded: Graded, exercises: Sequence[str]) -> dict[str, Any]:
    submission = graded.submission
    return {
        "student": submission.student,
        "source": submission.source,
        "digest": submission.digest,
        "problems": submission.problems,
        "total": graded.total,
        "exercises": {name: _exercise(graded, name) for name in exercises},
    }


def _exercise(graded: Graded, name: str) -> dict[str, Any]:
    checks = [
        {
            "check": judged.verdict.check.id,
            "function": judged.verdict.check.function,
            "title": judged.verdict.check.title,
            "points": judged.verdict.points,
            "possible": judged.verdict.check.points,
            "outcome": judged.verdict.outcome,
            "headline": judged.verdict.headline,
            "explanation": [list(line) for line in judged.verdict.lines],
            "mistake": judged.verdict.mistake,
            "lesson": judged.verdict.lesson,
            "printed": judged.verdict.printed,
            "seed": judged.seed,
        }
        for judged in graded.judged.values()
        if judged.verdict.check.exercise == name
    ]
    handed_in = name in graded.submission.files
    return {"points": graded.points(name), "handed_in": handed_in, "checks": checks}


def write(results: dict[str, Any], out: Path) -> Path:
    """Write `results.json` and return its path."""
    path = out / FILE
    text = json.dumps(results, indent=1, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")
    return path


@dataclass(frozen=True)
class Recorded:
    """One check of one student in a record."""

    folder: Path
    student: dict[str, Any]
    check: dict[str, Any]


def read(out: Path) -> dict[str, Any]:
    """Return the results in a folder.

    Raises
    ------
    NoSuchRecord
        If there are none, or they are of another version.
    """
    path = out / FILE if out.is_dir() else out
    try:
        results: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise NoSuchRecord(f"{path} can't be read: {problem}") from None
    if results.get("version") != VERSION:
        raise NoSuchRecord(f"{path} was written by another version: grade again")
    return results


def look_up(out: Path, student: str, check: str) -> Recorded:
    """Find what was recorded of a student's check.

    Raises
    ------
    NoSuchRecord
        If there is no such student or check.
    """
    results = read(out)
    students = {one["student"]: one for one in results["students"]}
    if student not in students:
        raise NoSuchRecord(f"no student {student!r}; there are {', '.join(students)}")
    exercises = students[student]["exercises"].values()
    checks = {one["check"]: one for exercise in exercises for one in exercise["checks"]}
    if check not in checks:
        raise NoSuchRecord(f"no check {check!r}; there are {', '.join(checks)}")
    return Recorded(Path(results["submissions"]), students[student], checks[check])
