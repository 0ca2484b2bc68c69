"""Find a class's submissions in what learning platforms give to download.

Which platform it was shows in the names at the top: a module for each platform reads them. The
names come from its documentation or, where that is silent, from its source.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from autograder.grading.arrivals import canvas, classroom, gradescope, moodle, nbgrader, plain
from autograder.grading.arrivals.place import Place, open_tree
from autograder.grading.names import same
from autograder.grading.submissions import HandIn
from autograder.grading.trees import Archive, Unreadable

__all__ = ["Found", "HandIn", "apart", "find"]

LAYOUTS = {
    "Gradescope": gradescope,
    "Moodle": moodle,
    "Canvas": canvas,
    "nbgrader": nbgrader,
    "GitHub Classroom": classroom,
}
"""In the order in which they are tried."""


@dataclass(frozen=True)
class Found:
    """What was handed in by a class.

    Attributes
    ----------
    hand_ins : list of HandIn
        Sorted by student, time and source.
    ignored : list of str
        What is there and is no submission, and why.
    layout : str
        Whose names these are: "Moodle", "Canvas", "nbgrader", "GitHub Classroom",
        "Gradescope", or "a folder or .zip a student".
    """

    hand_ins: list[HandIn]
    ignored: list[str]
    layout: str


def find(place: Path) -> Found:
    """List the submissions of a class; none of them is read yet.

    Parameters
    ----------
    place : Path
        A folder, or a .zip of one, as it was downloaded.

    Raises
    ------
    OSError
        If there is no such folder or archive, or it can't be read.
    """
    try:
        root = Place(open_tree(place), "")
        layout, hand_ins, ignored = _recognized(root)
    except Unreadable as problem:
        raise OSError(f"{place}: {problem}") from None
    return Found(sorted(_told_apart(hand_ins), key=_order), sorted(ignored), layout)


def apart(hand_ins: Iterable[HandIn]) -> list[HandIn]:
    """Tell a student's attempts from two students of one name, and lose neither.

    A student's hand-ins are attempts if each has another time, or was handed in for
    another assignment. Otherwise nobody knows which of them counts, or if they are of one
    student at all: each gets a name of its own, and a problem that says what to do. Names
    that differ only in case, or in how accents are encoded, are one student's.

    Parameters
    ----------
    hand_ins : iterable of HandIn

    Returns
    -------
    list of HandIn
        Sorted by student, time and source.
    """
    by_student: dict[str, list[HandIn]] = defaultdict(list)
    for one in sorted(hand_ins, key=_order):
        by_student[same(one.student)].append(one)
    taken = set(by_student)
    told: list[HandIn] = []
    for group in by_student.values():
        if _are_attempts(group):
            told += [replace(one, student=group[0].student) for one in group]
            continue
        for one in group:
            problem = (
                f"another submission is called {one.student}, too: keep one, or name them "
                f"STUDENT@TIME, as in ada@{plain.EXAMPLE}"
            )
            student = f"{one.student} ({one.source})"
            while same(student) in taken:
                student += "*"
            taken.add(same(student))
            told.append(replace(one, student=student, problems=(*one.problems, problem)))
    return sorted(told, key=_order)


def _are_attempts(group: list[HandIn]) -> bool:
    times: dict[str, list[datetime | None]] = defaultdict(list)
    for one in group:
        times[one.assignment].append(one.time)
    return all(
        len(some) == 1 or (None not in some and len(set(some)) == len(some))
        for some in times.values()
    )


def _order(one: HandIn) -> tuple[str, datetime, str]:
    return one.student, one.time or datetime.min.replace(tzinfo=UTC), one.source


def _told_apart(hand_ins: list[HandIn]) -> Iterator[HandIn]:
    """Give each a source of its own, where only characters that aren't shown differ."""
    taken: set[str] = set()
    for one in sorted(hand_ins, key=_order):
        source = one.source
        while source in taken:
            source += "*"
        taken.add(source)
        yield replace(one, source=source)


def _recognized(root: Place) -> tuple[str, list[HandIn], list[str]]:
    for place in _where_they_may_be(root):
        for name, layout in LAYOUTS.items():
            if recognized := layout.read(place):
                return name, *recognized
    return "a folder or .zip a student", *plain.read(_of_the_class(root))


def _where_they_may_be(root: Place) -> Iterator[Place]:
    """Yield the folder itself, the only one in it, and nbgrader's in the folder of a course."""
    yield root
    if len(root.entries) == len(root.folders) == 1:
        root = root.sub(root.entries[0].name)
        yield root
    if any(entry.name == "submitted" for entry in root.folders):
        yield root.sub("submitted")


def _of_the_class(root: Place) -> Place:
    """Return the folder with the students, which may be all that a class's archive has."""
    if isinstance(root.tree, Archive) and len(root.entries) == len(root.folders) == 1:
        inner = root.sub(root.entries[0].name)
        students = [e for e in inner.entries if e.kind == "folder" or e.is_archive]
        if 1 < len(students) == len(inner.entries):
            return inner
    return root
