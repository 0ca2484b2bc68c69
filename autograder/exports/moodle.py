"""Moodle: an assignment's grading worksheet, or the gradebook's grades as plain text.

References
----------
https://docs.moodle.org/en/Assignment_settings (the offline grading worksheet)
https://docs.moodle.org/en/Grade_import
https://docs.moodle.org/en/Grade_export
https://github.com/moodle/moodle/blob/main/mod/assign/gradingtable.php
https://github.com/moodle/moodle/blob/main/mod/assign/feedback/offline/importgradeslib.php
https://github.com/moodle/moodle/blob/main/mod/assign/classes/downloader.php
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from autograder.exports.columns import Column, number
from autograder.exports.plain_text import about
from autograder.exports.roster import Key, Matching
from autograder.exports.template import BadTemplate, Row, Template

MAXIMUM, LOCKED, TEAM = "Maximum Grade", "Grade can be changed", "Group"


class Moodle:
    """A grading worksheet, or grades exported as plain text.

    A worksheet has the columns Identifier, Full name, the site's own (such as Email
    address), Status, Grade, Maximum Grade, Grade can be changed, Last modified
    (submission), Last modified (grade) and Feedback comments, in the site's language.
    Moodle knows a student by the Identifier, and silently skips grades above the maximum,
    locked ones, and those changed since the worksheet was made. When grades are imported
    into the gradebook, the instructor says which column tells students apart.

    Parameters
    ----------
    template : Template
    columns : sequence of Column
    exercises : dict
        See `results.possible`.
    feedback : str, optional
        The column that gets the feedback; it is HTML to Moodle.

    Raises
    ------
    BadTemplate
        If it lacks such a column.
    """

    def __init__(
        self,
        template: Template,
        columns: Sequence[Column],
        exercises: dict[str, Any],
        feedback: str | None = None,
    ) -> None:
        self._template = template
        self._feedback = None if feedback is None else template.index(feedback)
        if feedback in [column.header for column in columns]:
            raise BadTemplate(f"{feedback!r} can't take both grades and feedback")
        counted = {name for column in columns for name in column.exercises}
        self._exercises = {name: one for name, one in exercises.items() if name in counted}
        self._maximum = template.index(MAXIMUM) if MAXIMUM in template.columns else None
        self._locked = template.index(LOCKED) if LOCKED in template.columns else None
        for column in columns:
            if template.index(column.header) in (0, self._maximum, self._locked):
                raise BadTemplate(f"{column.header!r} is no column for grades")
        self.matching: Matching = FromDownload(str(template.path), TEAM in template.columns)

    def is_student(self, row: Row) -> bool:
        """Return whether a row says anything."""
        return any(map(row.text, range(len(row.cells))))

    def possible(self, row: Row, column: Column) -> Fraction | None:
        """Return the maximum grade; grades from the gradebook, and other languages, say none."""
        if self._maximum is None:
            return None
        maximum = number(row.text(self._maximum))
        if maximum is None:
            raise BadTemplate(f"{row.label}: {MAXIMUM} is {row.text(self._maximum)!r}, no number")
        return maximum

    def kept(self, row: Row, column: Column) -> str:
        """Return why a cell must stay: the grade is locked in the gradebook."""
        locked = self._locked is not None and row.text(self._locked) == "No"
        return "locked in Moodle's gradebook" if locked else ""

    def comment(self, student: dict[str, Any]) -> dict[int, str]:
        """Return the feedback, every character of it text and no HTML."""
        if self._feedback is None:
            return {}
        return {self._feedback: f"<pre>{html.escape(about(student, self._exercises))}</pre>"}


@dataclass(frozen=True)
class FromDownload:
    """Submissions are called what Moodle's "Download all submissions" called them.

    That is "Jane Doe_1234", or all of a folder's name, "Jane Doe_1234_assignsubmission_file",
    where 1234 also ends the row's Identifier, "Participant 1234". Underscores of the name
    have become spaces.

    Attributes
    ----------
    template : str
        For messages.
    team : bool
        Whether teams hand in; then the number can be the team's.
    """

    template: str
    team: bool

    def of_row(self, row: Row) -> Key | None:
        """Return the number."""
        found = re.search(r"[0-9]+$", row.text(0))
        if not found or self.team:
            why = "is about teams" if self.team else f"has no number in {row.label}"
            raise BadTemplate(
                f"{self.template} {why}: give --match COLUMN, and call submissions what it says"
            )
        return (found[0],)

    def in_name(self, student: str) -> Iterable[Key]:
        """Return the number after the name."""
        found = re.match(r"[^_]*_([0-9]+)(_assignsubmission_|$)", student)
        return [(found[1],)] if found else []
