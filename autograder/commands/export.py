"""`autograder export`: grades for Canvas, Moodle and Gradescope."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from autograder.commands import Refused
from autograder.exports import files, gradescope
from autograder.exports.canvas import Canvas
from autograder.exports.columns import Column, column
from autograder.exports.moodle import Moodle
from autograder.exports.roster import Ambiguous
from autograder.exports.template import BadTemplate, Template
from autograder.exports.upload import Outcome, Platform, Upload
from autograder.grading import results as records
from autograder.grading.engine import checks_of
from autograder.grading.store import Store, StoreProblem
from autograder.reports.feedback import file_name


def run(options: argparse.Namespace) -> int:
    """Write the platform's file, and say what became of whom: 1 if somebody has no grade."""
    try:
        with records.open_store(options.results) as store:
            exercises = _exercises(store, options.results)
            if options.platform == "gradescope":
                return _gradescope(store, exercises, options)
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


def _exercises(store: Store, results: Path) -> dict[str, Any]:
    names = store.fact("names")
    if not names:
        raise Refused(f"{results} has no results: nothing has been graded yet")
    try:
        return records.possible(checks_of(names))
    except LookupError as problem:
        raise Refused(f"{results} was graded with other checks: {problem.args[0]}") from None


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
    for title, those in (
        ("Submissions without a row, and so without a grade there; see --match", outcome.unknown),
        ("Submissions that have not been graded; grade again", outcome.waiting),
        ("Rows without a submission, left as they were", outcome.absent),
        ("Cells left as they were", outcome.kept),
        ("Grades that were others before", outcome.changed),
    ):
        if those:
            print(f"{title} ({len(those)}):")
            print("\n".join(f"  {one}" for one in those))


def _gradescope(store: Store, exercises: dict[str, Any], options: argparse.Namespace) -> int:
    if options.student is not None:
        student = next(store.students(options.student), None)
        if student is None:
            raise Refused(f"no student {options.student!r}: {', '.join(store.names())}")
        _write_results(student, exercises, options.out, options)
        print(f"Wrote {options.out}")
        return 0
    if options.out.exists() and not options.out.is_dir():
        raise Refused(f"{options.out} is a file; give a folder, or --student for one student")
    options.out.mkdir(parents=True, exist_ok=True)
    if any(options.out.iterdir()) and not options.force:
        raise Refused(f"{options.out} is not empty; give another folder, or --force")
    taken: set[str] = set()
    for student in store.students():
        name = file_name(student["student"])
        while name.casefold() in taken:
            name += "_"
        taken.add(name.casefold())
        _write_results(student, exercises, options.out / f"{name}.json", options)
    print(f"Wrote {len(taken)} files to {options.out}, one a student")
    waiting = len(store.names()) - len(taken)
    if waiting:
        print(f"{waiting} submissions have not been graded; grade again")
    return int(bool(waiting))


def _write_results(
    student: dict[str, Any], exercises: dict[str, Any], path: Path, options: argparse.Namespace
) -> None:
    document = gradescope.results(student, exercises, options.visibility)
    files.write(path, gradescope.lines(document), options.force)
