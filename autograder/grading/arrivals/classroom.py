"""GitHub Classroom's clones.

References
----------
`gh classroom clone student-repos`:
    https://github.com/github/gh-classroom (cmd/gh-classroom/clone/student-repos)
"""

from __future__ import annotations

import re
from dataclasses import replace

from autograder.grading.arrivals import plain
from autograder.grading.arrivals.place import Layout, Place


def read(place: Place) -> Layout | None:
    """Read `ASSIGNMENT-submissions/ASSIGNMENT-USER/.git`; git is never run in there."""
    if place.at and not place.at.endswith("-submissions"):
        return None
    clones = place.folders
    if not clones or not all(place.has(f"{one.name}/.git") for one in clones):
        return None
    if any(one.is_archive for one in place.entries):
        return None
    hand_ins, ignored = plain.read(place)
    return [replace(one, identities=_after_dashes(one.student)) for one in hand_ins], ignored


def _after_dashes(name: str) -> tuple[str, ...]:
    """Return what may be the user's name: both it and the assignment's may have dashes."""
    return tuple(name[found.end() :] for found in re.finditer("-", name) if name[found.end() :])
