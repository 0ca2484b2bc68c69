"""Read what students handed in: bytes only, and nothing of it is run."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePosixPath

from autograder.catalogue import EXERCISES
from autograder.core.notebook import NotANotebook, told
from autograder.grading.names import shown
from autograder.grading.notebooks import definitions
from autograder.grading.trees import OTHER_ARCHIVES, Archive, Folder, Unreadable, bounded, join

MAX_FILE = 2**20
"""Bytes of the largest module that is read."""

MAX_NOTEBOOK = 2**23
"""Bytes of the largest notebook that is read."""

MAX_ARCHIVES = 5
"""Archives of a submission that are opened."""

CHECKS = ("autograder", "catalogue")
"""Where the checks of a module stand, under its name: they come along if a student hands in all
that the class was given, such as an nbgrader assignment with its `autograder.zip`."""


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
    dated : str
        What the student's own clock says of the newest module, "" if nothing. It is known of
        those who handed in an archive, from its directory, without a zone. Anybody can set a
        clock: it is something to tell, and nothing to count on.
    """

    student: str
    source: str
    files: dict[str, bytes] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    beside: dict[str, bytes] = field(default_factory=dict)
    dated: str = ""

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
        dated = max((one.dated for one in found if one.name.suffix == ".py"), default="")
        problems += self.problems
        return Submission(self.student, self.source, files, problems, beside, dated)

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
        if self.in_archive and isinstance(self.tree, Archive):  # the student's own
            return self.tree.dated(self.path)
        return ""

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
        if one.name.parts[-3:-1] != CHECKS:
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
