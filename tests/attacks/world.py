"""What an attack could want, and how to see from outside whether it got it."""

from __future__ import annotations

import contextlib
import ctypes
import functools
import hashlib
import os
import resource
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np

import autograder
from autograder.grading.engine import Graded

ROOT = Path(__file__).parent.parent.parent
SECRET = f"treasure-{hashlib.sha256(b'for the tests only').hexdigest()[:32]}"
"""It stands in files, memory and environments, and must not appear in any verdict."""

WON = "I GOT THROUGH"
SHARED_MEMORY = Path("/dev/shm")
_ENOUGH_SECONDS = 10.0
_BECOME_SUBREAPER = 36
_LIBC = ctypes.CDLL(None, use_errno=True)

VICTIM = """
import ctypes, sys
secret = sys.stdin.readline().strip().encode()
box, file = ctypes.create_string_buffer(secret, 64), open(sys.argv[1])
print(ctypes.addressof(box), file.fileno(), flush=True)
for _ in sys.stdin:
    print(box.value.decode(), flush=True)
"""


class Victim:
    """A process of somebody else: another submission's, or the instructor's own."""

    def __init__(self, secret_file: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", VICTIM, secret_file, SECRET],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={"COURSE_TOKEN": SECRET},
            text=True,
        )
        self.address, self.file = map(int, self._ask(SECRET).split())
        self.before = self._facts()

    def _ask(self, line: str) -> str:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def _facts(self) -> dict[str, Any]:
        pid = self.process.pid
        stopped = _state(pid) in "tT"
        return {
            "stopped": stopped,
            "priority": os.getpriority(os.PRIO_PROCESS, pid),
            "limits": resource.prlimit(pid, resource.RLIMIT_NOFILE),
            "score": Path(f"/proc/{pid}/oom_score_adj").read_text(),
            "memory": None if stopped else self._ask("?"),
        }

    def harm(self) -> Iterator[str]:
        """Yield what has happened to it."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(0.05)
        try:
            facts = self._facts() if self.process.poll() is None else {"memory": ""}
        except (OSError, subprocess.SubprocessError):
            facts = {"memory": ""}
        if not facts["memory"] and not facts.get("stopped"):
            yield "a process was ended"
        else:
            yield from (f"a process's {k} changed" for k in facts if facts[k] != self.before[k])

    def close(self) -> None:
        """End it."""
        self.process.kill()
        self.process.communicate()


class World:
    """Everything around one attack.

    Parameters
    ----------
    number : int
        Makes names unique within a run.
    """

    def __init__(self, number: int) -> None:
        self.marker = f"dh-{os.getpid()}-{number}"
        self.key = 0x5EED0000 + os.getpid() % 0x1000 * 16 + number % 16
        # Not pytest's own folder: other users must be able to come here, or it would be
        # that folder's mode that keeps them out, and not the sandbox.
        self.room = Path(tempfile.mkdtemp(prefix="downhill-attack-"))
        self.secret_file = self.room / "secret.txt"
        self.box = ctypes.create_string_buffer(SECRET.encode(), 64)
        self._open: list[socket.socket] = []
        self._signals: list[int] = []
        self._furnish()
        self.tcp, self.udp = self._listen()
        self._handler = signal.signal(signal.SIGUSR1, self._note)
        self._before = self._snapshot()
        self.processes = len(descendants())

    def _furnish(self) -> None:
        ada, results = self.room / "submissions" / "ada", self.room / "results"
        for folder in (ada, results):
            folder.mkdir(parents=True)
        self.secret_file.write_text(f"{SECRET}\n" * 9)
        (self.room / f"{SECRET}.txt").touch()
        (ada / "losses.py").write_text(f"# Ada's own work: {SECRET}\n")
        (results / "grades.csv").write_text("student,points\nada,100\n")
        with contextlib.closing(sqlite3.connect(self.room / "gradebook.db")) as book:
            book.execute("pragma synchronous = off")
            book.execute("create table grade (student, points)")
            book.execute("insert into grade values (?, 0)", [SECRET])
            book.commit()
        for path in (self.room, *self.room.rglob("*")):
            path.chmod(0o777 if path.is_dir() else 0o666)
        if SHARED_MEMORY.is_dir():
            (SHARED_MEMORY / self.marker).write_text(SECRET)

    def _listen(self) -> tuple[int, int]:
        tcp = socket.create_server(("127.0.0.1", 0))
        udp = socket.socket(type=socket.SOCK_DGRAM)
        udp.bind(("127.0.0.1", 0))
        local, nameless = (socket.socket(socket.AF_UNIX) for _ in range(2))
        local.bind(str(self.room / "socket"))
        (self.room / "socket").chmod(0o666)
        nameless.bind(f"\0{self.marker}")
        self._open = [tcp, udp, local, nameless]
        for one in self._open:
            one.setblocking(False)
            if one is not udp:
                one.listen()
        return tcp.getsockname()[1], udp.getsockname()[1]

    def _note(self, number: int, _: FrameType | None) -> None:
        self._signals.append(number)

    @functools.cached_property
    def victim(self) -> Victim:
        """A process that an attack can aim at, started when it is first asked for."""
        started = Victim(self.secret_file)
        self.processes += 1
        return started

    def fill(self, module: str | bytes) -> bytes:
        """Return the text of a module with its targets in place."""
        text = module if isinstance(module, bytes) else module.encode("utf-8", "surrogatepass")
        for name, value in self._targets(text):
            text = text.replace(f"@{name}@".encode(), str(value).encode())
        return text

    def _targets(self, text: bytes) -> Iterator[tuple[str, object]]:
        half = len(WON) // 2
        # In two parts, so that a traceback that shows the line is no success.
        yield "WON", f"print({WON[:half]!r} {WON[half:]!r})"
        yield "ROOM", self.room
        yield "SECRET_FILE", self.secret_file
        yield "SOLUTIONS", ROOT / "solutions"
        yield "TEMP", tempfile.gettempdir()
        yield "MARKER", self.marker
        yield "KEY", self.key
        yield "TCP", self.tcp
        yield "UDP", self.udp
        yield "GRADER_ADDRESS", ctypes.addressof(self.box)
        if b"@FROZEN@" in text:
            frozen = ROOT / "exercises" / "observations" / "losses.json"
            yield "FROZEN", repr(frozen.read_text(encoding="utf-8"))
        if b"@VICTIM" in text:
            yield "VICTIM", self.victim.process.pid
            yield "VICTIM_ADDRESS", self.victim.address
            yield "VICTIM_FILE", self.victim.file

    def leaks(self, *graded: Graded, settle: bool = True) -> list[str]:
        """Return everything that shows that an attack got through; nothing if it was contained.

        Parameters
        ----------
        *graded : Graded
            What was graded while it could act.
        settle : bool
            Wait for processes that are about to end, if there are any.
        """
        return [
            *self._told(" ".join(map(text_of, graded))),
            *(f"it earned {one.total} points" for one in graded if one.total),
            *self._changed(),
            *(f"{path} is there" for path in self._strays()),
            *self._visited(),
            *(f"signal {number} arrived" for number in self._signals),
            *self._running(settle),
            *(self.victim.harm() if "victim" in vars(self) else ()),
        ]

    def _told(self, text: str) -> Iterator[str]:
        if WON in text:
            yield "it says that it got through"
        for words in (SECRET, *_known_lines()):
            if words in text:
                yield f"it read {words!r}"

    def _snapshot(self) -> dict[str, Any]:
        facts = {}
        for path in (self.room, *self.room.rglob("*")):
            status = path.lstat()
            content = b""
            if path.is_file() and not path.is_symlink() and status.st_size < 2**17:
                content = hashlib.sha256(path.read_bytes()).digest()
            names = () if path.is_symlink() else os.listxattr(path)
            kept = (status.st_mode, status.st_size, status.st_mtime_ns, status.st_nlink)
            facts[str(path)] = (*kept, status.st_uid, status.st_gid, tuple(names), content)
        return facts

    def _changed(self) -> Iterator[str]:
        now = self._snapshot()
        for path in sorted({*self._before, *now}):
            if self._before.get(path) != now.get(path):
                yield f"{path} has changed"

    def _strays(self) -> Iterator[Path]:
        package = Path(autograder.__file__).parent
        folders = (Path(tempfile.gettempdir()), SHARED_MEMORY, Path(np.__file__).parent.parent)
        for folder in (*folders, package, package.parent, Path.cwd()):
            for path in folder.glob(f"*{self.marker}*"):
                if path != SHARED_MEMORY / self.marker:
                    yield path
        if _LIBC.shmget(self.key, 0, 0) >= 0:
            yield Path("shared memory")

    def _visited(self) -> Iterator[str]:
        for one, kind in zip(self._open, ("tcp", "udp", "local", "nameless"), strict=True):
            with contextlib.suppress(BlockingIOError):
                if kind == "udp":
                    one.recv(99)
                else:
                    one.accept()[0].close()
                yield f"the {kind} socket was reached"

    def _running(self, settle: bool) -> Iterator[str]:
        deadline = time.monotonic() + (_ENOUGH_SECONDS if settle else 0)
        while True:
            more = len(descendants()) - self.processes
            named = survivors(self.marker)
            if not (more > 0 or named) or time.monotonic() > deadline:
                break
            time.sleep(0.01)
        if more > 0 or named:
            yield f"{more} more processes than before, {len(named)} of them named"

    def close(self) -> None:
        """Clean up, whatever the attack has done."""
        if "victim" in vars(self):
            self.victim.close()
        for path in self._strays():
            if path.is_file():
                path.unlink()
        (SHARED_MEMORY / self.marker).unlink(missing_ok=True)
        shared = _LIBC.shmget(self.key, 0, 0)
        if shared >= 0:
            _LIBC.shmctl(shared, 0, None)
        for one in self._open:
            one.close()
        signal.signal(signal.SIGUSR1, self._handler)
        shutil.rmtree(self.room)


@functools.cache
def _known_lines() -> tuple[str, ...]:
    """Return lines by which files are known that a submission must not read."""
    solution = (ROOT / "solutions" / "losses.py").read_text(encoding="utf-8").splitlines()
    mistakes = (ROOT / "solutions" / "mistakes" / "losses.toml").read_text(encoding="utf-8")
    users = Path("/etc/passwd").read_text(encoding="utf-8", errors="replace")
    longest = max(mistakes[:1000].splitlines(), key=len)
    return solution[-3].strip(), longest, users.splitlines()[0]


def text_of(graded: Graded) -> str:
    """Return everything that is said about a submission."""
    parts = [*graded.submission.problems, *graded.problems]
    for judged in graded.judged.values():
        verdict = judged.verdict
        parts += [verdict.headline, verdict.printed, *(text for _, text in verdict.lines)]
    return " ".join(parts)


def adopt_orphans(adopt: bool = True) -> None:
    """Become the parent of processes that lose theirs, so that none is overlooked."""
    _LIBC.prctl(_BECOME_SUBREAPER, int(adopt), 0, 0, 0)


def descendants() -> list[int]:
    """Return the living processes that come from this one."""
    children: dict[int, list[int]] = {}
    for pid, _, state, parent in _processes():
        if state != "Z":
            children.setdefault(parent, []).append(pid)
    found = [os.getpid()]
    for pid in found:
        found += children.get(pid, ())
    return found[1:]


def survivors(marker: str) -> list[int]:
    """Return the living processes that carry a marker in their name or command line."""
    found = []
    for pid, name, state, _ in _processes():
        if state == "Z":
            continue
        with contextlib.suppress(OSError):
            if marker in name or marker.encode() in Path(f"/proc/{pid}/cmdline").read_bytes():
                found.append(pid)
    return found


def end(processes: list[int]) -> None:
    """End processes that an attack has left, and bury them."""
    for pid in processes:
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGKILL)
    for pid in processes:
        with contextlib.suppress(OSError):
            os.waitpid(pid, 0)


def _processes() -> Iterator[tuple[int, str, str, int]]:
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with contextlib.suppress(OSError):
                head, _, tail = (folder / "stat").read_text().rpartition(")")
                state, parent = tail.split()[:2]
                yield int(folder.name), head.partition("(")[2], state, int(parent)


def _state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
