"""The process that forks another for each submission: NumPy and the checks are loaded once.

It holds no expected number, no solution and no secret. Started and spoken to by
`autograder.grading.slots`. Before a student's code is compiled, its process has given up,
for good, all that the tier takes away; a step of that which fails ends the run.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import gc
import json
import os
import platform
import resource
import select
import signal
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from autograder.core.plain import decode
from autograder.grading import observer
from autograder.grading.control import NOT_CONFINED, receive, receive_exactly, send
from autograder.grading.frames import READY
from autograder.grading.warm_up import warm_up
from autograder.isolation import folders, kernel, namespaces
from autograder.isolation.kernel import NotConfined
from autograder.isolation.landlock import Ruleset
from autograder.isolation.seccomp import Filter, program

DESKS = Path("/desk")
"""Where a job's folder is in a tree of files of its own."""

DESK_BYTES, DESK_ENTRIES = 16 * 2**20, 256
FILE_BYTES = 2**20
FEW_COLLECTIONS = 20_000
"""New objects between two searches for garbage: a child is gone before it has much."""

RESULTS = 3
"""The only open file of a student's process, besides three times nothing."""


@dataclass(frozen=True)
class Settings:
    """How to confine.

    Attributes
    ----------
    full : bool
        With namespaces, or without.
    readable : list of Path
        What Python needs of the files.
    outside : list of Path
        What must be out of reach; trying to reach it tests the confinement.
    user : int
        The user to become, if this is root; 0 for none.
    desks : Path
        Where each job finds a folder of its own, `DESK`: in memory with namespaces,
        without them on disk.
    """

    full: bool
    readable: list[Path]
    outside: list[Path]
    user: int
    desks: Path

    @property
    def desk(self) -> Path:
        """A job's folder."""
        return self.desks / "job"


class Zygote:
    """Serves jobs until its control socket is closed.

    Parameters
    ----------
    control : socket
    settings : Settings

    Raises
    ------
    NotConfined
        If the tier doesn't hold here.
    """

    def __init__(self, control: socket.socket, settings: Settings) -> None:
        self.control = control
        self.settings = settings
        self.machine = platform.machine()
        self.filter = Filter(program(self.machine))
        self.nowhere = os.open(os.devnull, os.O_RDWR)
        warm_up()
        self.base_memory = _address_space()
        if settings.full:
            self._enter_namespaces()
        self.ruleset = Ruleset(settings.readable, [settings.desks])
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        kernel.prctl(kernel.PR_SET_DUMPABLE, 0)  # no other process may look into this one
        gc.collect()
        gc.freeze()
        gc.set_threshold(FEW_COLLECTIONS)

    def _enter_namespaces(self) -> None:
        namespaces.enter()
        inner = os.fork()
        if inner:
            self.control.close()
            _, status = os.waitpid(inner, 0)
            os._exit(os.waitstatus_to_exitcode(status) & 0xFF)
        kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
        namespaces.make_root(self.settings.readable, self.settings.desk, self.machine)

    def serve(self) -> NoReturn:
        """Do what is asked for, one job after the other."""
        while True:
            head, handles = self._receive()
            if head["do"] == "job":
                self._job(head, handles[0])

    def _receive(self) -> tuple[dict[str, Any], list[int]]:
        head, handles = receive(self.control)
        if head is None:
            os._exit(0)
        return head, handles

    def _job(self, job: dict[str, Any], results: int) -> None:
        files = {name: receive_exactly(self.control, size) for name, size in job["files"]}
        with self.desk():
            child = os.fork()
            if child == 0:
                self._become_the_students(job, files, results)
            os.close(results)
            status, usage = self._wait(child, job["number"])
            self._end_everything()
        used = usage.ru_utime + usage.ru_stime
        send(self.control, {"ended": job["number"], "status": status, "seconds": used})

    def desk(self) -> contextlib.AbstractContextManager[None]:
        """Return a context in which there is an empty folder for a job."""
        if not self.settings.full:
            return folders.folder_for_a_job(self.settings.desk)
        return namespaces.desk_for_a_job(self.settings.desk, DESK_BYTES, DESK_ENTRIES)

    def _wait(self, child: int, number: int) -> tuple[int, resource.struct_rusage]:
        """Wait for a child's end, which the grader may ask for, or its folder may call for."""
        handle = os.pidfd_open(child)
        poll = select.poll()
        poll.register(handle, select.POLLIN)
        poll.register(self.control, select.POLLIN)
        pause = None if self.settings.full else 1000 * folders.PAUSE
        while True:
            ready = {descriptor for descriptor, _ in poll.poll(pause)}
            if handle in ready:
                break
            if not self.settings.full and self._holds_too_much():
                signal.pidfd_send_signal(handle, signal.SIGKILL)
            if not ready:
                continue
            head, _ = receive(self.control)  # an order that came too late for another job is void
            if head is None or (head["do"] == "end" and head["number"] == number):
                signal.pidfd_send_signal(handle, signal.SIGKILL)
                if head is None:
                    self._end_everything()
                    os._exit(0)
        os.close(handle)
        _, status, usage = os.wait4(child, 0)
        return status, usage

    def _holds_too_much(self) -> bool:
        return folders.holds_too_much(self.settings.desk, DESK_BYTES, DESK_ENTRIES)

    def _end_everything(self) -> None:
        """End whatever a job has left; without namespaces it can't have started anything."""
        if not self.settings.full:
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(-1, signal.SIGKILL)  # as the first process: all others of this namespace
        with contextlib.suppress(ChildProcessError):
            while True:
                os.waitpid(-1, 0)

    def _become_the_students(
        self, job: dict[str, Any], files: dict[str, bytes], results: int
    ) -> NoReturn:
        try:
            self.confine(job["memory"], job["seconds"], results)
        except BaseException:
            os._exit(NOT_CONFINED)
        try:
            tasks = [
                observer.Task(**{**task, "inputs": decode(task["inputs"])}) for task in job["tasks"]
            ]
            _write_all(READY)  # from here on, whatever happens is the student's doing
            os.environ.clear()
            os.environ.update(job["environment"])
            desk = str(self.settings.desk)
            os.environ.update({"HOME": desk, "TMPDIR": desk, "MPLCONFIGDIR": desk})
            tempfile.tempdir = None  # it may have been asked for before
            observer.run(files, tasks, _write_all)
        finally:
            os._exit(0)

    def confine(self, memory: int, seconds: int, results: int) -> None:
        """Give up everything that a student's code doesn't need; there is no way back.

        Parameters
        ----------
        memory : int
            Bytes of address space, besides what is in use already.
        seconds : int
            Of processor time.
        results : int
            The file descriptor that becomes `RESULTS`.
        """
        kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
        os.chdir(self.settings.desk)
        for descriptor in (0, 1, 2):
            os.dup2(self.nowhere, descriptor)
        ruleset, results = os.dup2(self.ruleset.handle, 64), os.dup2(results, 63)
        os.dup2(results, RESULTS)  # whatever had that number is not needed any more
        os.closerange(RESULTS + 1, ruleset)
        os.closerange(ruleset + 1, os.sysconf("SC_OPEN_MAX"))
        self.ruleset.handle = ruleset
        self._limit(memory, seconds)
        if self.settings.full and self.settings.user:
            os.setgroups([])
            os.setresgid(*[self.settings.user] * 3)
            os.setresuid(*[self.settings.user] * 3)
        kernel.drop_capabilities()
        kernel.prctl(kernel.PR_SET_DUMPABLE, 0)
        kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)  # a change of user has cleared it
        kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
        self.ruleset.restrict_this_process()
        os.close(ruleset)
        self.filter.install()

    def _limit(self, memory: int, seconds: int) -> None:
        limits = {
            resource.RLIMIT_AS: self.base_memory + memory,
            resource.RLIMIT_CPU: seconds,
            resource.RLIMIT_FSIZE: FILE_BYTES,
            resource.RLIMIT_NOFILE: 64,
            resource.RLIMIT_STACK: 8 * 2**20,
            resource.RLIMIT_MEMLOCK: 0,
            resource.RLIMIT_MSGQUEUE: 0,
            resource.RLIMIT_CORE: 0,
        }
        for limit, value in limits.items():
            _, most = resource.getrlimit(limit)
            value = value if most == resource.RLIM_INFINITY else min(value, most)
            resource.setrlimit(limit, (value, value))

    def test(self) -> list[str]:
        """Confine a process, let it try what it must not be able to do, and return what it could.

        Raises
        ------
        NotConfined
            If the process could not be confined, or didn't answer.
        """
        answers, results = os.pipe()
        with self.desk():
            child = os.fork()
            if child == 0:
                try:
                    self.confine(2**30, 10, results)
                    could = [what for what, attempt in self._attempts() if _succeeds(attempt)]
                    _write_all(json.dumps(could).encode())
                    os._exit(0)
                except BaseException as problem:
                    _write_all(f"{type(problem).__name__}: {problem}".encode())
                    os._exit(NOT_CONFINED)
            os.close(results)
            _, status = os.waitpid(child, 0)
            self._end_everything()
        with os.fdopen(answers, "rb") as stream:
            said = stream.read(10_000).decode("utf-8", "replace")
        if status:
            raise NotConfined(f"a process can't be confined: {said or os.strerror(status)}")
        able: list[str] = json.loads(said)
        return able

    def _attempts(self) -> Iterator[tuple[str, Callable[[], object]]]:
        """Yield what must fail; harmless if it doesn't."""
        for path in self.settings.outside:
            yield f"read {path}", functools.partial(os.open, path, os.O_RDONLY)
            yield f"write {path}", functools.partial(os.open, path, os.O_WRONLY | os.O_APPEND)
            made = path.with_name(f"{path.name}.made")
            yield f"make {made}", functools.partial(_make_and_remove, made)
            yield f"change the mode of {path}", functools.partial(_keep_the_mode, path)
            if self.settings.full:
                yield f"see {path}", path.stat
        yield "open a socket", lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        yield "open a local socket", lambda: socket.socket(socket.AF_UNIX)
        yield "fork", _fork_and_end
        yield "run a program", _run_nothing
        yield "signal its parent", lambda: os.kill(os.getppid() or 1, 0)
        yield "signal everybody", lambda: os.kill(-1, 0)
        yield "enter a namespace", namespaces.enter
        if self.settings.full:
            yield "see other processes", Path("/proc/self/status").stat


def _succeeds(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except (OSError, NotConfined):
        return False
    return True


def _fork_and_end() -> None:
    if os.fork() == 0:
        os._exit(0)


def _run_nothing() -> None:
    try:
        os.execv("/", ["/"])  # a folder
    except OSError as problem:
        if problem.errno == errno.EPERM:  # not even tried
            raise


def _make_and_remove(path: Path) -> None:
    path.mkdir()
    path.rmdir()


def _keep_the_mode(path: Path) -> None:
    path.chmod(path.stat().st_mode & 0o7777)


def _address_space() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    return pages * resource.getpagesize()


def _write_all(data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(RESULTS, view) :]


def main() -> None:
    """Say whether the tier holds, then serve."""
    control = socket.socket(fileno=int(sys.argv[1]))
    facts = json.loads(sys.argv[2])
    settings = Settings(
        full=facts["full"],
        readable=[Path(path) for path in facts["readable"]],
        outside=[Path(path) for path in facts["outside"]],
        user=facts["user"],
        desks=DESKS if facts["full"] else Path(facts["desks"]),
    )
    try:
        zygote = Zygote(control, settings)
        could = zygote.test()
    except (NotConfined, OSError) as problem:
        send(control, {"refused": str(problem)})
        return
    if could:
        send(control, {"refused": f"a confined process could {', '.join(could)}"})
        return
    send(control, {"ready": True})
    with contextlib.suppress(EOFError):
        zygote.serve()


if __name__ == "__main__":
    main()
