"""The process that runs a student's code.

It gets inputs and sends observations. No expected number, no label and no verdict
is ever in it. Started by `autograder.grading.sandbox`; talks in frames: four bytes
of length, then JSON.
"""

from __future__ import annotations

import io
import os
import struct
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, BinaryIO

from autograder.catalogue import EXERCISES, find_check
from autograder.core.observe import Seen, observe, raised
from autograder.core.plain import dumps, loads
from autograder.core.workbook import Workbook

MAX_PRINTED = 2_000
LENGTH = struct.Struct(">I")


def write_frame(stream: BinaryIO, value: Any) -> None:
    """Send plain data."""
    body = dumps(value)
    stream.write(LENGTH.pack(len(body)) + body)
    stream.flush()


def read_frame(stream: BinaryIO, limit: int) -> Any:
    """Receive plain data; None at the end of the stream.

    Raises
    ------
    NotPlain
        If the body isn't plain data.
    ValueError
        If the frame is longer than the limit, or cut off.
    """
    head = stream.read(LENGTH.size)
    if not head:
        return None
    if len(head) < LENGTH.size:
        raise ValueError("a frame that is cut off")
    (length,) = LENGTH.unpack(head)
    if length > limit:
        raise ValueError(f"a frame of {length} bytes")
    body = stream.read(length)
    if len(body) < length:
        raise ValueError("a frame that is cut off")
    return loads(body)


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


def main() -> None:
    """Serve one job."""
    requests, answers = _private_streams()
    job = read_frame(requests, 2**28)
    _limit_resources(job["memory"])
    notepad = Notepad()
    sys.stdout = sys.stderr = notepad
    sys.dont_write_bytecode = True
    workbook = Workbook(Path(job["folder"]), EXERCISES)
    sys.path.insert(0, job["folder"])
    write_frame(answers, "ready")
    for task in job["tasks"]:
        seen = replace(_look(task, workbook), printed=notepad.tear_off())
        write_frame(answers, {"check": task["check"], "seen": as_data(seen)})
    os._exit(0)  # whatever the student's code left running ends here


def as_data(seen: Seen) -> dict[str, Any]:
    """Return what was seen as plain data."""
    crash = None
    if seen.crash:
        crash = {**asdict(seen.crash), "frames": [asdict(frame) for frame in seen.crash.frames]}
    return {**vars(seen), "crash": crash}


def _look(task: dict[str, Any], workbook: Workbook) -> Seen:
    check = find_check(task["check"])
    try:
        module = workbook.module(check.exercise)
    except BaseException as problem:
        return raised(problem, workbook.folder, importing=check.exercise)
    try:
        return observe(check, module, task["seed"], task["inputs"])
    except BaseException as problem:
        return raised(problem, workbook.folder)


def _private_streams() -> tuple[BinaryIO, BinaryIO]:
    """Take the pipes away from file descriptors 0 and 1, which students' code uses."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    return requests, answers


def _limit_resources(memory: int) -> None:
    """Bound memory, written files and core dumps where the system can."""
    try:
        import resource
    except ImportError:  # Windows: the time limit is all there is
        return
    for name, value in (("RLIMIT_AS", memory), ("RLIMIT_FSIZE", 2**20), ("RLIMIT_CORE", 0)):
        try:
            resource.setrlimit(getattr(resource, name), (value, value))
        except (OSError, ValueError, AttributeError):  # macOS refuses some
            continue
