"""What is done in the process that runs a student's code, whatever confines it.

It gets inputs and sends observations. No expected number, no label and no verdict
is ever in it.
"""

from __future__ import annotations

import functools
import importlib
import importlib.util
import io
import linecache
import math
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from importlib.abc import InspectLoader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from autograder.catalogue import find_check
from autograder.core.observe import Seen, observe, raised
from autograder.grading.frames import pack

try:
    import resource
except ImportError:  # Windows has no such limits
    resource = None  # type: ignore[assignment]

FOLDER = Path("/handed-in")
"""Where a student's modules seem to be; they are nowhere but in memory."""

MAX_PRINTED = 2_000


@dataclass(frozen=True)
class Task:
    """One step, as the process with the student's code may know it.

    Attributes
    ----------
    name : str
        A check's id; or a module's name, which is to be imported.
    seed : int
        The inner seed.
    inputs : plain data
        What the trusted side prepared, or None.
    seconds : int
        Of processor time that it may use.
    """

    name: str
    seed: int
    inputs: Any
    seconds: int


class HandedIn(MetaPathFinder, InspectLoader):
    """A student's modules, imported from memory.

    Parameters
    ----------
    sources : dict of str to bytes
        By the module's name.
    """

    def __init__(self, sources: dict[str, bytes]) -> None:
        self.sources = sources
        self._problems: dict[str, BaseException] = {}
        for name in sources:  # read when a traceback wants a line
            linecache.cache[self.get_filename(name)] = (functools.partial(self._text, name),)
        sys.meta_path.insert(0, self)

    def find_spec(self, name: str, path: object, target: object = None) -> ModuleSpec | None:
        """Return how to import a module, None if it isn't one of these."""
        if name not in self.sources:
            return None
        return importlib.util.spec_from_file_location(
            name,
            self.get_filename(name),
            loader=self,
        )

    def get_filename(self, name: str) -> str:
        """Return where a module seems to be."""
        return str(FOLDER / f"{name}.py")

    def get_source(self, name: str) -> str:
        """Return a module's text."""
        return importlib.util.decode_source(self.sources[name])

    def _text(self, name: str) -> str:
        try:
            return self.get_source(name)
        except (SyntaxError, UnicodeDecodeError):
            return ""

    def get_code(self, name: str) -> CodeType:
        """Return a module's compiled text."""
        code: CodeType = compile(
            self.sources[name], self.get_filename(name), "exec", dont_inherit=True
        )
        return code

    def module(self, name: str) -> ModuleType:
        """Import a module.

        Raises
        ------
        BaseException
            Whatever importing it raises, the same each time.
        """
        if name in self._problems:
            raise self._problems[name]
        try:
            return importlib.import_module(name)
        except BaseException as problem:
            self._problems[name] = problem
            raise


class Notepad(io.TextIOBase):
    """A text stream that keeps the beginning of what is written to it."""

    encoding = "utf-8"

    def __init__(self) -> None:
        self.kept = ""

    def writable(self) -> bool:
        """Return True: this is for writing only."""
        return True

    def write(self, text: str) -> int:
        """Keep what still fits."""
        self.kept += str(text)[: MAX_PRINTED - len(self.kept)]
        return len(text)

    def tear_off(self) -> str:
        """Return what was kept, and start afresh."""
        kept, self.kept = self.kept, ""
        return kept


def run(sources: dict[str, bytes], tasks: Iterable[Task], send: Callable[[bytes], object]) -> None:
    """Run checks on a student's modules and send a frame for each.

    Parameters
    ----------
    sources : dict of str to bytes
    tasks : iterable of Task
    send : callable
        Takes bytes.
    """
    notepad = Notepad()
    sys.stdout = sys.stderr = notepad
    sys.dont_write_bytecode = True
    sys.argv = ["autograder"]
    handed_in = HandedIn(sources)
    for task in tasks:
        _allow_seconds(task.seconds)
        seen = _look(task, handed_in)
        if "." in task.name:  # what importing printed goes with the first check
            seen = replace(seen, printed=notepad.tear_off())
        send(pack(task.name, seen))


def _look(task: Task, handed_in: HandedIn) -> Seen:
    exercise = task.name.partition(".")[0]
    try:
        module = handed_in.module(exercise)
    except BaseException as problem:
        return raised(problem, FOLDER, importing=exercise)
    if task.name == exercise:
        return Seen("seen")
    try:
        return observe(find_check(task.name), module, task.seed, task.inputs)
    except BaseException as problem:
        return raised(problem, FOLDER)


def _allow_seconds(seconds: int) -> None:
    """Let the system end this process if it uses more processor time from here on."""
    if resource is None:
        return
    total = math.ceil(time.process_time()) + seconds
    now, most = resource.getrlimit(resource.RLIMIT_CPU)
    if most != resource.RLIM_INFINITY:
        total = min(total, most)
    if total != now:
        resource.setrlimit(resource.RLIMIT_CPU, (total, most))
