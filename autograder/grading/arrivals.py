"""Find a class's submissions in what learning platforms give to download.

Which platform it was shows in the names at the top. The names come from its documentation
or, where that is silent, from its source:

References
----------
Moodle, "Download all submissions", with and without "Download submissions in folders":
    https://github.com/moodle/moodle/blob/main/mod/assign/classes/downloader.php
Canvas, "Download Submissions":
    https://github.com/instructure/canvas-lms/blob/master/lib/content_zipper.rb
nbgrader, what it collects, and its exchange:
    https://nbgrader.readthedocs.io/en/stable/user_guide/philosophy.html
    https://github.com/jupyter/nbgrader/blob/main/nbgrader/exchange/default/submit.py
    https://github.com/jupyter/nbgrader/blob/main/nbgrader/utils.py (parse_utc)
GitHub Classroom, `gh classroom clone student-repos`:
    https://github.com/github/gh-classroom (cmd/gh-classroom/clone/student-repos)
Gradescope, "Export Submissions": the file `submission_metadata.yml` is documented nowhere;
    its form is that which instructors' tools read:
    https://github.com/rhattark/SER594 (hw2/hw2q3_Hattarki.py)
"""

from __future__ import annotations

import functools
import re
import weakref
import zoneinfo
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from autograder.grading.names import same, shown
from autograder.grading.submissions import (
    MAX_ENTRIES,
    MAX_FILE,
    Archive,
    Entry,
    Folder,
    HandIn,
    Part,
    Unreadable,
    bounded,
    is_skipped,
    join,
)

__all__ = ["Found", "HandIn", "apart", "find"]

MAX_CLASS_DIRECTORY = 2**27
"""Bytes of the largest list of files in a class's archive."""

MAX_METADATA = 2**27
"""Bytes of Gradescope's largest list of submissions that is read."""

MAX_NESTING = 50
"""How deep that list may go."""

METADATA = "submission_metadata.yml"
TIMESTAMP = "timestamp.txt"
OF_DESKTOPS = ("desktop.ini", "Thumbs.db")
NEITHER = "neither a folder nor a .zip"
EXAMPLE = "2026-10-12T23:59:00+02:00"


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
        root = _Place(_tree(place), "")
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
                f"STUDENT@TIME, as in ada@{EXAMPLE}"
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


# --- which layout it is


@dataclass(frozen=True)
class _Place:
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
        return [entry for entry in self.entries if entry.kind == "folder"]

    def sub(self, name: str) -> _Place:
        return _Place(self.tree, join(self.at, name))

    def has(self, path: str) -> bool:
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


_Layout = tuple[list[HandIn], list[str]]


def _tree(place: Path) -> Folder | Archive:
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


def _recognized(root: _Place) -> tuple[str, list[HandIn], list[str]]:
    layouts: dict[str, Callable[[_Place], _Layout | None]] = {
        "Gradescope": _gradescope,
        "Moodle": _moodle,
        "Canvas": _canvas,
        "nbgrader": _nbgrader,
        "GitHub Classroom": _classroom,
    }
    for place in _where_they_may_be(root):
        for name, layout in layouts.items():
            if recognized := layout(place):
                return name, *recognized
    return "a folder or .zip a student", *_plain(_of_the_class(root))


def _where_they_may_be(root: _Place) -> Iterator[_Place]:
    """Yield the folder itself, the only one in it, and nbgrader's in the folder of a course."""
    yield root
    if len(root.entries) == len(root.folders) == 1:
        root = root.sub(root.entries[0].name)
        yield root
    if any(entry.name == "submitted" for entry in root.folders):
        yield root.sub("submitted")


def _of_the_class(root: _Place) -> _Place:
    """Return the folder with the students, which may be all that a class's archive has."""
    if isinstance(root.tree, Archive) and len(root.entries) == len(root.folders) == 1:
        inner = root.sub(root.entries[0].name)
        students = [e for e in inner.entries if e.kind == "folder" or e.is_archive]
        if 1 < len(students) == len(inner.entries):
            return inner
    return root


def _most_are(some: int, place: _Place, *, files: bool = False) -> bool:
    """Return whether so many are most of what may be a submission.

    A student who may choose a name, or what is in a folder, doesn't choose the layout.
    """
    all_ = sum(files or e.kind == "folder" or e.is_archive for e in place.entries)
    return 2 * some > all_


# --- a folder or a .zip a student


def _plain(place: _Place) -> _Layout:
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


def _recorded(text: str) -> datetime | None:
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


# --- GitHub Classroom: clones


def _classroom(place: _Place) -> _Layout | None:
    """Read `ASSIGNMENT-submissions/ASSIGNMENT-USER/.git`; git is never run in there."""
    if place.at and not place.at.endswith("-submissions"):
        return None
    clones = place.folders
    if not clones or not all(place.has(f"{one.name}/.git") for one in clones):
        return None
    if any(one.is_archive for one in place.entries):
        return None
    hand_ins, ignored = _plain(place)
    return [replace(one, identities=_after_dashes(one.student)) for one in hand_ins], ignored


def _after_dashes(name: str) -> tuple[str, ...]:
    """Return what may be the user's name: both it and the assignment's may have dashes."""
    return tuple(name[found.end() :] for found in re.finditer("-", name) if name[found.end() :])


# --- Moodle

_MOODLE = re.compile(
    r"(?P<name>[^_]*)(?:_(?P<id>[0-9]+))?_assignsubmission_(?P<plugin>[a-z]+)(?:_(?P<file>.*))?",
    re.DOTALL,
)


def _moodle(place: _Place) -> _Layout | None:
    """Read `NAME_ID_assignsubmission_file_FILE`, or folders called so without FILE.

    Underscores of the name have become spaces, so that a FILE can't look like a name. With
    blind marking the name is "Participant"; a team's has the team's id, or none.
    """
    hits = [found for entry in place.entries if (found := _MOODLE.fullmatch(entry.name))]
    if not hits or not _most_are(len(hits), place):
        return None
    groups = _Groups(place)
    for entry in place.entries:
        found = _MOODLE.fullmatch(entry.name)
        if not found:
            groups.ignore(entry, "not one of Moodle's names")
        elif found["plugin"] != "file":
            groups.ignore(entry, "not a file that was handed in")
        else:
            name, id = found["name"], found["id"]
            identities = (name, id, f"Participant {id}") if id else (name,)
            student = f"{name}_{id}" if id else name
            groups.add(entry, student, found["file"] or "", identities)
    return groups.result()


# --- Canvas

_CANVAS = re.compile(
    r"(?P<name>.*?)(?P<late>_LATE)?_(?P<id>[0-9]+)_(?P<attachment>[0-9]+)_(?P<file>.+)", re.DOTALL
)
_ANONYMOUS = re.compile(
    r"(?P<late>LATE_)?(?P<name>anon)_(?P<id>[0-9A-Za-z]+)_(?P<attachment>[0-9]+)_(?P<file>.+)",
    re.DOTALL,
)
_TYPED = re.compile(r".*_[0-9A-Za-z]+_(text|link)\.html", re.DOTALL)


def _canvas(place: _Place) -> _Layout | None:
    """Read `NAME_LATE_ID_ATTACHMENT_FILE`, where the name is all small letters.

    Without a name, "anon" and an id of letters and digits. Of a name with a number between
    two underscores Canvas drops the underscores, so that the first two numbers are the
    student's and the file's; but a name may end with an underscore and a number.
    """
    files = [entry for entry in place.entries if entry.kind == "file"]
    form = _CANVAS
    if files and all(_ANONYMOUS.fullmatch(e.name) or _TYPED.fullmatch(e.name) for e in files):
        form = _ANONYMOUS
    hits = [entry for entry in files if form.fullmatch(entry.name)]
    if not hits or not _most_are(len(hits), place, files=True):
        return None
    groups = _Groups(place)
    for entry in place.entries:
        found = form.fullmatch(entry.name)
        if found:
            student = f"{found['name']}_{found['id']}"
            identities = (found["name"], found["id"])[form is _ANONYMOUS :]
            late = bool(found["late"])
            if form is _CANVAS and not late and re.match("[1-9][0-9]*_.", found["file"]):
                either, or_ = found["id"], found["attachment"]
                problem = (
                    f"in {shown(entry.name)} the student's number can be {either} or {or_}: "
                    f"rename it to NAME_{either}_1_FILE or NAME_{or_}_1_FILE, whichever it is"
                )
                groups.doubt(entry, student, identities, problem)
            else:
                # Canvas calls a file that is handed in once more NAME-1.py.
                file = re.sub(r"-[0-9]+(?=\.(?:py|ipynb)$)", "", found["file"])
                groups.add(entry, student, file, identities, late)
        elif _TYPED.fullmatch(entry.name):
            groups.ignore(entry, "not a file that was handed in")
        else:
            groups.ignore(entry, "not one of Canvas's names")
    return groups.result()


class _Groups:
    """The entries of a folder, by student."""

    def __init__(self, place: _Place) -> None:
        self.place = place
        self.ignored: list[str] = []
        self._hand_ins: dict[str, HandIn] = {}

    def ignore(self, entry: Entry, why: str) -> None:
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

    def result(self) -> _Layout:
        return list(self._hand_ins.values()), self.ignored


def _common(one: str, other: str) -> str:
    one = one.removesuffix("*")
    same_ = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))
    return f"{one[:same_]}*"


# --- nbgrader

_INBOUND = re.compile(
    r"(?P<student>.+)\+(?P<assignment>[^+]+)"
    r"\+(?P<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?(?: (?:[+-]\d{4}|[^+]+))?)"
    r"(?:\+[\w=-]+)?",
    re.ASCII | re.DOTALL,
)


def _nbgrader(place: _Place) -> _Layout | None:
    """Read `STUDENT/ASSIGNMENT/timestamp.txt`, or an exchange's `STUDENT+ASSIGNMENT+TIME`."""
    inbound = [one for one in place.folders if _INBOUND.fullmatch(one.name)]
    if inbound and _most_are(len(inbound), place):
        return _exchanged(place)
    stamped = sum(_has_stamps(place, student) for student in place.folders)
    return _collected(place) if stamped and _most_are(stamped, place) else None


def _exchanged(place: _Place) -> _Layout:
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


def _collected(place: _Place) -> _Layout:
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


def _has_stamps(place: _Place, student: Entry) -> bool:
    own = place.sub(student.name)
    return any(own.has(f"{one.name}/{TIMESTAMP}") for one in _assignments(place, student))


def _assignments(place: _Place, student: Entry) -> list[Entry]:
    try:
        entries = place.tree.top(join(place.at, student.name), MAX_ENTRIES)
    except OSError:  # reading it will say so
        return []
    return [one for one in entries if one.kind == "folder" and not is_skipped(one.name)]


def _stamp(text: str) -> tuple[datetime | None, tuple[str, ...]]:
    time = _recorded(text)
    if time or not text.strip():
        return time, ()
    return None, (f"nbgrader's time {shown(text.strip())!r} can't be read",)


# --- Gradescope


def _gradescope(place: _Place) -> _Layout | None:
    """Read `submission_metadata.yml`, and the folders called `submission_ID` beside it."""
    entries = {entry.name: entry for entry in place.entries}
    if METADATA not in entries:
        return None
    records = _nested(place.text(METADATA, MAX_METADATA))
    if not isinstance(records, dict):
        raise Unreadable(f"{METADATA} is no list of submissions; export them again")
    hand_ins: list[HandIn] = []
    ignored: list[str] = []
    for key, record in records.items():
        for name, one, submitters in _versions(key, record):
            entry = entries.pop(name, None)
            if entry and entry.kind != "link":
                hand_ins += _submitted(place, entry, one, submitters)
            elif name == key:
                ignored.append(f"{shown(key)}: in {METADATA}, but not there")
    for entry in entries.values():
        if entry.kind == "folder":
            problem = f"{METADATA} doesn't say whose it is"
            name = shown(entry.name)
            part, source = place.part(entry), place.source(entry.name)
            hand_ins.append(HandIn(name, source, (part,), problems=(problem,)))
        elif entry.name != METADATA:
            ignored.append(f"{place.source(entry.name)}: not a student's folder")
    return hand_ins, ignored


def _versions(key: str, record: Any) -> Iterator[tuple[str, dict[str, Any], list[Any]]]:
    """Yield a submission and the earlier ones: the folder's name, the record, by whom."""
    own = record if isinstance(record, dict) else {}
    submitters = own.get(":submitters")
    submitters = submitters if isinstance(submitters, list) else []
    yield key, own, submitters
    history = own.get(":history")
    for one in history if isinstance(history, list) else []:
        if isinstance(one, dict) and ":id" in one:
            yield f"submission_{one[':id']}", one, submitters


def _submitted(
    place: _Place, entry: Entry, record: dict[str, Any], submitters: list[Any]
) -> Iterator[HandIn]:
    """Yield a submission for everybody who handed it in."""
    source = place.source(entry.name)
    time = _recorded(str(record.get(":created_at", "")))
    hand_in = HandIn(shown(entry.name), source, (place.part(entry),), time=time)
    problems = () if time else (f"{METADATA} has no time of it that can be read",)
    known = [one for one in map(_identities, submitters) if one]
    if not known:
        problem = f"{METADATA} doesn't say whose it is"
        yield replace(hand_in, problems=(*problems, problem))
    for own in known:
        where = source if len(known) == 1 else f"{source} ({own[0]})"
        yield replace(hand_in, student=own[0], source=where, identities=own[1:], problems=problems)


def _identities(submitter: Any) -> tuple[str, ...]:
    """Return the e-mail address, the student's id, and the name, those that there are."""
    if not isinstance(submitter, dict):
        return ()
    known = (submitter.get(key) for key in (":email", ":sid", ":name"))
    return tuple(shown(one.strip()) for one in known if isinstance(one, str) and one.strip())


def _nested(text: str) -> Any:
    """Return YAML as dicts, lists and texts.

    Nothing in it becomes anything else: a student's id keeps its zeros, Ruby's tags are
    left out, and what refers to something else is empty. So it is read event by event: a
    loader would follow any depth, and end this process.

    Raises
    ------
    Unreadable
    """
    stack: list[list[Any]] = [[]]
    try:
        for event in yaml.parse(text, getattr(yaml, "CBaseLoader", yaml.BaseLoader)):
            if isinstance(event, yaml.CollectionStartEvent):
                stack.append([])
            elif isinstance(event, yaml.CollectionEndEvent):
                items = stack.pop()
                if isinstance(event, yaml.MappingEndEvent):
                    pairs = zip(items[::2], items[1::2], strict=True)
                    stack[-1].append({key: one for key, one in pairs if isinstance(key, str)})
                else:
                    stack[-1].append(items)
            elif isinstance(event, yaml.ScalarEvent):
                stack[-1].append(event.value)
            elif isinstance(event, yaml.AliasEvent):
                stack[-1].append("")
            if len(stack) > MAX_NESTING:
                raise Unreadable(f"{METADATA} goes too deep")
    except yaml.YAMLError as problem:
        mark = getattr(problem, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        raise Unreadable(f"{METADATA}{line} is broken; export the submissions again") from None
    return stack[0][0] if stack[0] else None
