"""Where files are: in a folder, or in an archive. Bounded, and never through a link."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
import zipfile
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO

from autograder.grading.names import shown

MAX_ENTRIES = 5_000
"""Files of a folder or an archive that are looked at."""

MAX_ARCHIVE = 2**26
"""Bytes of the largest archive that is unpacked from another one, to be opened."""

MAX_DIRECTORY = 2**21
"""Bytes of the largest list of files that an archive may have."""

MAX_DEPTH = 5
OTHER_ARCHIVES = (".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz")
SKIPPED_FOLDERS = ("__MACOSX", "__pycache__", "node_modules", "site-packages")


class Unreadable(Exception):
    """A file or archive that can't be taken, with a sentence that says why."""


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
