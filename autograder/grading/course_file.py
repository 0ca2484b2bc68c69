"""`course.toml`: a course's deadlines and rules, read strictly.

Whatever is wrong in it is told with its line: a deadline that isn't understood must not
be one that doesn't apply.
"""

from __future__ import annotations

import re
import tomllib
import zoneinfo
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

from autograder.catalogue import EXERCISES
from autograder.grading.names import same
from autograder.grading.policy import ATTEMPTS, Extension, Late, Policy

FILE = "course.toml"
EXAMPLE = "2026-10-12T23:59:00+02:00"
_UNITS = {"minute": 60, "hour": 3600, "day": 86400, "week": 604800}


class BadCourse(ValueError):
    """What is wrong in a course's file, with its name and line, and what to write."""


@dataclass(frozen=True)
class CourseFile:
    """What `course.toml` says.

    Attributes
    ----------
    text : str
        The file; "" if there is none.
    exercises : tuple of str
        What is graded; all if there are none.
    policy : Policy
    zone : tzinfo or None
        For times that come without one.
    roster, times : Path or None
        Who is in the class, and when they handed in.
    """

    text: str = ""
    exercises: tuple[str, ...] = ()
    policy: Policy = field(default_factory=Policy)
    zone: tzinfo | None = None
    roster: Path | None = None
    times: Path | None = None


def read(path: Path) -> CourseFile:
    """Read a course's file.

    Raises
    ------
    BadCourse
    OSError
        If it can't be read.
    """
    try:
        return parse(path.read_text(encoding="utf-8-sig"), path)
    except UnicodeDecodeError:
        raise BadCourse(f"{path} is not UTF-8: save it as UTF-8") from None


def parse(text: str, path: Path | None = None) -> CourseFile:
    """Return what the text of a course's file says.

    Parameters
    ----------
    text : str
    path : Path, optional
        Where it is: the other files that it names must be there, too.

    Raises
    ------
    BadCourse
    """
    try:
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise BadCourse(f"{path or FILE}: {problem}") from None
    return _Reading(text, path).course(said)


class _Reading:
    """A file that is being read: it knows where what stands."""

    def __init__(self, text: str, path: Path | None) -> None:
        self.text, self.path = text, path

    def course(self, said: Mapping[str, Any]) -> CourseFile:
        takes = {
            "exercises": self._exercises,
            "attempts": self._attempts,
            "time_zone": self._zone,
            "roster": self._path,
            "times": self._path,
            "late": self._late,
            "deadlines": self._deadlines,
            "extensions": self._extensions,
        }
        found = self._table(said, takes, ())
        policy = {
            name: found[name]
            for name in ("attempts", "late", "deadlines", "extensions")
            if name in found
        }
        return CourseFile(
            self.text,
            found.get("exercises", ()),
            Policy(**policy),
            found.get("time_zone"),
            found.get("roster"),
            found.get("times"),
        )

    def _table(
        self,
        said: Any,
        takes: Mapping[str, Callable[[Any, tuple[Any, ...]], Any]],
        place: tuple[Any, ...],
    ) -> dict[str, Any]:
        if not isinstance(said, dict):
            raise self.bad(place, f"write a table, [{place[0]}]")
        for name in said:
            if name not in takes:
                raise self.bad((*place, name), f"unknown: there are {', '.join(takes)}")
        return {name: takes[name](value, (*place, name)) for name, value in said.items()}

    def _attempts(self, said: Any, place: tuple[Any, ...]) -> str:
        if said not in ATTEMPTS:
            raise self.bad(place, f'write "{ATTEMPTS[0]}" or "{ATTEMPTS[1]}"')
        return str(said)

    def _zone(self, said: Any, place: tuple[Any, ...]) -> tzinfo:
        try:
            return zoneinfo.ZoneInfo(said)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, TypeError, OSError):
            raise self.bad(place, 'write a name such as "Europe/Berlin"') from None

    def _path(self, said: Any, place: tuple[Any, ...]) -> Path:
        if not isinstance(said, str):
            raise self.bad(place, "write the name of a CSV file")
        path = self.path.parent / said if self.path else Path(said)
        if self.path and not path.is_file():
            raise self.bad(place, f"there is no file {path}")
        return path

    def _late(self, said: Any, place: tuple[Any, ...]) -> Late:
        takes = {
            "percent": self._percent,
            "every": self._duration,
            "at_most": self._percent,
            "grace": self._duration,
            "closed_after": self._duration,
        }
        late = Late(**self._table(said, takes, place))
        if not late.every:
            raise self.bad((*place, "every"), 'write a period, such as "1 day"')
        return late

    def _percent(self, said: Any, place: tuple[Any, ...]) -> int:
        if type(said) is not int or not 0 <= said <= 100:
            raise self.bad(place, "write a whole number from 0 to 100")
        return said

    def _duration(self, said: Any, place: tuple[Any, ...]) -> timedelta:
        match = re.fullmatch(r"(\d{1,5}) (minute|hour|day|week)s?", str(said))
        if not match:
            raise self.bad(place, 'write it as in "15 minutes", "12 hours", "1 day", "2 weeks"')
        return timedelta(seconds=int(match[1]) * _UNITS[match[2]])

    def _deadlines(self, said: Any, place: tuple[Any, ...]) -> dict[str, datetime]:
        return self._table(said, dict.fromkeys(EXERCISES, self._time), place)

    def _time(self, said: Any, place: tuple[Any, ...]) -> datetime:
        if not isinstance(said, datetime):
            raise self.bad(place, f"write a date and a time without quotes: {EXAMPLE}")
        if said.tzinfo is None:
            raise self.bad(place, f"it has no time zone: write its offset, as in {EXAMPLE}")
        return said

    def _extensions(self, said: Any, place: tuple[Any, ...]) -> tuple[Extension, ...]:
        if not isinstance(said, list):
            raise self.bad(place, "write [[extensions]], once for each")
        return tuple(self._extension(one, (*place, number)) for number, one in enumerate(said))

    def _extension(self, said: Any, place: tuple[Any, ...]) -> Extension:
        takes = {
            "student": self._text,
            "exercises": self._exercises,
            "until": self._time,
            "why": self._text,
        }
        found = self._table(said, takes, place)
        for name in ("student", "until"):
            if name not in found:
                raise self.bad(place, f"an extension needs {name!r}")
        return Extension(**({"exercises": ()} | found))

    def _text(self, said: Any, place: tuple[Any, ...]) -> str:
        if not isinstance(said, str) or not said.strip():
            raise self.bad(place, "write a text in quotes")
        return " ".join(said.split())

    def _exercises(self, said: Any, place: tuple[Any, ...]) -> tuple[str, ...]:
        if not isinstance(said, list) or not said:
            raise self.bad(place, 'write a list, as in ["losses"]; leave it out for all')
        for name in said:
            if name not in EXERCISES:
                raise self.bad(place, f"no exercise {name!r}: there are {', '.join(EXERCISES)}")
        return tuple(said)

    def bad(self, place: tuple[Any, ...], why: str) -> BadCourse:
        """Return what to raise."""
        names = [str(part) for part in place if isinstance(part, str)]
        return BadCourse(f"{self.path or FILE}, line {self._line(place)}, {'.'.join(names)}: {why}")

    def _line(self, place: tuple[Any, ...]) -> int:
        """Return the line in which something stands, or else that of its table."""
        header = re.compile(rf"\s*\[+\s*[\"']?{re.escape(str(place[0]))}\b")
        key = re.compile(rf"\s*[\"']?{re.escape(str(place[-1]))}[\"']?\s*[.=]")
        left = next((part for part in place if isinstance(part, int)), 0)
        inside, start = len(place) == 1, 1
        for line, written in enumerate(self.text.splitlines(), 1):
            if written.lstrip().startswith("["):
                inside = bool(header.match(written)) and left == 0
                left -= bool(header.match(written))
                start = line if inside else start
            elif inside and key.match(written):
                return line
        return start


def nobody(course: CourseFile, students: Iterable[str], path: Path) -> list[str]:
    """Return a line for each extension of somebody who isn't there."""
    known = {same(student) for student in students}
    reading = _Reading(course.text, path)
    return [
        str(reading.bad(("extensions", number, "student"), f"nobody is called {one.student!r}"))
        for number, one in enumerate(course.policy.extensions)
        if same(one.student) not in known
    ]
