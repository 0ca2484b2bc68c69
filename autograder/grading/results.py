"""What a run found out, as plain records: everything, and nothing twice."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

import autograder
from autograder.catalogue import EXERCISES
from autograder.core.exercise import Check
from autograder.grading.engine import Graded, Judged
from autograder.grading.store import FILE as STORE
from autograder.grading.store import Store

FILE = "results.json"
VERSION = 2


class NoSuchRecord(LookupError):
    """The results don't hold what was asked for; the message says what they do."""


def of(graded: Graded) -> dict[str, Any]:
    """Return what is kept of a graded submission, whoever handed it in.

    There is no time of day in it: grading the same files again gives the same.
    """
    exercises = dict.fromkeys(judged.verdict.check.exercise for judged in graded.judged.values())
    handed_in = graded.submission.files
    return {
        "isolation": str(graded.tier),
        "problems": graded.problems,
        "total": graded.total,
        "exercises": {
            name: graded.points(name) if name in handed_in else None for name in exercises
        },
        "checks": {id: _check(judged) for id, judged in graded.judged.items()},
    }


def _check(judged: Judged) -> dict[str, Any]:
    verdict = judged.verdict
    said = {
        "headline": verdict.headline if verdict.outcome != "correct" else "",
        "explanation": [list(line) for line in verdict.lines],
        "mistake": verdict.mistake,
        "lesson": verdict.lesson,
        "printed": verdict.printed,
    }
    found = {"outcome": verdict.outcome, "points": verdict.points, "seed": judged.seed}
    return found | {name: value for name, value in said.items() if value}


def possible(checks: Sequence[Check]) -> dict[str, Any]:
    """Return what could be earned: by exercise its points, and its checks' facts."""
    return {
        name: {
            "points": sum(check.points for check in checks if check.exercise == name),
            "checks": {
                check.id: {
                    "function": check.function,
                    "title": check.title,
                    "points": check.points,
                }
                for check in checks
                if check.exercise == name
            },
        }
        for name in EXERCISES
        if any(check.exercise == name for check in checks)
    }


def write(exercises: dict[str, Any], students: Iterable[dict[str, Any]], out: Path) -> Path:
    """Write `results.json`, a line a student, and return its path.

    Parameters
    ----------
    exercises : dict
        See `possible`.
    students : iterable of dict
        Taken one at a time: a large class needs no more memory than a small one.
    out : Path
    """
    head = {
        "version": VERSION,
        "made_by": {
            "autograder": autograder.__version__,
            "numpy": np.__version__,
            "python": platform.python_version(),
        },
        "exercises": exercises,
    }
    path = out / FILE
    unfinished = path.with_suffix(f".{os.getpid()}")
    with unfinished.open("w", encoding="utf-8", newline="\n") as file:
        text = json.dumps(head, indent=1, ensure_ascii=False)
        file.write(text.removesuffix("\n}") + ',\n "students": [')
        comma = "\n  "
        for student in students:
            file.write(comma + json.dumps(student, ensure_ascii=False))
            comma = ",\n  "
        file.write("\n ]\n}\n")
    unfinished.replace(path)
    return path


def open_store(out: Path) -> Store:
    """Open the store of a run that has been.

    Raises
    ------
    NoSuchRecord
        If there is none.
    """
    path = out / STORE
    if not path.is_file():
        raise NoSuchRecord(f"{out} has no results: there is no {STORE} in it")
    return Store(path)


def look_up(store: Store, student: str, check: str) -> dict[str, Any]:
    """Return the record of a student who has a verdict on a check.

    Raises
    ------
    NoSuchRecord
        If there is no such student or check.
    """
    found = next(store.students(student), None)
    if found is None:
        raise NoSuchRecord(f"no student {student!r}; there are {', '.join(store.names())}")
    if check not in found["checks"]:
        raise NoSuchRecord(f"no check {check!r}; there are {', '.join(found['checks'])}")
    return found
