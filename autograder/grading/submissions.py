"""Read what students handed in: bytes only, bounded, never through a link."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import re
import stat
import tempfile
import zipfile
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO

from autograder.catalogue import EXERCISES
from autograder.core.notebook import NotANotebook, told
from autograder.grading.names import shown
from autograder.grading.notebooks import definitions

MAX_FILE = 2**20
"""Bytes of the largest module that is read."""

MAX_NOTEBOOK = 2**23
"""Bytes of the largest notebook that is read."""

MAX_ENTRIES = 5_000
"""Files of a submission that are looked at."""

MAX_ARCHIVES = 5
"""Archives of a submission that are opened."""

MAX_ARCHIVE = 2**26
"""Bytes of the largest archive that is unpacked from another one, to be opened."""

MAX_DIRECTORY = 2**21
"""Bytes of the largest list of files that an archive may have."""

MAX_DEPTH = 5
OTHER_ARCHIVES = (".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz")
SKIPPED_FOLDERS = ("__MACOSX", "__pycache__", "node_modules", "site-packages")


@dataclass(frozen=True)
class Submission:
    """What one student handed in.

    Attributes
    ----------
    student, source : str
        As in `HandIn`.
    files : dict of str to bytes
        The modules that were found, by exercise; of a notebook, what it defines.
    problems : list of str
        What could not be read and why, in sentences for the student.
    beside : dict of str to bytes
        Modules that those import, and that aren't graded with them.
    """

    student: str
    source: str
    files: dict[str, bytes] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    beside: dict[str, bytes] = field(default_factory=dict)

    @property
    def modules(self) -> dict[str, bytes]:
        """All that is needed to run the files."""
        return {**self.beside, **self.files}

    @functools.cached_property
    def digest(self) -> str:
        """A fingerprint of the files: SHA-256, in hexadecimal."""
        whole = hashlib.sha256()
        for where, files in (("", self.files), ("beside ", self.beside)):
            for name, content in sorted(files.items()):
                whole.update(f"{where}{name} {hashlib.sha256(content).hexdigest()}\n".encode())
        return whole.hexdigest()


class Unreadable(Exception):
    """A file or archive that can't be taken, with a sentence that says why."""


@dataclass(frozen=True)
class HandIn:
    """Where a submission is; reading it is put off until its turn comes.

    Attributes
    ----------
    student : str
        What the platform calls them, as far as it is known.
    source : str
        Where it is in what was given: printable, and no other hand-in's.
    parts : tuple of Part
        What it consists of.
    identities : tuple of str
        What else may identify the student in a roster: name, number, e-mail address.
    time : datetime or None
        When it was handed in, with its zone, if there is a record of that.
    marked_late : bool
        Whether the platform says that it came late.
    problems : tuple of str
        What is known to be wrong before it is read.
    assignment : str
        What it was handed in for, if that is known.
    beside : tuple of Part
        What the same student handed in for other assignments.
    """

    student: str
    source: str
    parts: tuple[Part, ...] = ()
    identities: tuple[str, ...] = ()
    time: datetime | None = None
    marked_late: bool = False
    problems: tuple[str, ...] = ()
    assignment: str = ""
    beside: tuple[Part, ...] = ()

    def read(self, names: Iterable[str]) -> Submission:
        """Read the submission; one that can't be read has problems and no files.

        Parameters
        ----------
        names : iterable of str
            The exercises; `NAME.py`, or else `NAME.ipynb`, is looked for at the top, then
            in a folder called `exercises`, then anywhere. Archives at the top are opened,
            those in them aren't.
        """
        problems: list[str] = []
        names = list(names)
        with contextlib.ExitStack() as opened:
            found = self._gather(self.parts, opened, problems)
            files = dict(_modules(found, names, problems))
            beside = self._imported(found, files, opened, problems)
        if not files:
            problems += _what_is_there_instead(found)
        if not files and not problems:
            problems.append(f"none of the exercises' files is in it: {', '.join(names)}")
        return Submission(self.student, self.source, files, [*problems, *self.problems], beside)

    def _imported(
        self,
        found: list[_File],
        files: dict[str, bytes],
        opened: contextlib.ExitStack,
        problems: list[str],
    ) -> dict[str, bytes]:
        """Return the other exercises that the files import, wherever the student has them."""
        beside: dict[str, bytes] = {}
        while wanted := _missing(files | beside):
            more = dict(_modules(found, wanted, problems))
            others = self._gather(self.beside, opened, []) if len(more) < len(wanted) else []
            more = dict(_modules(others, wanted, [])) | more
            if not more:
                break
            beside |= more
        return beside

    @functools.cached_property
    def dated(self) -> str:
        """What the student's own clock says of the newest module, "" if nothing.

        It is known of those who handed in an archive, from its directory, without a zone.
        Anybody can set a clock: it is something to tell, and nothing to count on.
        """
        archives = tuple(part for part in self.parts if part.name.lower().endswith(".zip"))
        with contextlib.ExitStack() as opened:
            found = self._gather(archives, opened, [])
            return max((one.dated for one in found if one.name.suffix == ".py"), default="")

    def _gather(
        self, parts: Iterable[Part], opened: contextlib.ExitStack, problems: list[str]
    ) -> list[_File]:
        """Return the files of these parts, and those in archives among them."""
        loose: list[_File] = []
        for part in parts:
            try:
                loose += list(part.files())
            except Unreadable as problem:
                problems.append(f"{self.source}: {problem}")
        archives = [one for one in loose if one.is_archive]
        if len(archives) > MAX_ARCHIVES:
            problems.append(f"it has more than {MAX_ARCHIVES} archives; put the files into one")
        zipped: list[_File] = []
        for one in archives[:MAX_ARCHIVES]:
            try:
                zipped += one.files_in(opened)
            except Unreadable as problem:
                problems.append(f"{shown(one.name.name)}: {problem}")
        return loose + zipped


@dataclass(frozen=True)
class Part:
    """A file of a hand-in, or a folder whose files are the hand-in's.

    Attributes
    ----------
    tree : Folder or Archive
    path : str
        Where it is in there.
    name : str
        What the student called the file; "" if it is a folder.
    """

    tree: Folder | Archive
    path: str
    name: str = ""

    def files(self) -> Iterator[_File]:
        """Yield the files; archives are files."""
        if self.name:
            yield _File(self.tree, self.path, PurePosixPath(self.name))
            return
        for path in self.tree.walk(self.path):
            yield _File(self.tree, join(self.path, path), PurePosixPath(path))


@dataclass(frozen=True)
class _File:
    """A file, where it is in a tree, and what it is called in the hand-in."""

    tree: Folder | Archive
    path: str
    name: PurePosixPath
    in_archive: bool = False

    @property
    def is_archive(self) -> bool:
        at_the_top = len(self.name.parts) == 1 and not self.in_archive
        return at_the_top and self.name.suffix.lower() == ".zip"

    @property
    def rank(self) -> tuple[int, bool, int]:
        """What is taken first."""
        deep = len(self.name.parts)
        kind = 0 if deep == 1 else 1 if self.name.parent.name == "exercises" else 2
        return kind, self.in_archive, deep

    @property
    def dated(self) -> str:
        return self.tree.dated(self.path) if isinstance(self.tree, Archive) else ""

    def read(self) -> tuple[bytes, str]:
        """Return a module, and nothing to say of it."""
        with self.tree.open(self.path) as file:
            return bounded(file, MAX_FILE), ""

    def read_notebook(self) -> tuple[bytes, str]:
        """Return what a notebook defines, and what was left out."""
        with self.tree.open(self.path) as file:
            content = bounded(file, MAX_NOTEBOOK)
        try:
            found = definitions(content, self.name.stem)
        except NotANotebook as problem:
            raise Unreadable(str(problem)) from None
        return found.source.encode("utf-8", "replace"), told(found.left_out)

    def files_in(self, opened: contextlib.ExitStack) -> list[_File]:
        """Return the files of this archive, which stays open as long as the stack."""
        archive = Archive(self.tree.seekable(self.path, opened))
        return [_File(archive, path, PurePosixPath(path), True) for path in archive.walk("")]


def _modules(
    found: list[_File], names: Iterable[str], problems: list[str]
) -> Iterator[tuple[str, bytes]]:
    """Yield the module of each exercise that is there."""
    places: dict[str, list[_File]] = defaultdict(list)
    for one in found:
        places[one.name.name].append(one)
    for name in names:
        for file, read in ((f"{name}.py", _File.read), (f"{name}.ipynb", _File.read_notebook)):
            if not places[file]:
                continue
            try:
                content, said = read(_choose(places[file]))
                yield name, content
                problems += [f"{file}: {said}"] if said else []
            except Unreadable as problem:
                problems.append(f"{file}: {problem}")
            if file.endswith(".py") and places[f"{name}.ipynb"]:
                problems.append(f"{name}.ipynb was not looked at: {file} is there, too")
            break


IMPORT = re.compile(rb"^[ \t]*(?:from|import)\b([^\n]*)", re.MULTILINE)


def _missing(files: dict[str, bytes]) -> list[str]:
    """Return the exercises that files import and that aren't among them."""
    lines = [line for source in files.values() for line in IMPORT.findall(source)]
    words = set(re.findall(rb"\w+", b" ".join(lines)))
    return [name for name in EXERCISES if name.encode() in words and name not in files]


def _choose(files: list[_File]) -> _File:
    best = min(one.rank for one in files)
    chosen = [one for one in files if one.rank == best]
    if len(chosen) > 1:
        raise Unreadable(f"it is there {len(chosen)} times; keep one")
    return chosen[0]


def _what_is_there_instead(found: list[_File]) -> Iterator[str]:
    """Say what to do about archives that aren't opened."""
    for one in found:
        name, kind = shown(one.name.name), one.name.suffix.lower()
        if kind in OTHER_ARCHIVES and len(one.name.parts) == 1 and not one.in_archive:
            yield f"{name} is not a .zip; hand in a folder or a .zip"
    if any(one.in_archive and one.name.suffix.lower() == ".zip" for one in found):
        yield (
            "none of the exercises' files is in it, only an archive in an archive: "
            "put the files themselves into one .zip"
        )


# --- where files are: in a folder, or in an archive


@dataclass(frozen=True, order=True)
class Entry:
    """Something in a folder.

    Attributes
    ----------
    name : str
    kind : str
        "file", "folder" or "link".
    """

    name: str
    kind: str

    @property
    def is_archive(self) -> bool:
        """Whether it is called like one."""
        return self.kind == "file" and Path(self.name).suffix.lower() in (".zip", *OTHER_ARCHIVES)


class Folder:
    """A folder on a disk.

    Parameters
    ----------
    root : Path
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def top(self, at: str, most: int | None = None) -> list[Entry]:
        """List a folder in it, or so much of it, sorted; "" is the folder itself."""
        with os.scandir(self.root / at) as entries:
            return sorted(Entry(one.name, _kind(one)) for one in islice(entries, most))

    def has(self, path: str) -> bool:
        """Return whether something is there."""
        return os.path.lexists(self.root / path)

    def walk(self, at: str) -> Iterator[str]:
        """Yield the files below a folder in it, relative to that."""
        seen, top = 0, self.root / at
        if top.is_symlink():
            raise Unreadable("it is a link; hand in the folder itself")
        for folder, folders, files in os.walk(top, onerror=_refuse):
            here = Path(folder).relative_to(top).as_posix().removeprefix(".").strip("/")
            deep = here.count("/") + bool(here) >= MAX_DEPTH
            folders[:] = [] if deep else sorted(f for f in folders if not is_skipped(f))
            for file in files:
                seen += 1
                if seen > MAX_ENTRIES:
                    raise Unreadable(f"it has more than {MAX_ENTRIES} files")
                yield join(here, file)

    def open(self, path: str) -> contextlib.AbstractContextManager[IO[bytes]]:
        """Open a file that is one."""
        return _opened(self.root / path)

    def seekable(self, path: str, opened: contextlib.ExitStack) -> IO[bytes]:
        """Open a file in which one can go back and forth, as long as the stack is open."""
        return opened.enter_context(self.open(path))


class Archive:
    """A .zip, whose directory is read once.

    Parameters
    ----------
    file : binary file
        Stays open as long as this is used.
    most : int
        Bytes of the largest directory that is read.

    Raises
    ------
    Unreadable
        If it is no such archive.
    """

    def __init__(self, file: IO[bytes], most: int = MAX_DIRECTORY) -> None:
        with _zip_problems():
            self._zip = zipfile.ZipFile(_Limited(file, most))
        members = [(_plain(member.filename), member) for member in self._zip.infolist()]
        members.sort(key=lambda member: member[0])
        self._paths = [path for path, _ in members]
        self._members = [member for _, member in members]

    def _below(self, at: str) -> Iterator[int]:
        """Yield the numbers of the members below a folder; they are next to each other."""
        start = bisect_left(self._paths, f"{at}/") if at else 0
        for number in range(start, len(self._paths)):
            if at and not self._paths[number].startswith(f"{at}/"):
                return
            yield number

    def top(self, at: str, most: int | None = None) -> list[Entry]:
        """List a folder in it, or so much of it, sorted; "" is the archive itself."""
        entries = set()
        for number in islice(self._below(at), most):
            path = self._paths[number][len(at) + 1 if at else 0 :]
            name, slash, _ = path.partition("/")
            if name:
                kind = "link" if _is_link(self._members[number]) else "file"
                entries.add(Entry(name, "folder" if slash else kind))
        return sorted(entries)

    def has(self, path: str) -> bool:
        """Return whether something is there."""
        number = bisect_left(self._paths, path)
        there = number < len(self._paths) and self._paths[number] == path
        return there or next(self._below(path), None) is not None

    def walk(self, at: str) -> Iterator[str]:
        """Yield the files below a folder in it, relative to that."""
        seen, before = 0, ""
        for number in self._below(at):
            path = self._paths[number][len(at) + 1 if at else 0 :]
            if not path or path.endswith("/") or any(map(is_skipped, path.split("/"))):
                continue
            if path == before:
                raise Unreadable(f"{shown(PurePosixPath(path).name)} is in it twice")
            seen, before = seen + 1, path
            if seen > MAX_ENTRIES:
                raise Unreadable(f"it has more than {MAX_ENTRIES} files")
            yield path

    def dated(self, path: str) -> str:
        """Return when a file was changed, "" if that makes no sense."""
        try:
            time = datetime(*self._member(path).date_time)
        except (ValueError, Unreadable):
            return ""
        return "" if time == datetime(1980, 1, 1) else f"{time:%Y-%m-%d %H:%M}"

    def _member(self, path: str) -> zipfile.ZipInfo:
        number = bisect_left(self._paths, path)
        if self._paths[number + 1 : number + 2] == [path]:
            raise Unreadable("it is in the archive twice")
        return self._members[number]

    @contextlib.contextmanager
    def open(self, path: str) -> Iterator[IO[bytes]]:
        """Open a file that is in it."""
        member = self._member(path)
        if _is_link(member):
            raise Unreadable("it is a link; put the file itself into the archive")
        if member.flag_bits & 1:
            raise Unreadable("it is encrypted; make the archive without a password")
        with _zip_problems(), self._zip.open(member) as content:
            yield content

    def seekable(self, path: str, opened: contextlib.ExitStack) -> IO[bytes]:
        """Unpack a file, so that one can go back and forth, as long as the stack is open."""
        copy = tempfile.TemporaryFile()  # noqa: SIM115, the stack closes it
        opened.callback(copy.close)
        with self.open(path) as file:
            for chunk in _chunks(file, MAX_ARCHIVE):
                copy.write(chunk)
        return copy


class _Limited:
    """An archive's file, of which only so much is read at once: its directory is, as a whole."""

    def __init__(self, file: IO[bytes], most: int) -> None:
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable
        self._file, self._most = file, most

    def read(self, size: int = -1) -> bytes:
        most = self._most + 1
        content = self._file.read(most if size < 0 else min(size, most))
        if len(content) == most:
            raise Unreadable("its list of files is too long; leave out what isn't needed")
        return content


def join(folder: str, name: str) -> str:
    """Return the path of something in a folder; "" is the folder at the top."""
    return f"{folder}/{name}" if folder else name


def is_skipped(name: str) -> bool:
    """Return whether nobody looks at a file or folder of this name."""
    return name.startswith(".") or name in SKIPPED_FOLDERS


def bounded(file: IO[bytes], most: int) -> bytes:
    """Read a file.

    Raises
    ------
    Unreadable
        If it has more than so many bytes.
    """
    return b"".join(_chunks(file, most))


def _chunks(file: IO[bytes], most: int) -> Iterator[bytes]:
    left = most
    while chunk := file.read(min(left + 1, 2**20)):
        left -= len(chunk)
        if left < 0:
            raise Unreadable(f"it is larger than {most // 2**20} MiB")
        yield chunk


def _plain(path: str) -> str:
    """Return a member's path as others write it; a folder's ends with a slash."""
    path = path.replace("\\", "/")
    parts = [part for part in path.split("/") if part not in ("", ".")]
    return "/".join(parts) + "/" * path.endswith("/")


def _kind(entry: os.DirEntry[str]) -> str:
    if entry.is_symlink():
        return "link"
    return "folder" if entry.is_dir(follow_symlinks=False) else "file"


def _is_link(member: zipfile.ZipInfo) -> bool:
    return stat.S_ISLNK(member.external_attr >> 16)


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


class _zip_problems:
    """Turn everything a broken archive can raise into one sentence."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, problem: BaseException | None, trace: object) -> None:
        if isinstance(problem, Exception) and not isinstance(problem, Unreadable):
            raise Unreadable("the .zip is broken; make it again") from None
