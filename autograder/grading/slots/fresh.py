"""A new Python for each submission: what there is where nothing confines."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Sequence
from typing import IO

from autograder.core.observe import Seen
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
from autograder.isolation.tiers import Tier


class FreshProcess:
    """A new Python for each job: limits where the system has them, and nothing else."""

    tier = Tier.PORTABLE

    @property
    def seconds(self) -> float:
        """Processor time of all ended processes; 0 where the system doesn't say."""
        times = os.times()
        return times.children_user + times.children_system

    def run(
        self, files: dict[str, bytes], tasks: Sequence[Task], limits: Limits
    ) -> Iterator[Answer]:
        """Yield an answer for each task, in order."""
        with (
            tempfile.TemporaryDirectory(prefix="downhill-", ignore_cleanup_errors=True) as folder,
            _worker(folder) as process,
        ):
            assert process.stdin
            assert process.stdout
            arriving = _Arriving(process.stdout, most=len(tasks) + 1)
            try:
                process.stdin.write(_request(files, tasks, limits))
                process.stdin.close()
            except OSError:
                raise SlotBroken("Python did not take its job") from None
            if arriving.next(START_SECONDS) is None:
                raise SlotBroken("Python with NumPy didn't start")
            for task in tasks:
                try:
                    body = arriving.next(limits.wall * task.seconds)
                    answer = unpack(body, task.name) if body else _how_it_ended(process, task)
                except TimeoutError:
                    answer = waited(task, limits)
                except BadFrame as problem:
                    answer = Answer(Seen("died", reason=f"it sent {problem}"))
                yield answer
                if answer.seen.outcome in ("too slow", "died"):
                    return

    def close(self) -> None:
        """Do nothing: there is nothing between jobs."""


def _request(files: dict[str, bytes], tasks: Sequence[Task], limits: Limits) -> bytes:
    head = {
        "files": [[name, len(content)] for name, content in files.items()],
        "tasks": [encoded(task) for task in tasks],
        "memory": limits.memory,
    }
    return b"".join([json.dumps(head).encode(), b"\n", *files.values()])


@contextlib.contextmanager
def _worker(folder: str) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        python_command("autograder.grading.worker"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=folder,
        env={**environment(), "HOME": folder, "MPLCONFIGDIR": folder},
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if hasattr(os, "killpg"):
            with contextlib.suppress(OSError):
                os.killpg(process.pid, signal.SIGKILL)
        process.kill()
        process.wait()


def _how_it_ended(process: subprocess.Popen[bytes], task: Task) -> Answer:
    try:
        return ended_as(process.wait(5), task)
    except subprocess.TimeoutExpired:
        return Answer(Seen("died", reason="the process stopped answering"))


class _Arriving:
    """Frames of a pipe, read by a thread so that waiting for them can end on every system."""

    def __init__(self, stream: IO[bytes], most: int) -> None:
        self._bodies: queue.Queue[bytes | BadFrame | None] = queue.Queue()
        threading.Thread(target=self._read, args=(stream, most), daemon=True).start()

    def _read(self, stream: IO[bytes], most: int) -> None:
        reader, taken = Reader(), 0
        with contextlib.suppress(OSError, ValueError), stream:
            while some := os.read(stream.fileno(), 2**18):
                taken += len(some)
                try:
                    if taken > MAX_BYTES:
                        raise BadFrame(f"more than {MAX_BYTES} bytes")
                    for body in reader.feed(some):
                        self._bodies.put(body)
                        most -= 1
                        if not most:  # nobody asks for more
                            return
                except BadFrame as problem:
                    self._bodies.put(problem)
                    return
        self._bodies.put(None)

    def next(self, seconds: float) -> bytes | None:
        """Return the next body, None at the end.

        Raises
        ------
        TimeoutError
            If there is none in time.
        BadFrame
            If what came is none.
        """
        try:
            body = self._bodies.get(timeout=seconds)
        except queue.Empty:
            raise TimeoutError from None
        if isinstance(body, BadFrame):
            raise body
        return body
