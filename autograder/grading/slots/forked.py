"""A zygote that forks a process for each submission, seen from outside."""

from __future__ import annotations

import contextlib
import json
import os
import select
import socket
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from autograder.core.observe import Seen
from autograder.grading.control import NOT_CONFINED, receive, send
from autograder.grading.frames import Answer, BadFrame, Reader, unpack
from autograder.grading.observer import Task
from autograder.grading.slots.slot import (
    MAX_BYTES,
    START_SECONDS,
    Limits,
    SlotBroken,
    encoded,
    ended_as,
    environment,
    python_command,
    waited,
)
from autograder.isolation.kernel import NotConfined
from autograder.isolation.tiers import Tier

PAUSE = 0.004
"""Seconds between two looks for answers."""

_FIRST_USER = 60_000
"""Of the users that root's slots become; nobody has files of theirs."""
_SYSTEM_LIBRARIES = ("/usr/lib", "/usr/lib64", "/usr/local/lib", "/lib", "/lib64")


def readable_folders() -> list[Path]:
    """Return what Python and its packages need of the files, none beneath another.

    Links are listed beside what they point to.
    """
    paths = sysconfig.get_paths()
    needed = [Path(paths[name]) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    needed += [Path(sys.base_prefix) / "lib"]
    needed += [Path(path) for path in _SYSTEM_LIBRARIES]
    links = {path for path in needed if path.is_symlink()}
    folders = {path.resolve() for path in needed if path.exists()}
    outermost = {
        path for path in folders if not any(other in path.parents for other in folders - {path})
    }
    return sorted(outermost | links)


class ZygoteSlot:
    """A zygote and the socket to speak to it.

    Parameters
    ----------
    tier : Tier
    outside : sequence of Path
    """

    def __init__(self, tier: Tier, outside: Sequence[Path]) -> None:
        self.tier = tier
        self.seconds = 0.0
        self._jobs = 0
        if not sys.platform.startswith("linux"):
            raise NotConfined(f"{sys.platform} has no Landlock and no seccomp: use Linux")
        self._readable = readable_folders()
        _refuse_overlap(self._readable, outside)
        self._outside = [*outside, Path("/etc/passwd")]
        self._desks = tempfile.TemporaryDirectory(prefix="downhill-", ignore_cleanup_errors=True)
        self._start()

    def _start(self) -> None:
        self._control, theirs = socket.socketpair()
        settings = {
            "full": self.tier is Tier.FULL,
            "readable": [str(path) for path in self._readable],
            "outside": [str(path.resolve()) for path in self._outside if path.exists()],
            "user": 0 if os.geteuid() else _FIRST_USER + os.getpid() % 5_000,
            "desks": self._desks.name,
        }
        self._process = subprocess.Popen(
            python_command("autograder.grading.zygote", str(theirs.fileno()), json.dumps(settings)),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            cwd="/",
            env=environment(),
            pass_fds=[theirs.fileno()],
            start_new_session=True,
        )
        theirs.close()
        said = self._hear(START_SECONDS)
        if said is None:
            raise SlotBroken(f"Python with NumPy didn't start: {self._last_words()}")
        if "refused" in said:
            self.close()
            raise NotConfined(said["refused"])

    def _last_words(self) -> str:
        self._process.kill()
        error = b""
        if self._process.stderr and not self._process.stderr.closed:
            _, error = self._process.communicate()
        return error.decode("utf-8", "replace").strip().rpartition("\n")[2][:300]

    def run(
        self, files: dict[str, bytes], tasks: Sequence[Task], limits: Limits
    ) -> Iterator[Answer]:
        """Yield an answer for each task, in order."""
        if self._process.poll() is not None:
            self.restart()
        self._jobs += 1
        results, theirs = os.pipe()
        os.set_blocking(results, False)
        try:
            self._give(files, tasks, limits, theirs)
            yield from _Listening(self, results, self._jobs, tasks, limits).answers()
        finally:
            os.close(results)

    def _give(
        self, files: dict[str, bytes], tasks: Sequence[Task], limits: Limits, results: int
    ) -> None:
        job = {
            "do": "job",
            "number": self._jobs,
            "files": [[name, len(content)] for name, content in files.items()],
            "tasks": [encoded(task) for task in tasks],
            "memory": limits.memory,
            "seconds": sum(task.seconds for task in tasks) + 5,
            "environment": environment(),
        }
        try:
            send(self._control, job, [results])
            for content in files.values():
                self._control.sendall(content)
        except OSError as problem:
            raise SlotBroken(f"the zygote did not take a job: {problem}") from None
        finally:
            os.close(results)

    def end_job(self, number: int) -> None:
        """Have a job's process ended."""
        send(self._control, {"do": "end", "number": number})

    def fileno(self) -> int:
        """Return what to wait on for `hear_end`."""
        return self._control.fileno()

    def hear_end(self) -> dict[str, Any]:
        """Return what became of a job's process.

        Raises
        ------
        SlotBroken
            If the zygote is gone.
        """
        said = self._hear(START_SECONDS)
        if said is None:
            raise SlotBroken(f"the zygote is gone: {self._last_words()}")
        return said

    def _hear(self, seconds: float) -> dict[str, Any] | None:
        poll = select.poll()
        poll.register(self._control, select.POLLIN)
        if not poll.poll(seconds * 1000):
            return None
        try:
            return receive(self._control)[0]
        except (OSError, EOFError):
            return None

    def restart(self) -> None:
        """Start another zygote in place of a broken one."""
        self._control.close()
        self._last_words()
        self._start()

    def close(self) -> None:
        """End the zygote and what it has started."""
        self._control.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(5)
        self._last_words()
        self._desks.cleanup()


class _Listening:
    """The answers of one job, while it runs."""

    def __init__(
        self, slot: ZygoteSlot, results: int, number: int, tasks: Sequence[Task], limits: Limits
    ) -> None:
        self.slot, self.results, self.number = slot, results, number
        self.tasks, self.limits = tasks, limits
        self.reader = Reader()
        self.taken = 0
        self.deadline = 0.0
        self.ended: dict[str, Any] | None = None

    def answers(self) -> Iterator[Answer]:
        """Yield an answer for each task; a last one for a process that ends early."""
        arriving = self._bodies()
        try:
            self.deadline = time.monotonic() + START_SECONDS
            if next(arriving) is None:
                raise self._not_ready()
            for task in self.tasks:
                self.deadline = time.monotonic() + self.limits.wall * task.seconds
                body = next(arriving)
                answer = unpack(body, task.name) if body is not None else self._unfinished(task)
                yield answer
                if body is None:
                    return
        except BadFrame as problem:
            yield Answer(Seen("died", reason=f"it sent {problem}"))
        finally:
            self._finish()

    def _bodies(self) -> Iterator[bytes | None]:
        """Yield what arrives, None when nothing will before the process ends or time is up.

        The pipe is looked into every few milliseconds: to be woken for each of many
        small answers would cost more than they do.
        """
        poll = select.poll()
        poll.register(self.slot, select.POLLIN)
        while True:
            yield from self._arrived()
            left = self.deadline - time.monotonic()
            if self.ended or left <= 0:
                yield None
            elif poll.poll(1000 * min(left, PAUSE)):
                self.ended = self.slot.hear_end()

    def _not_ready(self) -> Exception:
        """Return what to raise for a process that ended before any student's code ran."""
        if self.ended and os.waitstatus_to_exitcode(self.ended["status"]) == NOT_CONFINED:
            return NotConfined(f"a process could not be confined as {self.slot.tier} promises")
        return SlotBroken("a process ended before it was ready")

    def _arrived(self) -> Iterator[bytes]:
        while True:
            try:
                some = os.read(self.results, 2**18)
            except BlockingIOError:
                return
            if not some:
                return
            self.taken += len(some)
            if self.taken > MAX_BYTES:
                raise BadFrame(f"more than {MAX_BYTES} bytes")
            yield from self.reader.feed(some)

    def _unfinished(self, task: Task) -> Answer:
        if not self.ended:
            return waited(task, self.limits)
        exit_code = os.waitstatus_to_exitcode(self.ended["status"])
        return ended_as(exit_code, task, self.ended["seconds"])

    def _finish(self) -> None:
        """See to it that the process is gone before the slot is used again."""
        if self.ended is None:
            with contextlib.suppress(OSError):
                self.slot.end_job(self.number)
            self.ended = self.slot.hear_end()
        self.slot.seconds += self.ended["seconds"]


def _refuse_overlap(readable: Sequence[Path], outside: Sequence[Path]) -> None:
    for path in outside:
        for folder in readable:
            if folder == path.resolve() or folder in path.resolve().parents:
                raise NotConfined(
                    f"{path} is in {folder}, which students' code can read: move it elsewhere"
                )
