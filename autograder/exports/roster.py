"""Who has which row: found by what stands there, or not at all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from autograder.exports.template import Row
from autograder.grading.names import same

Key = tuple[str, ...]
"""What tells students apart; equal in a row and in the name of its student's submission."""


class Ambiguous(ValueError):
    """Submissions that fit several rows, or rows that fit several; a line each."""


class Matching(Protocol):
    """A way to tell whose row it is."""

    def of_row(self, row: Row) -> Key | None:
        """Return a row's key, None if it has none."""

    def in_name(self, student: str) -> Iterable[Key]:
        """Return the keys that a name can be read as."""


@dataclass(frozen=True)
class ByColumn:
    """Submissions are called what a column says, such as the login.

    Attributes
    ----------
    index : int
        The column.
    """

    index: int

    def of_row(self, row: Row) -> Key | None:
        """Return what the column says."""
        said = same(row.text(self.index))
        return (said,) if said else None

    def in_name(self, student: str) -> Iterable[Key]:
        """Return the name."""
        return [(same(student),)]


def match(
    rows: Iterable[Row], students: Mapping[str, Iterable[str]], how: Matching
) -> tuple[dict[int, str], list[str]]:
    """Find the students' rows.

    Parameters
    ----------
    rows : iterable of Row
        Those that are about a student.
    students : mapping of str to iterable of str
        What each is called, by what the gradebook calls them.
    how : Matching

    Returns
    -------
    owners : dict of int to str
        The student, by the row's number.
    unknown : list of str
        Students without a row.

    Raises
    ------
    Ambiguous
        If a student fits two rows, or two students fit one.
    """
    places: dict[Key, list[int]] = defaultdict(list)
    for row in rows:
        key = how.of_row(row)
        if key:
            places[key].append(row.number)
    claims: dict[int, list[str]] = defaultdict(list)
    unknown, unclear = [], []
    for student, names in students.items():
        keys = {key for name in names for key in how.in_name(name)}
        found = sorted({number for key in keys for number in places.get(key, ())})
        if len(found) > 1:
            unclear.append(f"{student} fits the rows {', '.join(map(str, found))}")
        elif found:
            claims[found[0]].append(student)
        else:
            unknown.append(student)
    for number, claimants in sorted(claims.items()):
        if len(claimants) > 1:
            unclear.append(f"row {number} fits {', '.join(claimants)}")
    if unclear:
        raise Ambiguous("\n".join(unclear))
    return {number: claimants[0] for number, claimants in claims.items()}, unknown
