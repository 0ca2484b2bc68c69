"""Who is in the class, and when they handed in: two tables that an instructor gives.

A table is CSV with a header, as spreadsheets and learning platforms write it. In the
roster every cell of a row identifies its student: the login, the e-mail address, the
name. So submissions are recognized whatever a platform calls them.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from pathlib import Path

from autograder.grading.names import same
from autograder.grading.submissions import HandIn

MAX_BYTES = 16 * 2**20
TIMES = {
    "time": ("student",),
    "submission_timestamp": ("student_repository_name", "github_username"),
    "Last modified (submission)": ("Identifier", "Full name", "Email address"),
}
"""The columns of times that are known (our own, GitHub Classroom's, Moodle's) and, for
each, those that say whose it is."""

MOODLE = ("%A, %d %B %Y, %I:%M %p", "%A, %d %B %Y, %H:%M", "%d %B %Y, %I:%M %p")
"""How Moodle writes a time, in English."""


class BadTable(ValueError):
    """What is wrong in a roster or a table of times, with its line, and what to write."""


@dataclass(frozen=True)
class Roster:
    """A class.

    Attributes
    ----------
    students : tuple of str
        What the gradebook calls them.
    owners : dict of str to str
        The student by everything that identifies them, as `same` writes it.
    """

    students: tuple[str, ...]
    owners: dict[str, str]

    def known_as(self) -> dict[str, list[str]]:
        """Return what identifies each student."""
        found: dict[str, list[str]] = {student: [] for student in self.students}
        for name, student in self.owners.items():
            found[student].append(name)
        return found

    def claim(self, hand_in: HandIn) -> HandIn:
        """Return a hand-in under its student's name; under its own if nobody has it."""
        names = map(same, (hand_in.student, *hand_in.identities))
        found = {self.owners[name] for name in names if name in self.owners}
        if len(found) == 1:
            return replace(hand_in, student=found.pop())
        problem = (
            f"it could be {' or '.join(sorted(found))}: the roster has both"
            if found
            else "it is on nobody's row in the roster: rename it, or add a row"
        )
        return replace(hand_in, problems=(*hand_in.problems, problem))


def read_roster(path: Path) -> Roster:
    """Read who is in the class.

    Parameters
    ----------
    path : Path
        A CSV file with a column "student"; all other columns may help to identify.

    Raises
    ------
    BadTable
    """
    lines: dict[str, int] = {}
    students: list[str] = []
    whose: dict[str, set[str]] = {}
    for line, row in _rows(path, ["student"]):
        student = row["student"]
        if not student:
            raise BadTable(f"{path}, line {line}: no student: write who it is, or delete the row")
        if same(student) in lines:
            raise BadTable(
                f"{path}, line {line}: {student} is there twice, see line "
                f"{lines[same(student)]}: delete one of the rows"
            )
        lines[same(student)] = line
        students.append(student)
        for cell in filter(None, row.values()):
            whose.setdefault(same(cell), set()).add(student)
    owners = {cell: those.pop() for cell, those in whose.items() if len(those) == 1}
    # What the gradebook calls somebody is theirs, even where it stands in another's row, too.
    owners |= {same(student): student for student in students}
    return Roster(tuple(sorted(students)), owners)


def read_times(path: Path, zone: tzinfo | None) -> dict[str, datetime]:
    """Read when students handed in.

    Parameters
    ----------
    path : Path
        A CSV file: columns "student" and "time", or what GitHub Classroom gives as
        "Download grades", or Moodle as its grading worksheet.
    zone : tzinfo or None
        Of times that are written without one.

    Returns
    -------
    dict of str to datetime
        By whatever says whose it is, as `same` writes it.

    Raises
    ------
    BadTable
    """
    times: dict[str, datetime] = {}
    lines: dict[str, int] = {}
    for line, row in _rows(path, list(TIMES)):
        column = next(name for name in TIMES if name in row)
        if row[column] in ("", "-"):
            continue
        time = _time(row[column], zone, f"{path}, line {line}")
        for key in {same(row[name]) for name in TIMES[column] if row.get(name)}:
            if key in times and times[key] != time:
                raise BadTable(
                    f"{path}, line {line}: {key} is there twice, see line {lines[key]}: "
                    "keep the row that counts, or name the attempts STUDENT@TIME"
                )
            times[key], lines[key] = time, line
    return times


def with_time(hand_in: HandIn, times: dict[str, datetime]) -> HandIn:
    """Return a hand-in with its time, if that is known."""
    found = {times[same(one)] for one in _names(hand_in) if same(one) in times}
    if hand_in.time is not None or len(found) != 1:
        return hand_in
    return replace(hand_in, time=found.pop())


def _names(hand_in: HandIn) -> Sequence[str]:
    numbered = [f"Participant {one}" for one in hand_in.identities if one.isdecimal()]
    return (hand_in.student, *hand_in.identities, *numbered)


def _time(text: str, zone: tzinfo | None, where: str) -> datetime:
    time = next(_readings(text), None)
    if time is None:
        raise BadTable(f"{where}: {text!r} is no time: write it as in 2026-10-12 23:59+02:00")
    if time.tzinfo is None:
        if zone is None:
            raise BadTable(
                f"{where}: {text!r} has no time zone: add its offset, as in "
                '2026-10-12 23:59+02:00, or say time_zone = "Europe/Berlin" in the course\'s file'
            )
        time = time.replace(tzinfo=zone)
    return time


def _readings(text: str) -> Iterator[datetime]:
    text = re.sub(r" UTC$", "+00:00", text)  # as GitHub Classroom writes it
    for form in (None, *MOODLE):
        try:
            yield datetime.fromisoformat(text) if form is None else datetime.strptime(text, form)
        except ValueError:
            continue


def _rows(path: Path, one_of: Iterable[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the rows of a table that has one of these columns, each with its line."""
    wanted = list(one_of)
    try:
        if path.stat().st_size > MAX_BYTES:
            raise BadTable(f"{path} is larger than {MAX_BYTES // 2**20} MiB")
        with path.open(encoding="utf-8-sig", newline="") as file:
            first = file.readline()
            file.seek(0)
            reader = csv.DictReader(file, delimiter=_delimiter(first), restkey="")
            header = reader.fieldnames or []
            if not set(wanted) & set(header):
                raise BadTable(f"{path}, line 1: no column called {' or '.join(map(repr, wanted))}")
            for row in reader:
                # A row may have more cells than the header, or fewer.
                kept = {name: (row[name] or "").strip() for name in header}
                if any(kept.values()):
                    yield reader.line_num, kept
    except UnicodeDecodeError:
        raise BadTable(f"{path} is not UTF-8: save it as CSV UTF-8") from None
    except csv.Error as problem:
        raise BadTable(f"{path}: {problem}") from None


def _delimiter(header: str) -> str:
    return max(",;\t", key=header.count)
