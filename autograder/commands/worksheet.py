"""`autograder worksheet`: backpropagation on paper, with each student's own numbers."""

from __future__ import annotations

import argparse
from pathlib import Path

from autograder.authoring.variants import BadCatalogue
from autograder.authoring.worksheet import NEEDED, Worksheets
from autograder.commands import Refused
from autograder.grading.roster import BadTable, read_roster
from autograder.reports import worksheet
from autograder.reports.feedback import distinct_file_names
from autograder.reports.pages import counted

OUT = {False: Path("worksheets"), True: Path("worksheet-keys")}
CLASS, STUDENTS = "class.html", "students"


def run(options: argparse.Namespace) -> int:
    """Write the sheets, or the keys to them: a page a student, and one of the whole class."""
    if missing := [n for n in NEEDED if not (options.solutions / f"{n}.py").is_file()]:
        raise Refused(
            "a worksheet is computed with the solutions, and there are none here: no "
            f"{options.solutions / missing[0]}.py; see --solutions"
        )
    students = _students(options)
    worksheets = Worksheets(options.solutions)
    try:
        sheets = [
            (sheet, worksheets.trace(sheet), worksheets.slips(sheet) if options.key else [])
            for sheet in map(worksheets.sheet, students)
        ]
    except BadCatalogue as problem:
        raise Refused(str(problem)) from None
    out = options.out or OUT[options.key]
    named = zip(distinct_file_names(students), sheets, strict=True)
    pages = {f"{STUDENTS}/{name}.html": [sheet] for name, sheet in named}
    if options.roster:
        pages[CLASS] = sheets
    try:
        (out / STUDENTS).mkdir(parents=True, exist_ok=True)
        for path, content in pages.items():
            text = worksheet.page(content, options.key)
            (out / path).write_text(text, encoding="utf-8", newline="\n")
    except OSError as problem:
        raise Refused(f"{out} can't be written ({problem.strerror})") from None
    what = "answer key" if options.key else "worksheet"
    last = list(pages)[-1]
    print(f"Wrote {counted(len(sheets), what)}; open and print {out / last}")
    return 0


def _students(options: argparse.Namespace) -> tuple[str, ...]:
    if options.student is not None:
        if not options.student.strip():
            raise Refused("whose worksheet? Give what the gradebook calls the student")
        return (options.student.strip(),)
    try:
        students = read_roster(options.roster).students
    except (BadTable, OSError) as problem:
        raise Refused(str(problem)) from None
    if not students:
        raise Refused(f"nobody is on {options.roster}")
    return students
