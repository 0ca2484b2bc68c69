"""`autograder export`: grades for Canvas, Moodle, Gradescope and nbgrader."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from autograder.commands import Refused
from autograder.exports import files, gradescope, nbgrader_notebooks
from autograder.exports.canvas import Canvas
from autograder.exports.columns import Column, column
from autograder.exports.moodle import Moodle
from autograder.exports.roster import Ambiguous
from autograder.exports.template import BadTemplate, Template
from autograder.exports.upload import Outcome, Platform, Upload
from autograder.grading import results as records
from autograder.grading.store import Store, StoreProblem
from autograder.reports.feedback import file_name


def run(options: argparse.Namespace) -> int:
    """Write the platform's file, and say what became of whom: 1 if somebody has no grade."""
    try:
        with records.open_store(options.results) as store:
            exercises = records.exercises_of(store)
            if options.platform == "gradescope":
                return _gradescope(store, exercises, options)
            if options.platform == "nbgrader":
                return _nbgrader(store, exercises, options)
            return _upload(store, exercises, options)
    except Ambiguous as problem:
        raise Refused(
            f"nothing was written, for it isn't clear whose rows these are:\n{problem}\n"
            "Call each submission as --match says, keep one a student, and grade again."
        ) from None
    except (records.NoSuchRecord, StoreProblem, BadTemplate, files.InTheWay) as problem:
        raise Refused(str(problem)) from None
    except OSError as problem:
        raise Refused(f"{options.out} can't be written ({problem.strerror})") from None


def _upload(store: Store, exercises: dict[str, Any], options: argparse.Namespace) -> int:
    template = Template(options.template)
    files.free(options.out, options.force)
    if options.out.exists() and options.out.samefile(options.template):
        raise Refused("--out is the template: give another name, so that you keep it")
    try:
        columns = [column(text, exercises) for text in options.column]
    except ValueError as problem:
        raise Refused(str(problem)) from None
    platform: Platform
    if options.platform == "canvas":
        platform = Canvas(template, columns)
    else:
        platform = Moodle(template, columns, exercises, options.feedback)
    upload = Upload(template, platform, columns, store, options.match, options.scale)
    files.write(options.out, upload.lines(), options.force)
    _tell(upload.outcome, columns, options)
    return int(bool(upload.outcome.unknown or upload.outcome.waiting))


def _tell(outcome: Outcome, columns: Sequence[Column], options: argparse.Namespace) -> None:
    what = ", ".join(f"{column.header} = {column.what}" for column in columns)
    print(f"Wrote {options.out} with the grades of {outcome.graded} students: {what}")
    _list("Submissions without a row, and so without a grade there; see --match", outcome.unknown)
    _list("Submissions that have not been graded; grade again", outcome.waiting)
    _list("Rows without a submission, left as they were", outcome.absent)
    _list("Cells left as they were", outcome.kept)
    _list("Grades that were others before", outcome.changed)


def _list(title: str, those: Sequence[str]) -> None:
    if those:
        print(f"{title} ({len(those)}):")
        print("\n".join(f"  {one}" for one in those))


def _gradescope(store: Store, exercises: dict[str, Any], options: argparse.Namespace) -> int:
    if options.student is not None:
        student = records.look_up(store, options.student)
        _write_results(student, exercises, options.out, options)
        print(f"Wrote {options.out}")
        return 0
    if options.out.exists() and not options.out.is_dir():
        raise Refused(f"{options.out} is a file; give a folder, or --student for one student")
    options.out.mkdir(parents=True, exist_ok=True)
    if any(options.out.iterdir()) and not options.force:
        raise Refused(f"{options.out} is not empty; give another folder, or --force")
    taken: set[str] = set()
    expected = set(store.names())
    for student in records.students(store):
        if student["student"] not in expected:  # on the roster only
            continue
        name = file_name(student["student"])
        while name.casefold() in taken:
            name += "_"
        taken.add(name.casefold())
        _write_results(student, exercises, options.out / f"{name}.json", options)
    print(f"Wrote {len(taken)} files to {options.out}, one a student")
    waiting = len(expected) - len(taken)
    if waiting:
        print(f"{waiting} submissions have not been graded; grade again")
    return int(bool(waiting))


def _write_results(
    student: dict[str, Any], exercises: dict[str, Any], path: Path, options: argparse.Namespace
) -> None:
    document = gradescope.results(student, exercises, options.visibility)
    files.write(path, gradescope.lines(document), options.force)


def _nbgrader(store: Store, exercises: dict[str, Any], options: argparse.Namespace) -> int:
    from autograder.exports import nbgrader

    try:
        outcome = nbgrader.fill_in(options.out, records.students(store), exercises, options.force)
    except nbgrader.BadGradebook as problem:
        raise Refused(str(problem)) from None
    waiting = sorted(set(store.names()) - outcome.students)
    assignments = ", ".join(exercises)
    print(f"Wrote {options.out} with the grades of {len(outcome.students)} students: {assignments}")
    _list("Submissions that have not been graded; grade again", waiting)
    _list("Points or comments given in nbgrader, left as they were; see --force", outcome.kept)
    _list("Submissions that are no more, taken out", outcome.removed)
    course = options.out.resolve().parent
    if (course / nbgrader_notebooks.SUBMITTED).is_dir():
        try:
            written = nbgrader_notebooks.write(course, records.students(store), exercises)
        except nbgrader_notebooks.NoRelease as problem:
            raise Refused(str(problem)) from None
        place = course / nbgrader_notebooks.AUTOGRADED
        print(f"Wrote {written} notebooks with what is said of them to {place}")
    return int(bool(waiting))
