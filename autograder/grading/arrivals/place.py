"""What all layouts are read with: a folder that may be a class's, and hand-ins in the making."""

from __future__ import annotations

import functools
import re
import weakref
import zoneinfo
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from autograder.grading.names import shown
from autograder.grading.submissions import HandIn, Part
from autograder.grading.trees import Archive, Entry, Folder, Unreadable, bounded, is_skipped, join

MAX_CLASS_DIRECTORY = 2**27
"""Bytes of the largest list of files in a class's archive."""

OF_DESKTOPS = ("desktop.ini", "Thumbs.db")

Layout = tuple[list[HandIn], list[str]]
"""What was handed in, and what is no submission and why."""


@dataclass(frozen=True)
class Place:
    """A folder that may hold a class's submissions."""

    tree: Folder | Archive
    at: str

    @functools.cached_property
    def entries(self) -> list[Entry]:
        """What can be seen there."""
        entries = self.tree.top(self.at)
        return [e for e in entries if not is_skipped(e.name) and e.name not in OF_DESKTOPS]

    @property
    def folders(self) -> list[Entry]:
        """The folders among them."""
        return [entry for entry in self.entries if entry.kind == "folder"]

    def sub(self, name: str) -> Place:
        """Return a folder in it."""
        return Place(self.tree, join(self.at, name))

    def has(self, path: str) -> bool:
        """Return whether something is there."""
        return self.tree.has(join(self.at, path))

    def source(self, name: str) -> str:
        """Return where something is, for people."""
        return shown(join(self.at, name))

    def part(self, entry: Entry, name: str = "") -> Part:
        """Return an entry as part of a hand-in, a file perhaps under another name."""
        path = join(self.at, entry.name)
        return Part(self.tree, path, "" if entry.kind == "folder" else name or entry.name)

    def text(self, path: str, most: int) -> str:
        """Read a text that a platform wrote."""
        with self.tree.open(join(self.at, path)) as file:
            return bounded(file, most).decode("utf-8", "replace")


def open_tree(place: Path) -> Folder | Archive:
    """Open what was downloaded.

    Raises
    ------
    NotADirectoryError
        If it is neither a folder nor a .zip.
    Unreadable
        If the .zip is broken.
    """
    if place.is_dir():
        return Folder(place)
    if place.suffix.lower() != ".zip" or not place.is_file():
        raise NotADirectoryError(f"{place} is not a folder of submissions, nor a .zip of one")
    file = place.open("rb")
    try:
        archive = Archive(file, MAX_CLASS_DIRECTORY)
    except Unreadable:
        file.close()
        raise
    weakref.finalize(archive, file.close)
    return archive


def most_are(some: int, place: Place, *, files: bool = False) -> bool:
    """Return whether so many are most of what may be a submission.

    A student who may choose a name, or what is in a folder, doesn't choose the layout.
    """
    all_ = sum(files or e.kind == "folder" or e.is_archive for e in place.entries)
    return 2 * some > all_


class Groups:
    """The entries of a folder, by student."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.ignored: list[str] = []
        self._hand_ins: dict[str, HandIn] = {}

    def ignore(self, entry: Entry, why: str) -> None:
        """Say why an entry is no submission."""
        why = "a link" if entry.kind == "link" else why
        self.ignored.append(f"{self.place.source(entry.name)}: {why}")

    def add(
        self, entry: Entry, student: str, file: str, identities: Iterable[str], late: bool = False
    ) -> None:
        """Add a file, or a folder with files, to a student's hand-in."""
        if entry.kind == "link":
            return self.ignore(entry, "")
        own = self._of(entry, student, identities)
        parts = (*own.parts, self.place.part(entry, file))
        late = late or own.marked_late
        self._hand_ins[student] = replace(own, parts=parts, marked_late=late)
        return None

    def doubt(self, entry: Entry, student: str, identities: Iterable[str], problem: str) -> None:
        """Say of a file why it isn't added."""
        own = self._of(entry, student, identities)
        self._hand_ins[student] = replace(own, problems=(*own.problems, problem))

    def _of(self, entry: Entry, student: str, identities: Iterable[str]) -> HandIn:
        """Return a student's hand-in, whose source is what all names in it begin with."""
        source = self.place.source(entry.name)
        own = self._hand_ins.get(student)
        if own is None:
            known = tuple(shown(one) for one in identities if one)
            return HandIn(shown(student), source, identities=known)
        return replace(own, source=_common(own.source, source))

    def result(self) -> Layout:
        """Return what was added, and what wasn't."""
        return list(self._hand_ins.values()), self.ignored


def _common(one: str, other: str) -> str:
    one = one.removesuffix("*")
    same_ = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))
    return f"{one[:same_]}*"


def recorded(text: str) -> datetime | None:
    """Return a time that a platform recorded: UTC, if it names no zone."""
    form = r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d+))?\s*(\S*)"
    found = re.fullmatch(form, text.strip(), re.ASCII)
    if not found:
        return None
    date, clock, fraction, zone = found.groups()
    try:
        time = datetime.fromisoformat(f"{date}T{clock}.{(fraction or '')[:6]:0<6}")
        if re.fullmatch(r"[+-]\d\d:?\d\d", zone, re.ASCII):
            return datetime.fromisoformat(f"{time.isoformat()}{zone}")
        known = zone in ("", "Z", "UTC", "GMT")
        return time.replace(tzinfo=UTC if known else zoneinfo.ZoneInfo(zone))
    except (ValueError, KeyError, OSError):
        return None
