"""Canvas: the gradebook that it exports and imports.

References
----------
https://community.instructure.com/en/kb/articles/660862-how-do-i-import-grades-in-the-gradebook
https://github.com/instructure/canvas-lms/blob/master/lib/gradebook_exporter.rb
https://github.com/instructure/canvas-lms/blob/master/lib/gradebook_importer.rb
https://github.com/instructure/canvas-lms/blob/master/lib/content_zipper.rb
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from autograder.exports.columns import Column, number
from autograder.exports.roster import Key, Matching
from autograder.exports.template import BadTemplate, Row, Template

POINTS = "Points Possible"
KEPT = {"EX": "excused in Canvas", "N/A": "not assigned to this student in Canvas"}
"""Cells that aren't grades: a grade would end the excuse, or Canvas would ignore it."""

_ASSIGNMENT = re.compile(r".*\(\d+\)", re.DOTALL)
_BELOW_THE_HEADER = re.compile(r"(Muted|Manual Posting.*)?", re.IGNORECASE | re.DOTALL)


class Canvas:
    """A gradebook exported from Canvas.

    The columns are Student (or LastName, FirstName), ID, some of SIS User ID, SIS Login
    ID, Integration ID and Root Account, then Section, the instructor's own columns, the
    assignments as "Name (id)", and read-only totals. Below the header may come a row
    that says which assignments are posted manually, and a row with the points possible.
    Canvas knows a student by ID, else by the SIS columns, else by the name; the rows are
    kept as they are, so that it knows its own.

    Parameters
    ----------
    template : Template
    columns : sequence of Column

    Raises
    ------
    BadTemplate
        If it is no such file, or a column is no assignment's.
    """

    def __init__(self, template: Template, columns: Sequence[Column]) -> None:
        self._template = template
        names = template.columns
        if not (names[0] in ("Student", "LastName") and {"ID", "Section"} <= set(names)):
            raise BadTemplate(
                f"{template.path} is no gradebook of Canvas (Student, ID, Section): "
                "take what Grades, Export gives"
            )
        self.matching: Matching = FromDownload(template.index("ID"))
        points = self._points()
        self._places: dict[str, int] = {}
        self._possible: dict[str, Fraction] = {}
        for column in columns:
            index = template.index(column.header)
            possible = number(points.text(index))
            if not _ASSIGNMENT.fullmatch(column.header) or possible is None:
                raise BadTemplate(
                    f'{column.header!r} is no assignment: its column is called "Name (id)", '
                    "and has points possible"
                )
            self._places[column.header] = index
            self._possible[column.header] = possible

    def _points(self) -> Row:
        found = [row for row in self._template.rows() if POINTS in row.text(0)]
        if not found:
            raise BadTemplate(f"{self._template.path} has no row {POINTS!r}: export it again")
        for row in found[1:]:
            raise BadTemplate(f"{row.label}: Canvas would take this row for the points possible")
        return found[0]

    def is_student(self, row: Row) -> bool:
        """Return whether a row is about a student, by Canvas's own rules."""
        if POINTS in row.text(0):
            return False
        texts = map(row.text, range(len(row.cells)))
        return not all(_BELOW_THE_HEADER.fullmatch(text) for text in texts)

    def possible(self, row: Row, column: Column) -> Fraction | None:
        """Return the assignment's points."""
        return self._possible[column.header]

    def kept(self, row: Row, column: Column) -> str:
        """Return why a cell must stay: the student is excused, or has no such assignment."""
        return KEPT.get(row.text(self._places[column.header]).upper(), "")

    def comment(self, student: dict[str, Any]) -> dict[int, str]:
        """Return nothing: Canvas imports no comments."""
        return {}


@dataclass(frozen=True)
class FromDownload:
    """Submissions are called what Canvas's "Download Submissions" called them.

    That is "doejane_1234", the name as sorted and the student's ID, or all of a file's name,
    "doejane_1234_5678_FILE" or "doejane_LATE_1234_5678_FILE". A student chooses the name and
    FILE, so that the ID counts only together with the name of its row.

    Attributes
    ----------
    id : int
        The column "ID"; the name is left of it.
    """

    id: int

    def of_row(self, row: Row) -> Key | None:
        """Return the ID and the name."""
        known = row.text(self.id)
        return (known, _letters("".join(map(row.text, range(self.id))))) if known else None

    def in_name(self, student: str) -> Iterable[Key]:
        """Return each number that can be an ID, with what stands before it."""
        return set(self._readings(student))

    def _readings(self, student: str) -> Iterator[Key]:
        for found in re.finditer(r"_([0-9]+)(?=_[0-9]+(_|$)|$)", student):
            name = student[: found.start()].removesuffix("_LATE")
            yield found[1], _letters(name)


def _letters(name: str) -> str:
    """Return the letters and digits of a name: Canvas leaves the rest out of file names."""
    return "".join(c for c in unicodedata.normalize("NFKC", name.casefold()) if c.isalnum())
