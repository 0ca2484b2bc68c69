"""Places where one submission at a time is run, and how to get there.

A slot takes a student's files and tasks, and yields answers. In the tiers that confine,
it is a zygote that forks a process a submission; in the portable one, a new Python.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import select
import signal
import socket
import subprocess
import sys
import sysconfig
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol

import autograder
from autograder.core.observe import Seen
from autograder.core.plain import encode, plain
from autograder.grading.control import NOT_CONFINED, receive, send
from autograder.grading.frames import Answer, BadFrame, Reader, unpack
from autograder.grading.observer import Task
from autograder.isolation.kernel import NotConfined
from autograder.isolation.tiers import Tier

START_SECONDS = 120.0
PAUSE = 0.004
"""Seconds between two looks for answers."""

MAX_BYTES = 64 * 2**20
"""Of all answers of one process."""

_FIRST_USER = 60_000
"""Of the users that root's slots become; nobody has files of theirs."""
_SYSTEM_LIBRARIES = ("/usr/lib", "/usr/lib64", "/usr/local/lib", "/lib", "/lib64")
_PASSED_ON = ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH", "LANG")
_START = (
    "import sys; sys.path.insert(0, sys.argv.pop(1)); module = sys.argv.pop(1); "
    "import importlib; main = importlib.import_module(module).main; del sys.path[0]; main()"
)


@dataclass(frozen=True)
class Limits:
    """What a submission may use.

    Attributes
    ----------
    memory : int
        Bytes of address space beyond what Python and NumPy take.
    patience : float
        A factor on each check's seconds of processor time, for slow machines.
    wall : float
        Seconds that may pass for each second of processor time allowed. Only a
        backstop: on a busy machine much time passes in which nobody gets anything.
    processes : int
        How often a submission that ends its process gets a new one.
    """

    memory: int = 2**30
    patience: float = 1.0
    wall: float = 5.0
    processes: int = 8


class SlotBroken(RuntimeError):
    """A slot that failed before any student's code ran: our fault, not theirs."""


class Slot(Protocol):
    """Runs tasks on a student's files."""

    tier: Tier

    @property
    def seconds(self) -> float:
        """Processor time that students' processes have used so far."""
        ...

    def run(
        self, files: dict[str, bytes], tasks: Sequence[Task], limits: Limits
    ) -> Iterator[Answer]:
        """Yield an answer for each task, in order.

        An answer whose outcome is "too slow" or "died" is the last one.
        """
        ...

    def close(self) -> None:
        """End what the slot has started."""
        ...


def open_slot(tier: Tier, outside: Sequence[Path] = ()) -> Slot:
    """Return a slot of a tier.

    Parameters
    ----------
    tier : Tier
    outside : sequence of Path
        What must be out of reach: the reference, the secret, the results.

    Raises
    ------
    NotConfined
        If the tier doesn't hold here.
    SlotBroken
        If Python itself doesn't start.
    """
    if tier is Tier.PORTABLE:
        return FreshProcess()
    return ZygoteSlot(tier, outside)


def why_not(tier: Tier, outside: Sequence[Path] = ()) -> str:
    """Return why a tier doesn't hold here; nothing if it does.

    It is tried: a process is confined, and tries what it must not be able to do.
    """
    try:
        open_slot(tier, outside).close()
    except (NotConfined, SlotBroken) as problem:
        return str(problem)
    return ""


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
            _python("autograder.grading.zygote", str(theirs.fileno()), json.dumps(settings)),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            cwd="/",
            env=_environment(),
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
            "tasks": [_encoded(task) for task in tasks],
            "memory": limits.memory,
            "seconds": sum(task.seconds for task in tasks) + 5,
            "environment": _environment(),
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
            return _waited(task, self.limits)
        exit_code = os.waitstatus_to_exitcode(self.ended["status"])
        return _ended(exit_code, task, self.ended["seconds"])

    def _finish(self) -> None:
        """See to it that the process is gone before the slot is used again."""
        if self.ended is None:
            with contextlib.suppress(OSError):
                self.slot.end_job(self.number)
            self.ended = self.slot.hear_end()
        self.slot.seconds += self.ended["seconds"]


def _waited(task: Task, limits: Limits) -> Answer:
    seconds = limits.wall * task.seconds
    return Answer(Seen("too slow", reason=f"stopped after {seconds:g} seconds"), sure=False)


def _ended(exit_code: int, task: Task, used: float = 0.0) -> Answer:
    """Return what the end of a process means; `used` are its seconds of processor time."""
    if exit_code >= 0:
        return Answer(Seen("died", reason=f"the process left with exit code {exit_code}"))
    name = signal.Signals(-exit_code).name
    if name == "SIGXCPU" or (name == "SIGKILL" and used >= task.seconds):
        reason = f"stopped after {task.seconds} s of computing"
        return Answer(Seen("too slow", reason=reason))
    return Answer(Seen("died", reason=f"the process was ended by {name}"))


def _refuse_overlap(readable: Sequence[Path], outside: Sequence[Path]) -> None:
    for path in outside:
        for folder in readable:
            if folder == path.resolve() or folder in path.resolve().parents:
                raise NotConfined(
                    f"{path} is in {folder}, which students' code can read: move it elsewhere"
                )


def _encoded(task: Task) -> dict[str, Any]:
    return {**vars(task), "inputs": encode(plain(task.inputs))}


def _python(module: str, *arguments: str) -> list[str]:
    root = str(Path(autograder.__file__).parent.parent)
    return [sys.executable, "-I", "-B", "-X", "utf8", "-c", _START, root, module, *arguments]


def _environment() -> dict[str, str]:
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    one_thread = {f"{name}_NUM_THREADS": "1" for name in ("OPENBLAS", "OMP", "MKL")}
    return environment | one_thread | {"MPLBACKEND": "Agg"}


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
                    answer = _waited(task, limits)
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
        "tasks": [_encoded(task) for task in tasks],
        "memory": limits.memory,
    }
    return b"".join([json.dumps(head).encode(), b"\n", *files.values()])


@contextlib.contextmanager
def _worker(folder: str) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        _python("autograder.grading.worker"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=folder,
        env={**_environment(), "HOME": folder, "MPLCONFIGDIR": folder},
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
        return _ended(process.wait(5), task)
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
