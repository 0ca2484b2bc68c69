"""Find and read what students handed in: bytes only, bounded, never through a link."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import stat
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import BinaryIO

MAX_FILE = 2**20
"""Bytes of the largest module that is read."""

MAX_ENTRIES = 5_000
"""Files and folders of a submission that are looked at."""

MAX_DEPTH = 5
OTHER_ARCHIVES = (".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz")
SKIPPED_FOLDERS = ("__MACOSX", "__pycache__", "node_modules", "site-packages")


@dataclass(frozen=True)
class Submission:
    """What one student handed in.

    Attributes
    ----------
    student : str
        The name of the folder, or of the archive without its ending.
    source : str
        The name of the folder or archive.
    files : dict of str to bytes
        The modules that were found, by exercise.
    problems : list of str
        What could not be read and why, in sentences for the student.
    """

    student: str
    source: str
    files: dict[str, bytes] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    @functools.cached_property
    def digest(self) -> str:
        """A fingerprint of the files: SHA-256, in hexadecimal."""
        whole = hashlib.sha256()
        for name, content in sorted(self.files.items()):
            whole.update(f"{name} {hashlib.sha256(content).hexdigest()}\n".encode())
        return whole.hexdigest()


class Unreadable(Exception):
    """A file or archive that can't be taken, with a sentence that says why."""


@dataclass(frozen=True)
class HandIn:
    """Where a submission is; reading it is put off until its turn comes.

    Attributes
    ----------
    student, source : str
        As in `Submission`.
    path : Path
    problems : tuple of str
        What is known to be wrong before it is read.
    """

    student: str
    source: str
    path: Path
    problems: tuple[str, ...] = ()

    def read(self, names: Iterable[str]) -> Submission:
        """Read the submission; one that can't be read has problems and no files.

        Parameters
        ----------
        names : iterable of str
            The exercises; `NAME.py` is looked for at the top, then in a folder
            called `exercises`, then anywhere.
        """
        if self.path.suffix.lower() in OTHER_ARCHIVES and not self.path.is_dir():
            problem = f"{self.source} is not a .zip; hand in a folder or a .zip"
            return Submission(self.student, self.source, problems=[*self.problems, problem])
        container = _Folder(self.path) if self.path.is_dir() else _Zip(self.path)
        read = _read(self.student, self.source, list(names), container)
        return replace(read, problems=[*read.problems, *self.problems])


def find(folder: Path) -> tuple[list[HandIn], list[str]]:
    """List the submissions of a class.

    Parameters
    ----------
    folder : Path
        Holds a folder or a .zip a student.

    Returns
    -------
    hand_ins : list of HandIn
        Sorted by student.
    ignored : list of str
        What is in the folder and is no submission.

    Raises
    ------
    NotADirectoryError
        If there is no such folder.
    """
    if not folder.is_dir():
        raise NotADirectoryError(f"{folder} is not a folder of submissions")
    hand_ins, ignored = [], []
    for entry in folder.iterdir():
        name = _printable(entry.name)
        if name.startswith("."):
            continue
        if entry.is_symlink():
            ignored.append(f"{name}: a link")
        elif entry.is_dir():
            hand_ins.append(HandIn(name, name, entry))
        elif entry.suffix.lower() in (".zip", *OTHER_ARCHIVES):
            hand_ins.append(HandIn(_printable(entry.stem), name, entry))
        else:
            ignored.append(f"{name}: neither a folder nor a .zip")
    return sorted(_distinct(hand_ins), key=lambda one: one.student), sorted(ignored)


def _distinct(hand_ins: list[HandIn]) -> list[HandIn]:
    """Give two submissions of one name two names, so that neither is lost."""
    counts = Counter(one.student.casefold() for one in hand_ins)
    taken = {name for name, count in counts.items() if count == 1}
    distinct = []
    for one in sorted(hand_ins, key=lambda one: one.source):
        if counts[one.student.casefold()] > 1:
            problem = f"another submission is called {one.student}, too"
            student = f"{one.student} ({one.source})"
            while student.casefold() in taken:
                student += "*"
            taken.add(student.casefold())
            one = replace(one, student=student, problems=(problem,))
        distinct.append(one)
    return distinct


def _printable(name: str) -> str:
    """Return a file name without bytes that are no text, or characters that aren't shown."""
    text = os.fsencode(name).decode("utf-8", "replace")
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def _read(student: str, source: str, names: list[str], container: _Folder | _Zip) -> Submission:
    files, problems = {}, []
    try:
        entries = list(container.entries())
        if len(entries) > MAX_ENTRIES:
            raise Unreadable(f"it has more than {MAX_ENTRIES} files")
        for name in names:
            try:
                path = _choose([entry for entry in entries if entry.name == f"{name}.py"])
                if path:
                    files[name] = container.read(path)
            except Unreadable as problem:
                problems.append(f"{name}.py: {problem}")
    except Unreadable as problem:
        problems.append(f"{source}: {problem}")
    if not files and not problems:
        problems.append(f"none of the exercises' files is in it: {', '.join(names)}")
    return Submission(student, source, files, problems)


def _choose(paths: list[PurePosixPath]) -> PurePosixPath | None:
    if not paths:
        return None

    def rank(path: PurePosixPath) -> tuple[int, int]:
        folder = path.parent.name
        return (0 if len(path.parts) == 1 else 1 if folder == "exercises" else 2, len(path.parts))

    best = min(map(rank, paths))
    chosen = [path for path in paths if rank(path) == best]
    if len(chosen) > 1:
        raise Unreadable(f"it is there {len(chosen)} times; keep one")
    return chosen[0]


def _is_skipped(path: PurePosixPath) -> bool:
    return any(part.startswith(".") or part in SKIPPED_FOLDERS for part in path.parts)


class _Folder:
    def __init__(self, root: Path) -> None:
        self.root = root

    def entries(self) -> Iterator[PurePosixPath]:
        seen = 0
        for folder, folders, files in os.walk(self.root, onerror=_refuse):
            here = PurePosixPath(Path(folder).relative_to(self.root).as_posix())
            deep = len(here.parts) >= MAX_DEPTH
            folders[:] = [] if deep else sorted(f for f in folders if not _is_skipped(here / f))
            for file in files:
                seen += 1
                if seen > MAX_ENTRIES:
                    raise Unreadable(f"it has more than {MAX_ENTRIES} files")
                yield here / file

    def read(self, path: PurePosixPath) -> bytes:
        with _opened(self.root / path) as file:
            return _bounded(file.read(MAX_FILE + 1))


@contextlib.contextmanager
def _opened(place: Path) -> Iterator[BinaryIO]:
    """Open a file that is one: not a link, a device or a pipe, which could wait for ever."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    flags |= getattr(os, "O_BINARY", 0)
    if place.is_symlink():
        raise Unreadable("it is a link; hand in the file itself")
    try:
        handle = os.open(place, flags)
    except OSError as problem:
        raise Unreadable(f"it can't be read ({problem.strerror})") from None
    with os.fdopen(handle, "rb") as file:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode) or status.st_nlink > 1:
            raise Unreadable("it is not an ordinary file")
        yield file


def _refuse(problem: OSError) -> None:
    raise Unreadable(f"a folder in it can't be read ({problem.strerror})")


def _bounded(content: bytes) -> bytes:
    if len(content) > MAX_FILE:
        raise Unreadable(f"it is larger than {MAX_FILE // 2**20} MiB")
    return content


class _Zip:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.members: dict[PurePosixPath, zipfile.ZipInfo] = {}

    def entries(self) -> Iterator[PurePosixPath]:
        with _zip_problems(), _opened(self.path) as file, zipfile.ZipFile(file) as archive:
            for member in archive.infolist()[: MAX_ENTRIES + 1]:
                path = PurePosixPath(member.filename.replace("\\", "/"))
                if member.is_dir() or _is_skipped(path):
                    continue
                if path in self.members:
                    raise Unreadable(f"{_printable(path.name)} is in it twice")
                self.members[path] = member
        yield from self.members

    def read(self, path: PurePosixPath) -> bytes:
        member = self.members[path]
        if stat.S_ISLNK(member.external_attr >> 16):
            raise Unreadable("it is a link; put the file itself into the archive")
        if member.flag_bits & 1:
            raise Unreadable("it is encrypted; make the archive without a password")
        with (
            _zip_problems(),
            _opened(self.path) as file,
            zipfile.ZipFile(file) as archive,
            archive.open(member) as content,
        ):
            return _bounded(content.read(MAX_FILE + 1))


class _zip_problems:
    """Turn everything a broken archive can raise into one sentence."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, problem: BaseException | None, trace: object) -> None:
        if isinstance(problem, Exception) and not isinstance(problem, Unreadable):
            raise Unreadable("the .zip is broken; make it again") from None
