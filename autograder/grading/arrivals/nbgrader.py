"""What nbgrader has collected, and the inbound folder of its exchange.

References
----------
https://nbgrader.readthedocs.io/en/stable/user_guide/philosophy.html
https://github.com/jupyter/nbgrader/blob/main/nbgrader/exchange/default/submit.py
https://github.com/jupyter/nbgrader/blob/main/nbgrader/utils.py (parse_utc)
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

from autograder.grading.arrivals.place import Layout, Place, most_are, recorded
from autograder.grading.names import shown
from autograder.grading.submissions import MAX_FILE, HandIn
from autograder.grading.trees import MAX_ENTRIES, Entry, Unreadable, is_skipped, join

TIMESTAMP = "timestamp.txt"

_INBOUND = re.compile(
    r"(?P<student>.+)\+(?P<assignment>[^+]+)"
    r"\+(?P<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?(?: (?:[+-]\d{4}|[^+]+))?)"
    r"(?:\+[\w=-]+)?",
    re.ASCII | re.DOTALL,
)


def read(place: Place) -> Layout | None:
    """Read `STUDENT/ASSIGNMENT/timestamp.txt`, or an exchange's `STUDENT+ASSIGNMENT+TIME`."""
    inbound = [one for one in place.folders if _INBOUND.fullmatch(one.name)]
    if inbound and most_are(len(inbound), place):
        return _exchanged(place)
    stamped = sum(_has_stamps(place, student) for student in place.folders)
    return _collected(place) if stamped and most_are(stamped, place) else None


def _exchanged(place: Place) -> Layout:
    hand_ins, ignored = [], []
    for entry in place.entries:
        source = place.source(entry.name)
        found = _INBOUND.fullmatch(entry.name)
        if entry.kind != "folder" or not found:
            ignored.append(f"{source}: not a folder of nbgrader's exchange")
            continue
        time, problems = _stamp(found["time"])
        hand_in = HandIn(shown(found["student"]), source, (place.part(entry),), time=time)
        assignment = shown(found["assignment"])
        hand_ins.append(replace(hand_in, problems=problems, assignment=assignment))
    return hand_ins, ignored


def _collected(place: Place) -> Layout:
    hand_ins, ignored = [], []
    for student in place.entries:
        if student.kind != "folder":
            ignored.append(f"{place.source(student.name)}: not a student's folder")
            continue
        own, name = place.sub(student.name), shown(student.name)
        assignments = _assignments(place, student)
        if not assignments:
            problem = "it is in no assignment's folder"
            source = place.source(student.name)
            hand_ins.append(HandIn(name, source, (place.part(student),), problems=(problem,)))
        for entry in assignments:
            time: datetime | None = None
            problems: tuple[str, ...] = ()
            if own.has(f"{entry.name}/{TIMESTAMP}"):
                try:
                    time, problems = _stamp(own.text(f"{entry.name}/{TIMESTAMP}", MAX_FILE))
                except Unreadable as problem:
                    problems = (f"{TIMESTAMP}: {problem}",)
            hand_in = HandIn(name, own.source(entry.name), (own.part(entry),), time=time)
            beside = tuple(own.part(one) for one in assignments if one != entry)
            named = replace(hand_in, assignment=shown(entry.name), beside=beside)
            hand_ins.append(replace(named, problems=problems))
    return hand_ins, ignored


def _has_stamps(place: Place, student: Entry) -> bool:
    own = place.sub(student.name)
    return any(own.has(f"{one.name}/{TIMESTAMP}") for one in _assignments(place, student))


def _assignments(place: Place, student: Entry) -> list[Entry]:
    try:
        entries = place.tree.top(join(place.at, student.name), MAX_ENTRIES)
    except OSError:  # reading it will say so
        return []
    return [one for one in entries if one.kind == "folder" and not is_skipped(one.name)]


def _stamp(text: str) -> tuple[datetime | None, tuple[str, ...]]:
    time = recorded(text)
    if time or not text.strip():
        return time, ()
    return None, (f"nbgrader's time {shown(text.strip())!r} can't be read",)
