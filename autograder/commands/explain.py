"""`autograder explain`: where a number in the gradebook comes from."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any

from autograder.commands import Refused
from autograder.grading import results as records
from autograder.grading.names import shown
from autograder.grading.store import StoreProblem

MARKS = {"correct": "✓", "not attempted": "·"}


def run(options: argparse.Namespace) -> int:
    """Print how a student's points for an exercise, or for all, come about."""
    try:
        with records.open_store(options.results) as store:
            exercises = records.exercises_of(store)
            student = records.look_up(store, options.student)
            policy = records.policy_of(store)
    except (records.NoSuchRecord, StoreProblem) as problem:
        raise Refused(str(problem)) from None
    if options.exercise is None:
        lines = _all(student, exercises)
    elif options.exercise in exercises:
        lines = _one(student, options.exercise, exercises[options.exercise], policy.attempts)
    else:
        raise Refused(f"no exercise {options.exercise!r} in this run: {', '.join(exercises)}")
    for line in lines:
        print(shown(line))
    return 0


def _all(student: dict[str, Any], exercises: dict[str, Any]) -> Iterator[str]:
    possible = sum(exercise["points"] for exercise in exercises.values())
    yield f"{student['student']}: {student['total']} of {possible} points"
    for name, exercise in exercises.items():
        points = student["exercises"][name]
        said = "not handed in" if points is None else f"of {exercise['points']}"
        yield f"  {points or 0:>5}  {name} ({said})"
    yield f"  {student['total']:>5}  in all"
    yield from (f"  note: {problem}" for problem in student["problems"])
    yield "For one of them: autograder explain STUDENT EXERCISE"


def _one(
    student: dict[str, Any], name: str, exercise: dict[str, Any], policy: str
) -> Iterator[str]:
    yield f"{student['student']}, {name}: {_points(student, name)} of {exercise['points']} points"
    yield from _attempts(student, name, policy)
    for id, facts in exercise["checks"].items():
        check = student["checks"].get(id)
        if check is None:
            yield f"      –  {id}: not graded"
            continue
        yield f"  {check['points']:>5}  of {facts['points']:>2} {_mark(check)} {id}: {_said(check)}"
        if "adjusted" in check:
            adjusted = check["adjusted"]
            yield f"{'':15}by hand, {adjusted['from']} before: {adjusted['why']}"
    late = student["late"].get(name)
    if late:
        yield f"  {late['points']:>5}  {late['why']}"
    yield f"  {_points(student, name):>5}  in all"
    if student["attempts"]:
        yield "To run a check's draw again: autograder reproduce STUDENT CHECK"


def _points(student: dict[str, Any], name: str) -> int:
    return student["exercises"][name] or 0


def _attempts(student: dict[str, Any], name: str, policy: str) -> Iterator[str]:
    """Say which attempt counts."""
    attempts = student["attempts"]
    if not attempts:
        yield "  Nothing was handed in."
        return
    counts = student["counts"].get(name)
    if counts is None:
        yield f"  {name}.py was not handed in."
    several = f", the {policy} counts" if len(attempts) > 1 else ""
    yield f"  Handed in{several}:"
    for number, attempt in enumerate(attempts):
        when = attempt.get("time", "at a time that is not known")
        dated = f", dated {attempt['dated']} in its archive" if "dated" in attempt else ""
        mark = "→" if number == counts else " "
        what = f"files {attempt['digest'][:12]}, graded in {attempt['isolation']}"
        yield f"   {mark} {attempt['source']}, {when}{dated}; {what}"


def _mark(check: dict[str, Any]) -> str:
    return MARKS.get(check["outcome"], "✗")


def _said(check: dict[str, Any]) -> str:
    said = [check["outcome"]]
    said += [dict(check.get("explanation", [])).get("It looks like", "")]
    said += [f"draw {check['seed']}"] if "seed" in check else []
    return ", ".join(filter(None, said))
