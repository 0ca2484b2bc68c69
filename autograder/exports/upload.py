"""The file to upload: the platform's own, with the grades filled in and nothing else changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, NamedTuple, Protocol

from autograder.exports.columns import Column, number, scaled
from autograder.exports.roster import ByColumn, Matching, match
from autograder.exports.template import BadTemplate, Row, Template
from autograder.grading.results import students as records
from autograder.grading.store import Store


class Platform(Protocol):
    """What is particular about a platform's file."""

    matching: Matching

    def is_student(self, row: Row) -> bool:
        """Return whether a row is about a student."""

    def possible(self, row: Row, column: Column) -> Fraction | None:
        """Return how many points a cell can take, None if the file doesn't say."""

    def kept(self, row: Row, column: Column) -> str:
        """Return why a cell must stay as it is, "" if it may be filled in."""

    def comment(self, student: dict[str, Any]) -> dict[int, str]:
        """Return further cells to fill in."""


@dataclass
class Outcome:
    """What became of whom; students and rows as a message calls them.

    Attributes
    ----------
    graded : int
        Students whose row has their grades.
    changed : list of str
        Cells that held another grade.
    kept : list of str
        Cells that got no grade, and why.
    unknown : list of str
        Students without a row.
    waiting : list of str
        Students whose submissions have not been graded in this run.
    absent : list of str
        Rows without a student; they are as they were.
    """

    graded: int = 0
    changed: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)


class Earned(NamedTuple):
    """What a student's row gets: points by column, and further cells."""

    points: dict[int, int]
    comment: dict[int, str]


class Upload:
    """A template with a class's grades.

    Parameters
    ----------
    template : Template
    platform : Platform
    columns : sequence of Column
        What to fill in.
    store : Store
        The results.
    key : str, optional
        The column that says what the gradebook calls students, or what else the roster
        does. By default they are recognized by what the platform called their submissions
        when they were downloaded.
    scale : bool
        Whether points are scaled to the platform's; otherwise they have to agree.

    Attributes
    ----------
    outcome : Outcome
        Complete when `lines` has ended.

    Raises
    ------
    BadTemplate
        Here and in `lines`: if the template can't take the grades.
    Ambiguous
        If it isn't clear whose a row is.
    """

    def __init__(
        self,
        template: Template,
        platform: Platform,
        columns: Sequence[Column],
        store: Store,
        key: str | None = None,
        scale: bool = False,
    ) -> None:
        self._template, self._platform, self._store = template, platform, store
        self._columns = {template.index(column.header): column for column in columns}
        self._scale = scale
        self._exercises = {name for column in columns for name in column.exercises}
        if len(self._columns) < len(columns):
            raise BadTemplate("a column can be filled in only once")
        matching = ByColumn(template.index(key)) if key else platform.matching
        if isinstance(matching, ByColumn) and matching.index in self._columns:
            raise BadTemplate(f"{key!r} tells students apart: it can't be filled in")
        rows = (row for row in template.rows() if platform.is_student(row))
        also = (store.fact("known as") or {}) if key else store.sources()
        students = {name: [name, *also.get(name, ())] for name in store.names()}
        self._owners, unknown = match(rows, students, matching)
        if not self._owners:
            names = ", ".join(unknown[:3])
            raise BadTemplate(
                f"no submission fits a row of {template.path} ({names}, …): see --match"
            )
        self.outcome = Outcome(unknown=unknown)

    def lines(self) -> Iterator[str]:
        """Yield the file to upload, a row at a time."""
        found = dict(self._read())
        yield self._template.line(self._template.head, {})
        for row in self._template.rows():
            filled = self._filled(row, found) if self._platform.is_student(row) else {}
            yield self._template.line(row, filled)

    def _read(self) -> Iterator[tuple[str, Earned]]:
        """Yield who has a row, and of the record no more than is needed."""
        owners = set(self._owners.values())
        for student in records(self._store):
            if student["student"] in owners and self._exercises <= set(student["exercises"]):
                points = {index: one.earned(student) for index, one in self._columns.items()}
                yield student["student"], Earned(points, self._platform.comment(student))

    def _filled(self, row: Row, found: Mapping[str, Earned]) -> dict[int, str]:
        name = self._owners.get(row.number)
        if name is None:
            self.outcome.absent.append(row.label)
            return {}
        if name not in found:
            self.outcome.waiting.append(name)
            return {}
        here, there = len(row.cells), len(self._template.columns)
        if here != there:
            raise BadTemplate(f"{row.label} has {here} cells, the header {there}")
        grades = {}
        for index, column in self._columns.items():
            why = self._platform.kept(row, column)
            if why:
                self.outcome.kept.append(f"{row.label}, {column.header}: {why}")
            else:
                grades[index] = self._grade(row, column, found[name].points[index])
        if not grades:
            return {}
        self.outcome.graded += 1
        for index, grade in list(grades.items()):
            before = row.text(index)
            if number(before) == number(grade):
                del grades[index]  # it stays written in the platform's own way
            elif number(before) is not None:
                header = self._columns[index].header
                self.outcome.changed.append(f"{row.label}, {header}: {before} before, now {grade}")
        return grades | found[name].comment

    def _grade(self, row: Row, column: Column, earned: int) -> str:
        points, possible = column.points, self._platform.possible(row, column)
        if possible == points or (possible is None and not self._scale):
            return str(earned)
        if not possible:
            raise BadTemplate(f"{row.label}, {column.header}: no number of points to scale to")
        if not self._scale:
            raise BadTemplate(
                f"{column.header} takes {float(possible):g} points, but {column.what} has {points} "
                f"({row.label}): change it on the platform and export again, or give --scale"
            )
        return scaled(earned, points, possible)
