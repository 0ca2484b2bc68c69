"""What travels from the process with a student's code: bounded, validated, never pickled.

A frame is four bytes of length, a line of JSON that says what happened, and the
observation as JSON. Nothing in it is believed but numbers that a judge compares.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

from autograder.core.observe import Crash, Frame, Seen
from autograder.core.plain import NotPlain, dumps, loads

MAX_FRAME = 4 * 2**20
"""Bytes of the largest frame."""

LENGTH = struct.Struct(">I")
NOTHING = b"null"
READY = LENGTH.pack(5) + b"ready"
"""Sent before a student's code is touched."""


class BadFrame(ValueError):
    """Bytes that are no answer to what was asked."""


@dataclass(frozen=True)
class Answer:
    """What a process says it saw.

    Attributes
    ----------
    seen : Seen
        Without the observation.
    raw : bytes
        The observation as it was sent.
    sure : bool
        False if a clock on the wall made it "too slow": the machine may have been busy.
    """

    seen: Seen
    raw: bytes = NOTHING
    sure: bool = True

    def observed(self) -> Seen:
        """Return what was seen, with the observation.

        An observation that isn't plain data makes the outcome "died".
        """
        if self.seen.outcome != "seen":
            return self.seen
        try:
            return replace(self.seen, observation=loads(self.raw))
        except NotPlain:
            return Seen("died", reason="it sent something that is not an answer")


def pack(task: str, seen: Seen) -> bytes:
    """Return a frame; used where nothing is trusted.

    Parameters
    ----------
    task : str
        Its name.
    seen : Seen
    """
    crash = None
    if seen.crash:
        crash = {**asdict(seen.crash), "frames": [asdict(frame) for frame in seen.crash.frames]}
    head = {**vars(seen), "task": task, "crash": crash}
    observation = dumps(head.pop("observation"))
    body = dumps(head) + b"\n" + observation
    return LENGTH.pack(len(body)) + body


class Reader:
    """Cuts a stream of bytes into frames."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def feed(self, some: bytes) -> Iterator[bytes]:
        """Take what has arrived and yield the bodies that are complete.

        Raises
        ------
        BadFrame
            If a frame is longer than `MAX_FRAME`.
        """
        self._waiting += some
        while len(self._waiting) >= LENGTH.size:
            (length,) = LENGTH.unpack_from(self._waiting)
            if length > MAX_FRAME:
                raise BadFrame(f"a frame of {length} bytes")
            end = LENGTH.size + length
            if len(self._waiting) < end:
                return
            body = bytes(self._waiting[LENGTH.size : end])
            del self._waiting[:end]
            yield body


def unpack(body: bytes, task: str) -> Answer:
    """Return the answer in a frame.

    Parameters
    ----------
    body : bytes
    task : str
        The one that was asked for.

    Raises
    ------
    BadFrame
        If it is no answer, or one to another question.
    """
    head, _, raw = body.partition(b"\n")
    try:
        facts = loads(head)
        if facts["task"] != task or facts["outcome"] not in ("seen", "not attempted", "crashed"):
            raise BadFrame("something that is not an answer")
        texts = {name: facts[name] for name in ("outcome", "reason", "printed", "importing")}
        if not all(isinstance(text, str) for text in texts.values()):
            raise BadFrame("something that is not an answer")
        return Answer(Seen(crash=_crash(facts["crash"]), **texts), raw)
    except (NotPlain, KeyError, TypeError, ValueError, OverflowError):
        raise BadFrame("something that is not an answer") from None


def _crash(facts: Any) -> Crash | None:
    if facts is None:
        return None
    frames = tuple(
        Frame(str(f["file"]), int(f["line"]), str(f["function"]), str(f["source"]))
        for f in facts["frames"][:8]
    )
    return Crash(str(facts["kind"]), str(facts["message"]), frames)
