"""What was handed in, by whom and when: for every command that reads submissions."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from autograder.commands import Refused
from autograder.grading import course_file
from autograder.grading.arrivals import Found, HandIn, apart, find
from autograder.grading.course_file import BadCourse, CourseFile
from autograder.grading.roster import BadTable, Roster, read_roster, read_times, with_time


@dataclass(frozen=True)
class Incoming:
    """A class's submissions.

    Attributes
    ----------
    hand_ins : list of HandIn
        Under their students' names, with their times.
    students : tuple of str
        Who is in the class; empty if there is no roster.
    ignored : list of str
        What is no submission.
    rules : CourseFile
        What the course's file says; nothing if there is none.
    known_as : dict of str to list of str
        What else the roster calls students.
    """

    hand_ins: list[HandIn]
    students: tuple[str, ...]
    ignored: list[str]
    rules: CourseFile
    known_as: dict[str, list[str]]


def read_incoming(place: Path, course: Path | None) -> Incoming:
    """Find the submissions, and apply the course's roster and table of times, or refuse.

    Parameters
    ----------
    place : Path
        A folder or an archive.
    course : Path or None
        By default `course.toml`, if it is there.
    """
    path = course or Path(course_file.FILE)
    try:
        rules = CourseFile() if course is None and not path.is_file() else course_file.read(path)
        found = found_in(place)
        hand_ins, roster = _whose(found.hand_ins, rules)
    except (BadCourse, BadTable, OSError) as problem:
        raise Refused(str(problem)) from None
    students = roster.students if roster else ()
    unknown = course_file.nobody(rules, [*students, *(one.student for one in hand_ins)], path)
    if unknown:
        raise Refused("\n".join(unknown))
    known_as = roster.known_as() if roster else {}
    return Incoming(hand_ins, students, found.ignored, rules, known_as)


def found_in(place: Path) -> Found:
    """Find the submissions in a folder or an archive, or refuse."""
    try:
        return find(place)
    except OSError as problem:
        raise Refused(str(problem)) from None


def _whose(hand_ins: list[HandIn], rules: CourseFile) -> tuple[list[HandIn], Roster | None]:
    if rules.times:
        times = read_times(rules.times, rules.zone)
        hand_ins = [with_time(one, times) for one in hand_ins]
    if not rules.roster:
        return apart(hand_ins), None
    roster = read_roster(rules.roster)
    return apart([roster.claim(one) for one in hand_ins]), roster
