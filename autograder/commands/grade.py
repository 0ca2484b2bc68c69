"""`autograder grade`."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.progress import track
from rich.table import Table
from rich.text import Text

from autograder.authoring.variants import BadCatalogue
from autograder.catalogue import EXERCISES
from autograder.commands import Refused
from autograder.grading import results as records
from autograder.grading.engine import Graded, Grader, course_secret
from autograder.grading.sandbox import Limits, WorkerBroken
from autograder.grading.submissions import Submission, find
from autograder.reports import feedback, gradebook


def run(options: argparse.Namespace) -> int:
    """Grade a class: `grades.csv`, `results.json` and the students' feedback."""
    console = Console() if Console().is_terminal else Console(width=100)
    exercises = _exercises(options.exercise)
    submissions, ignored = submissions_in(options.submissions)
    if not submissions:
        raise Refused(f"{options.submissions} holds no submission: a folder or .zip a student")
    try:
        secret = course_secret(options.secret)
    except (OSError, ValueError) as problem:
        raise Refused(str(problem)) from None
    grader = make_grader(options.solutions, secret, exercises, Limits(patience=options.patience))
    jobs = options.jobs or os.cpu_count() or 1
    if jobs < 1:
        raise Refused("--jobs must be at least 1")

    graded = _graded(grader, submissions, jobs, console)
    results = records.record(graded, exercises, options.submissions)
    options.out.mkdir(parents=True, exist_ok=True)
    records.write(results, options.out)
    gradebook.write(results, options.out)
    feedback.write(results, options.out)
    _print_gradebook(results, console)
    for line in ignored:
        console.print(Text(f"ignored: {line}"))
    console.print(
        Text(f"Wrote {options.out / gradebook.FILE}, {records.FILE} and {feedback.FOLDER}/")
    )
    return 0


def _exercises(chosen: Sequence[str] | None) -> list[str]:
    unknown = set(chosen or []) - set(EXERCISES)
    if unknown:
        raise Refused(f"no exercise {', '.join(sorted(unknown))}: there are {', '.join(EXERCISES)}")
    return [name for name in EXERCISES if not chosen or name in chosen]


def submissions_in(folder: Path) -> tuple[list[Submission], list[str]]:
    """Find the submissions in a folder, or refuse."""
    try:
        return find(folder, EXERCISES)
    except OSError as problem:
        raise Refused(str(problem)) from None


def make_grader(solutions: Path, secret: bytes, exercises: list[str], limits: Limits) -> Grader:
    """Return a grader, or refuse."""
    try:
        return Grader(solutions, secret, exercises, limits)
    except ImportError as problem:
        raise Refused(f"the solutions in {solutions} can't be imported: {problem}") from None
    except BadCatalogue as problem:
        raise Refused(str(problem)) from None


def _tracked(
    grader: Grader, submissions: list[Submission], jobs: int, console: Console
) -> Iterable[Graded]:
    return track(
        grader.grade_all(submissions, jobs),
        "Grading",
        total=len(submissions),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )


def _graded(
    grader: Grader, submissions: list[Submission], jobs: int, console: Console
) -> list[Graded]:
    try:
        return _in_order(submissions, _tracked(grader, submissions, jobs, console))
    except WorkerBroken as problem:
        raise Refused(f"no submission can be run here: {problem}") from None


def _in_order(submissions: list[Submission], graded: Iterable[Graded]) -> list[Graded]:
    by_student = {one.submission.student: one for one in graded}
    return [by_student[submission.student] for submission in submissions]


def _print_gradebook(results: dict[str, Any], console: Console) -> None:
    table = Table(title="Gradebook", title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("student", overflow="fold")
    for name in results["exercises"]:
        table.add_column(name.replace("_", "\n"), justify="right")
    table.add_column("total", justify="right")
    for student in results["students"]:
        cells = [
            str(one["points"]) if one["handed_in"] else "–" for one in student["exercises"].values()
        ]
        table.add_row(Text(student["student"]), *cells, str(student["total"]))
    console.print(table)
    console.print("– not handed in (0 points)")
    for student in results["students"]:
        if student["problems"]:
            console.print(Text(f"{student['student']}: {'; '.join(student['problems'])}"))
