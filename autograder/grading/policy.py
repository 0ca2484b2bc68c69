"""What counts: which of several attempts, until when, and what being late costs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from autograder.grading.names import same

ATTEMPTS = ("last", "best")
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Late:
    """What being late costs.

    Attributes
    ----------
    percent : int
        Of the points earned, for each period begun.
    every : timedelta
        The period.
    at_most : int
        Percent, however late.
    grace : timedelta
        So much is not late at all. What is later is late from the deadline on.
    closed_after : timedelta or None
        What is later doesn't count.
    """

    percent: int = 0
    every: timedelta = DAY
    at_most: int = 100
    grace: timedelta = timedelta(0)
    closed_after: timedelta | None = None


@dataclass(frozen=True)
class Extension:
    """A later deadline for one student.

    Attributes
    ----------
    student : str
    exercises : tuple of str
        Which; all if there are none.
    until : datetime
    why : str
    """

    student: str
    exercises: tuple[str, ...]
    until: datetime
    why: str = ""


@dataclass(frozen=True)
class Deduction:
    """What an exercise loses, and why.

    Attributes
    ----------
    percent : int
    why : str
        For the student to read; "" if there is nothing to say.
    closed : bool
        Whether it came too late to count.
    """

    percent: int = 0
    why: str = ""
    closed: bool = False

    def points(self, earned: int) -> int:
        """Return the points that are taken off, rounded in the student's favor."""
        return earned * self.percent // 100


@dataclass(frozen=True)
class Policy:
    """The rules of a course.

    Attributes
    ----------
    attempts : str
        Which one counts, for each exercise: the "last" one or the "best".
    deadlines : mapping of str to datetime
        By exercise, with a time zone.
    late : Late
    extensions : tuple of Extension
    """

    attempts: str = "last"
    deadlines: Mapping[str, datetime] = field(default_factory=dict)
    late: Late = field(default_factory=Late)
    extensions: tuple[Extension, ...] = ()

    def due(self, student: str, exercise: str) -> datetime | None:
        """Return a student's deadline for an exercise; of several extensions the latest."""
        due = self.deadlines.get(exercise)
        if due is None:
            return None
        granted = (
            extension.until
            for extension in self.extensions
            if same(extension.student) == same(student)
            and (not extension.exercises or exercise in extension.exercises)
        )
        return max((due, *granted))

    def deduction(
        self, student: str, exercise: str, time: datetime | None, marked_late: bool
    ) -> Deduction:
        """Return what being late costs.

        Parameters
        ----------
        student, exercise : str
        time : datetime or None
            When it was handed in, if that is known.
        marked_late : bool
            Whether the learning platform says that it was late, without saying when.
        """
        due = self.due(student, exercise)
        if due is None:
            return Deduction()
        if time is None:
            platform = "marked late by the platform, but " if marked_late else ""
            return Deduction(why=f"{platform}it is not known when it was handed in")
        by, late = time - due, self.late
        if by <= late.grace:
            return Deduction()
        said = f"{duration(by)} late (due {due:%Y-%m-%d %H:%M %Z}, handed in {_in_zone(time, due)})"
        if late.closed_after is not None and by > late.closed_after:
            return Deduction(100, f"{said}: too late to count", closed=True)
        percent = min(late.percent * math.ceil(by / late.every), late.at_most)
        return Deduction(percent, f"{said}: {percent}% off" if percent else said)


def _in_zone(time: datetime, like: datetime) -> str:
    return f"{time.astimezone(like.tzinfo):%Y-%m-%d %H:%M}"


def duration(by: timedelta) -> str:
    """Return a duration in words, to the minute.

    Examples
    --------
    >>> duration(timedelta(hours=25, seconds=1))
    '1 day 1 h 1 min'
    """
    minutes = math.ceil(by / timedelta(minutes=1))
    days, minutes = divmod(minutes, 24 * 60)
    hours, minutes = divmod(minutes, 60)
    said = [f"{days} day{'s' * (days != 1)}"] * bool(days)
    said += [f"{hours} h"] * bool(hours) + [f"{minutes} min"] * bool(minutes)
    return " ".join(said)
