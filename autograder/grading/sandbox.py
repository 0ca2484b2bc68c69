"""Run a submission in a process of its own and bring back what was seen.

The process is a new Python that holds the checks and the student's files and nothing
else of ours. What it sends is validated; what it doesn't send earns nothing.
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

import autograder
from autograder.core.exercise import Check
from autograder.core.observe import Crash, Frame, Seen
from autograder.core.plain import plain
from autograder.grading.worker import read_frame, write_frame

MAX_FRAME = 4 * 2**20
"""Bytes of the largest observation."""

START_SECONDS = 120.0

_START = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "import autograder.grading.worker as worker; sys.path.remove(sys.argv[1]); worker.main()"
)
_PASSED_ON = ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH", "LANG")


@dataclass(frozen=True)
class Limits:
    """What a submission may use.

    Attributes
    ----------
    memory : int
        Bytes of address space, where the system can limit it.
    patience : float
        A factor on each check's seconds, for slow machines.
    """

    memory: int = 2 * 2**30
    patience: float = 1.0


@dataclass(frozen=True)
class Task:
    """One draw of one check.

    Attributes
    ----------
    check : Check
    inner_seed : int
        The seed that the worker may know.
    inputs : plain data
        What the trusted side prepared, or None.
    """

    check: Check
    inner_seed: int
    inputs: Any = None


def observe_in_sandbox(
    files: dict[str, bytes], tasks: Sequence[Task], limits: Limits | None = None
) -> dict[str, Seen]:
    """Run checks on a student's files, each once.

    Parameters
    ----------
    files : dict of str to bytes
        Modules by name.
    tasks : sequence of Task
    limits : Limits, optional

    Returns
    -------
    dict of str to Seen
        For every task's check, by its id. If a check ends the process or
        uses up its time, the other checks of the same function are not run,
        and the rest goes on in a fresh process.
    """
    limits = limits or Limits()
    found: dict[str, Seen] = {}
    left = list(tasks)
    with tempfile.TemporaryDirectory(prefix="downhill-", ignore_cleanup_errors=True) as folder:
        _write(files, Path(folder))
        while left:
            for check_id, seen in _one_process(Path(folder), left, limits):
                found[check_id] = seen
            lost = [task.check for task in left if task.check.id in found][-1]
            for task in left:
                if task.check.function == lost.function and task.check.exercise == lost.exercise:
                    reason = f"{lost.name} ended the run: {found[lost.id].reason}"
                    found.setdefault(task.check.id, Seen("not run", reason=reason))
            left = [task for task in left if task.check.id not in found]
    return found


def _write(files: dict[str, bytes], folder: Path) -> None:
    for name, content in files.items():
        (folder / f"{name}.py").write_bytes(content)


def _one_process(folder: Path, tasks: Sequence[Task], limits: Limits) -> Iterator[tuple[str, Seen]]:
    """Yield what one worker sees, in order, and last what became of it if it ended early."""
    with _worker(folder) as process:
        requests, replies = cast(BinaryIO, process.stdin), cast(BinaryIO, process.stdout)
        answers = _Answers(replies, most=len(tasks) + 1)
        try:
            write_frame(requests, _job(folder, tasks, limits))
        except OSError:
            raise WorkerBroken("the worker did not take its job") from None
        if answers.next(START_SECONDS) != "ready":
            raise WorkerBroken("the worker did not start; is NumPy installed where Python is?")
        for task in tasks:
            seconds = task.check.seconds * limits.patience
            try:
                answer = answers.next(seconds)
            except TimeoutError:
                yield task.check.id, Seen("too slow", reason=f"stopped after {seconds:g} seconds")
                return
            except ValueError as problem:
                yield task.check.id, Seen("died", reason=f"it sent {problem}")
                return
            if answer is None:
                yield task.check.id, Seen("died", reason=_how_it_ended(process))
                return
            seen = _seen(answer, task.check)
            yield task.check.id, seen
            if seen.outcome == "died":
                return


class WorkerBroken(RuntimeError):
    """A worker that failed before any student's code ran: our fault, not theirs."""


def _job(folder: Path, tasks: Sequence[Task], limits: Limits) -> dict[str, Any]:
    return {
        "folder": str(folder),
        "memory": limits.memory,
        "tasks": [
            {"check": task.check.id, "seed": task.inner_seed, "inputs": plain(task.inputs)}
            for task in tasks
        ],
    }


@contextlib.contextmanager
def _worker(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    environment |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "HOME": str(folder)}
    package_root = str(Path(autograder.__file__).parent.parent)
    process = subprocess.Popen(
        [sys.executable, "-I", "-B", "-X", "utf8", "-c", _START, package_root],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=folder,
        env=environment,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    if hasattr(os, "killpg"):
        with contextlib.suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait()
    with contextlib.suppress(OSError):
        if process.stdin:
            process.stdin.close()


def _how_it_ended(process: subprocess.Popen[bytes]) -> str:
    try:
        code = process.wait(5)
    except subprocess.TimeoutExpired:
        return "the process stopped answering"
    if code < 0:
        with contextlib.suppress(ValueError):
            return f"the process was ended by {signal.Signals(-code).name}"
    return f"the process left with exit code {code}"


class _Answers:
    """Frames of a worker, read by a thread so that waiting for them can end."""

    def __init__(self, stream: BinaryIO, most: int) -> None:
        self._frames: queue.Queue[Any] = queue.Queue()
        threading.Thread(target=self._read, args=(stream, most), daemon=True).start()

    def _read(self, stream: BinaryIO, most: int) -> None:
        with stream:
            for _ in range(most):
                try:
                    frame = read_frame(stream, MAX_FRAME)
                except (ValueError, OSError) as problem:
                    frame = ValueError(problem)
                self._frames.put(frame)
                if frame is None or isinstance(frame, ValueError):
                    return

    def next(self, seconds: float) -> Any:
        """Return the next frame, None at the end.

        Raises
        ------
        TimeoutError
            If there is none in time.
        ValueError
            If what came is no frame.
        """
        try:
            frame = self._frames.get(timeout=seconds)
        except queue.Empty:
            raise TimeoutError from None
        if isinstance(frame, ValueError):
            raise frame
        return frame


def _seen(answer: Any, check: Check) -> Seen:
    """Return what a worker says it saw, or that it isn't an answer to what was asked."""
    try:
        if answer["check"] != check.id:
            raise ValueError
        return _validated(answer["seen"])
    except (KeyError, TypeError, ValueError):
        return Seen("died", reason="it sent something that is not an answer")


def _validated(tree: dict[str, Any]) -> Seen:
    texts = {name: tree[name] for name in ("outcome", "reason", "printed", "importing")}
    if not all(isinstance(text, str) for text in texts.values()):
        raise ValueError
    if texts["outcome"] not in ("seen", "not attempted", "crashed"):
        raise ValueError
    return Seen(observation=tree["observation"], crash=_crash(tree["crash"]), **texts)


def _crash(tree: Any) -> Crash | None:
    if tree is None:
        return None
    frames = tuple(
        Frame(str(f["file"]), int(f["line"]), str(f["function"]), str(f["source"]))
        for f in tree["frames"][:8]
    )
    return Crash(str(tree["kind"]), str(tree["message"]), frames)
