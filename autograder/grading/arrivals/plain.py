"""A folder or a .zip a student, perhaps called STUDENT@TIME."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

from autograder.grading.arrivals.place import Layout, Place
from autograder.grading.names import shown
from autograder.grading.submissions import HandIn

NEITHER = "neither a folder nor a .zip"
EXAMPLE = "2026-10-12T23:59:00+02:00"


def read(place: Place) -> Layout:
    """Read whatever no platform has named."""
    hand_ins, ignored = [], []
    for entry in place.entries:
        source = place.source(entry.name)
        if entry.kind == "link":
            ignored.append(f"{source}: a link")
        elif entry.kind == "folder" or entry.is_archive:
            name = entry.name if entry.kind == "folder" else Path(entry.name).stem
            student, time, problems = _attempt(shown(name))
            part = place.part(entry)
            hand_ins.append(HandIn(student, source, (part,), time=time, problems=problems))
        else:
            ignored.append(f"{source}: {NEITHER}")
    return hand_ins, ignored


_DATE = r"(\d{4}-\d\d-\d\d|20\d\d[01]\d[0-3]\d)"
_AT = re.compile(rf"(?P<student>.+)@(?P<time>{_DATE}(?![\d.]).*)", re.ASCII)
_TIMES = tuple(
    re.compile(rf"{_DATE}[T ](\d\d){sep}(\d\d)(?:{sep}(\d\d)(?:[.,]\d+)?)?({zone})", re.ASCII)
    for sep, zone in (
        (":?", r"Z|[+-]\d\d(?::?\d\d)?"),
        # Here an offset of hours alone could be seconds, and one with minutes, too.
        ("-", r"Z|\+\d\d|[+-]\d\d[:-]?(?:00|15|30|45)"),
    )
)


def _attempt(name: str) -> tuple[str, datetime | None, tuple[str, ...]]:
    """Split STUDENT@TIME, with - or nothing in place of colons, which Windows forbids."""
    found = _AT.fullmatch(name)
    if not found:
        return name, None, ()
    time = _written(found["time"])
    if time:
        return found["student"], time, ()
    problem = (
        f"{found['time']} is no time with a zone: name it as in {found['student']}@{EXAMPLE}, "
        "if need be with - in place of :"
    )
    return found["student"], None, (problem,)


def _written(text: str) -> datetime | None:
    """Return a time that somebody wrote into a name, None if it has no zone or is none."""
    for form in _TIMES:
        if found := form.fullmatch(text):
            date, hour, minute, second, zone = found.groups()
            digits = re.sub("[:-]", "", zone[1:])
            offset = "+00:00" if zone == "Z" else f"{zone[0]}{digits:0<4}"
            try:
                return datetime.fromisoformat(f"{date}T{hour}{minute}{second or '00'}{offset}")
            except ValueError:
                return None
    return None
