"""What a run found out, as plain records: everything, and nothing twice."""

from __future__ import annotations

import difflib
import json
import os
import platform
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import autograder
from autograder.catalogue import EXERCISES
from autograder.core.exercise import Check
from autograder.grading import course_file
from autograder.grading.engine import Graded, Judged, checks_of
from autograder.grading.grades import Adjustment, Attempt, compose
from autograder.grading.policy import Policy
from autograder.grading.store import FILE as STORE
from autograder.grading.store import Store

FILE = "results.json"
VERSION = 3


@dataclass(frozen=True)
class Change:
    """A student's results in two runs.

    Attributes
    ----------
    student : str
    edited : bool
        Whether other files were handed in.
    regraded : bool
        Whether there are other verdicts, be it on the same files.
    before, after : dict
        The records.
    """

    student: str
    edited: bool
    regraded: bool
    before: dict[str, Any]
    after: dict[str, Any]


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


def exercises_of(store: Store) -> dict[str, Any]:
    """Return what could be earned in a run; see `possible`.

    Raises
    ------
    NoSuchRecord
        If nothing has been graded yet, or with checks that are no more.
    """
    names = store.fact("names")
    if not names:
        raise NoSuchRecord(f"{store.path.parent} has no results: nothing has been graded yet")
    try:
        return possible(checks_of(names))
    except LookupError as problem:
        raise NoSuchRecord(
            f"{store.path.parent} was graded with other checks: {problem.args[0]}"
        ) from None


def policy_of(store: Store, before: bool = False) -> Policy:
    """Return the rules of a run, or of the run before."""
    text = store.fact("course before" if before else "course")
    return course_file.parse(text or "").policy


def students(store: Store, student: str | None = None) -> Iterator[dict[str, Any]]:
    """Yield everybody's record, or one student's, sorted by name; see `grades.compose`.

    Whoever has handed something in comes only when that has a verdict.
    """
    exercises, policy = exercises_of(store), policy_of(store)
    adjustments: dict[str, list[Adjustment]] = {}
    for adjustment in store.adjustments():
        adjustments.setdefault(adjustment.student, []).append(adjustment)
    for name, attempts in _graded(store.attempts(student), exercises):
        yield compose(name, attempts, exercises, policy, adjustments.get(name, []))


def _graded(
    everybody: Iterable[tuple[str, list[Attempt]]], exercises: dict[str, Any]
) -> Iterator[tuple[str, list[Attempt]]]:
    """Leave out attempts on which there are only verdicts of other checks."""
    checks = {id for exercise in exercises.values() for id in exercise["checks"]}
    for student, attempts in everybody:
        graded = [one for one in attempts if checks <= one.record["checks"].keys()]
        if graded or not attempts:
            yield student, graded


def look_up(store: Store, student: str) -> dict[str, Any]:
    """Return a student's record.

    Raises
    ------
    NoSuchRecord
        If there is no such student; the message says who has such a name.
    """
    found = next(students(store, student), None)
    if found is None:
        names = store.names()
        like = difflib.get_close_matches(student, names, 5, 0.5)
        said = f"perhaps {' or '.join(like)}" if like else f"there are {len(names)}, see grades.csv"
        raise NoSuchRecord(f"no student {student!r}: {said}")
    return found


def changes(store: Store) -> Iterator[Change]:
    """Yield who has other results than in the run before, adjustments aside."""
    if store.fact("course before") is None:  # there was none
        return
    exercises = exercises_of(store)
    policy, policy_before = policy_of(store), policy_of(store, before=True)
    before = _graded(store.attempts(before=True), exercises)
    held = next(before, None)
    for name, attempts in _graded(store.attempts(), exercises):
        while held is not None and held[0] < name:
            held = next(before, None)
        if held is None or held[0] != name:
            continue
        old = compose(name, held[1], exercises, policy_before)
        new = compose(name, attempts, exercises, policy)
        if old != new:
            edited = {one.digest for one in held[1]} != {one.digest for one in attempts}
            regraded = {one.key for one in held[1]} != {one.key for one in attempts}
            yield Change(name, edited, regraded, old, new)
