"""What travels from the process with a student's code: bounded, validated, never pickled.

A frame is four bytes of length, a line of JSON that says what happened, and the
observation as JSON. Nothing in it is believed but numbers that a judge compares.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

from autograder.core.observe import Crash, Frame, Seen
from autograder.core.plain import MAX_TEXT, NotPlain, clean, dumps, loads

MAX_FRAME = 4 * 2**20
"""Bytes of the largest frame."""

LENGTH = struct.Struct(">I")
TEXTS = ("reason", "printed", "importing")
MAX_LINES = 8
"""Of a traceback."""

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
    head: dict[str, Any] = {"task": task, "outcome": seen.outcome}
    head |= {name: text for name in TEXTS if (text := getattr(seen, name))}
    if seen.crash:
        head["crash"] = asdict(seen.crash)
    body = json.dumps(head).encode() + b"\n" + dumps(seen.observation)
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
        facts = json.loads(head)
        if facts["task"] != task or facts["outcome"] not in ("seen", "not attempted", "crashed"):
            raise BadFrame("something that is not an answer")
        texts = {name: _text(facts[name]) for name in TEXTS if name in facts}
        crash = _crash(facts["crash"]) if "crash" in facts else None
        return Answer(Seen(facts["outcome"], crash=crash, **texts), raw)
    except (KeyError, TypeError, ValueError, RecursionError):
        raise BadFrame("something that is not an answer") from None


def _text(value: Any) -> str:
    if type(value) is not str:
        raise BadFrame("something that is not an answer")
    return clean(value[:MAX_TEXT])


def _crash(facts: Any) -> Crash:
    frames = tuple(
        Frame(_text(f["file"]), _line(f["line"]), _text(f["function"]), _text(f["source"]))
        for f in facts["frames"][:MAX_LINES]
    )
    return Crash(_text(facts["kind"]), _text(facts["message"]), frames)


def _line(value: Any) -> int:
    if type(value) is not int or not 0 <= value < 2**31:
        raise BadFrame("something that is not an answer")
    return value
