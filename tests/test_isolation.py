"""Confinement: what is kept, what is refused, and what `autograder doctor` says of it."""

from __future__ import annotations

import json
import platform
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from autograder.grading.engine import Grader
from autograder.grading.slots import Limits, open_slot, readable_folders, why_not
from autograder.grading.submissions import Submission
from autograder.isolation.kernel import NotConfined
from autograder.isolation.seccomp import MACHINES, OWN_PID, Instruction, allowed, program
from autograder.isolation.tiers import SAFE, Tier
from conftest import ROOT, hand_in, run, solution

linux = pytest.mark.skipif(platform.system() != "Linux", reason="confinement is Linux's")

# --- the filter, run by a machine of our own

ALLOW, KILL, EPERM = 0x7FFF0000, 0x80000000, 0x00050001
ME = 4321


def decide(steps: Sequence[Instruction], arch: int, number: int, arguments: Sequence[int]) -> int:
    """Return what the filter decides about a call; see bpf(4) and seccomp(2)."""
    words = {0: number, 4: arch}
    words |= {16 + 8 * i: value & 0xFFFFFFFF for i, value in enumerate(arguments)}
    accumulator, at = 0, 0
    while True:
        step = steps[at]
        value = ME if step.value == OWN_PID else step.value
        at += 1
        if step.code == 0x20:
            accumulator = words[value]
        elif step.code == 0x06:
            return value
        else:
            true = accumulator == value if step.code == 0x15 else accumulator >= value
            at += step.jump_if if true else step.jump_else


@pytest.fixture(params=MACHINES)
def machine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


CONDITIONAL = {"fcntl", "ioctl", "prlimit64", "kill", "tkill", "tgkill"}


def test_exactly_the_listed_calls_are_allowed(machine: str) -> None:
    steps, arch = program(machine), MACHINES[machine][1]
    free = {number for name, number in allowed(machine).items() if name not in CONDITIONAL}
    for number in range(2000):
        expected = ALLOW if number in free else EPERM
        assert decide(steps, arch, number, [9, 9, 9]) == expected, number
    for number in (0x40000000, 0x40000001, 2**32 - 1):  # among them the x32 calls
        assert decide(steps, arch, number, [0, 0, 0]) == EPERM
    assert decide(steps, arch ^ 1, 0, [0, 0, 0]) == KILL


# From the kernel's own tables.
DANGEROUS = {
    "x86_64": "socket 41 connect 42 socketpair 53 clone 56 fork 57 vfork 58 execve 59 ptrace 101 "
    "shmget 29 chmod 90 fchmod 91 chown 92 symlink 88 link 86 setuid 105 setsid 112 capset 126 "
    "mknod 133 personality 135 prctl 157 chroot 161 mount 165 umount2 166 reboot 169 "
    "init_module 175 sched_setaffinity 203 io_setup 206 utimensat 280 unshare 272 "
    "perf_event_open 298 fanotify_init 300 process_vm_readv 310 setns 308 seccomp 317 "
    "memfd_create 319 bpf 321 execveat 322 userfaultfd 323 io_uring_setup 425 pidfd_open 434 "
    "clone3 435 pidfd_getfd 438 landlock_create_ruleset 444 keyctl 250 setxattr 188 sendmsg 46",
    "aarch64": "socket 198 connect 203 socketpair 199 clone 220 execve 221 ptrace 117 shmget 194 "
    "fchmod 52 fchmodat 53 fchownat 54 symlinkat 36 linkat 37 setuid 146 setsid 157 capset 91 "
    "mknodat 33 personality 92 prctl 167 chroot 51 mount 40 umount2 39 reboot 142 "
    "init_module 105 sched_setaffinity 122 io_setup 0 utimensat 88 unshare 97 "
    "perf_event_open 241 fanotify_init 262 process_vm_readv 270 setns 268 seccomp 277 "
    "memfd_create 279 bpf 280 execveat 281 userfaultfd 282 io_uring_setup 425 pidfd_open 434 "
    "clone3 435 pidfd_getfd 438 landlock_create_ruleset 444 keyctl 219 setxattr 5 sendmsg 211",
}


def test_no_dangerous_call_is_listed(machine: str) -> None:
    steps, arch = program(machine), MACHINES[machine][1]
    for name, number in re.findall(r"(\w+) (\d+)", DANGEROUS[machine]):
        assert decide(steps, arch, int(number), [0, 0, 0]) == EPERM, name


def test_some_calls_are_allowed_with_some_arguments_only(machine: str) -> None:
    steps, (_, arch), calls = program(machine), MACHINES[machine], allowed(machine)

    def may(name: str, *arguments: int) -> bool:
        return decide(steps, arch, calls[name], [*arguments, 9, 9, 9]) == ALLOW

    for name in ("kill", "tkill", "tgkill"):
        assert may(name, ME)
        assert not any(may(name, pid) for pid in (0, 1, ME + 1, 2**32 - 1))
    assert may("prlimit64", 0)
    assert not may("prlimit64", 1)
    set_flags, set_owner, set_signal, set_owner_ex = 4, 8, 10, 15
    assert may("fcntl", 3, set_flags)
    assert not any(may("fcntl", 3, what) for what in (set_owner, set_signal, set_owner_ex))
    is_a_terminal, type_into_terminal, set_socket_owner = 0x5401, 0x5412, 0x8901
    assert may("ioctl", 1, is_a_terminal)
    assert not any(may("ioctl", 1, what) for what in (type_into_terminal, set_socket_owner))


def test_an_unknown_processor_is_refused() -> None:
    with pytest.raises(NotConfined, match=r"no table .* riscv64: use a machine with x86_64 or"):
        program("riscv64")


# --- what a tier promises is tried

tiers = pytest.mark.parametrize("tier", [tier for tier in SAFE if not why_not(tier)])


@tiers
def test_a_process_that_cannot_be_confined_stops_the_run(tier: Tier) -> None:
    limits = Limits(memory="no number")  # type: ignore[arg-type]
    submission = Submission("ada", "ada", {"losses": solution("losses").encode()})
    with (
        Grader(ROOT / "solutions", b"x" * 32, ["losses"], limits, tier) as grader,
        pytest.raises(NotConfined, match="could not be confined"),
    ):
        grader.grade(submission)


@tiers
def test_what_must_be_out_of_reach_must_not_be_beside_python(tier: Tier) -> None:
    inside = readable_folders()[0] / "solutions"
    with pytest.raises(NotConfined, match="which students' code can read: move it"):
        open_slot(tier, [inside])


BROKEN = """
import json, socket, tempfile
from pathlib import Path
from autograder.grading import zygote
from autograder.grading.slots import readable_folders
desks = zygote.DESKS if {full} else Path(tempfile.mkdtemp())
settings = zygote.Settings({full}, readable_folders(), [Path({outside!r})], 0, desks)
here, _ = socket.socketpair()
broken = zygote.Zygote(here, settings)
{breaking}
print(json.dumps(broken.test()))
"""


FORGETTING = {
    "nothing": ("", set()),
    "Landlock": ("broken.ruleset.restrict_this_process = lambda: None", {"read", "write"}),
    "seccomp": ("broken.filter.install = lambda: None", {"fork", "run a program"}),
}


@tiers
@pytest.mark.parametrize("forgotten", FORGETTING)
def test_the_self_test_sees_what_is_forgotten(tier: Tier, forgotten: str, tmp_path: Path) -> None:
    breaking, seen = FORGETTING[forgotten]
    if tier is Tier.FULL and forgotten == "Landlock":
        seen = set()  # namespaces stand behind it: there is no file to read
    secret = tmp_path / "secret"
    secret.write_text("out of reach")
    code = BROKEN.format(full=tier is Tier.FULL, outside=str(secret), breaking=breaking)
    done = run(sys.executable, "-c", code)
    assert done.returncode == 0, done.stderr
    could = json.loads(done.stdout)
    assert {what for what in seen if any(one.startswith(what) for one in could)} == seen
    assert bool(could) == bool(seen)
    assert secret.read_text() == "out of reach"


# --- the doctor, where things are missing

PREPARE = """
import ctypes, os, platform, sys
from autograder.isolation import kernel
from autograder.isolation.seccomp import Filter, Instruction
{steps}
os.execv(sys.executable, [sys.executable, "-m", "autograder", *sys.argv[1:]])
"""
ORDINARY_USER = """
user = os.getuid()
if user == 0:
    kernel.checked(kernel.libc().unshare(0x10000000), "unshare")
    open("/proc/self/setgroups", "w").write("deny")
    open("/proc/self/uid_map", "w").write("1000 0 1")
    open("/proc/self/gid_map", "w").write("1000 0 1")
"""
WITHOUT = """
steps = [Instruction(0x20, 0, 0, 0)]
for number in {numbers}:
    steps += [Instruction(0x15, 0, 1, number), Instruction(0x06, 0, 0, 0x00050000 | {error})]
kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
Filter([*steps, Instruction(0x06, 0, 0, 0x7FFF0000)]).install()
"""
UNSHARE = {"x86_64": 272, "aarch64": 97}.get(platform.machine(), 0)
WITHOUT_NAMESPACES = WITHOUT.format(numbers=[UNSHARE], error=1)
WITHOUT_LANDLOCK = WITHOUT.format(numbers=[444, 445, 446], error=38)


def autograder_where(steps: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a command in a process that was deprived of something."""
    code = PREPARE.format(steps=textwrap.dedent(steps))
    return run(sys.executable, "-c", code, *map(str, arguments))


needs_full = pytest.mark.skipif(bool(why_not(Tier.FULL)), reason="no full isolation here")
needs_base = pytest.mark.skipif(bool(why_not(Tier.BASE)), reason="no Landlock or seccomp here")


@linux
def test_the_doctor_says_which_tier_holds_here() -> None:
    done = run(sys.executable, "-m", "autograder", "doctor")
    for tier in Tier:
        mark = "✗" if why_not(tier) else "✓"
        assert re.search(rf"^{mark} {tier} ", done.stdout, re.MULTILINE)


@needs_full
def test_the_doctor_and_an_ordinary_user() -> None:
    done = autograder_where(ORDINARY_USER, "doctor")
    assert done.returncode == 0, done.stderr
    assert "✓ full" in done.stdout
    assert "✓ base" in done.stdout


@needs_base
@pytest.mark.parametrize("user", ["", ORDINARY_USER], ids=["root", "ordinary"])
def test_the_doctor_without_namespaces(user: str) -> None:
    done = autograder_where(user + WITHOUT_NAMESPACES, "doctor")
    assert done.returncode == 0, done.stderr
    assert "✗ full" in done.stdout
    assert "no namespaces: unshare: Operation not permitted" in done.stdout
    assert "✓ base" in done.stdout
    assert "Grading uses base" in done.stdout


@needs_base
@pytest.mark.parametrize("user", ["", ORDINARY_USER], ids=["root", "ordinary"])
def test_the_doctor_without_landlock(user: str) -> None:
    done = autograder_where(user + WITHOUT_LANDLOCK, "doctor")
    assert done.returncode == 1, done.stderr
    assert "✗ full" in done.stdout
    assert "✗ base" in done.stdout
    assert "the kernel offers no Landlock: use Linux 5.13 or later" in done.stdout
    assert "can't be graded here" in done.stdout


@needs_base
@pytest.mark.skipif(platform.machine() != "x86_64", reason="needs a processor with two names")
def test_the_doctor_on_an_unknown_processor() -> None:
    code = (
        "import ctypes, os, sys; ctypes.CDLL(None).personality(8)\n"
        "os.execvp(sys.argv[1], sys.argv[1:])"
    )
    done = run(sys.executable, "-c", code, sys.executable, "-m", "autograder", "doctor")
    assert done.returncode == 1, done.stderr
    assert done.stdout.count("no table of system calls for the processor i686") == 2


@needs_base
def test_without_a_sandbox_nobody_is_graded_unless_asked_for(
    submissions: Path, tmp_path: Path
) -> None:
    hand_in(submissions, "ada", losses=solution("losses"))
    grade: list[str | Path] = ["grade", submissions, "--out", tmp_path / "out"]
    grade += ["--secret", tmp_path / "secret", "--exercise", "losses"]
    refused = autograder_where(WITHOUT_LANDLOCK, *grade)
    assert refused.returncode == 2
    assert "students' code can't be confined here (full: " in refused.stderr
    assert "no Landlock" in refused.stderr
    assert not (tmp_path / "out").exists()
    done = autograder_where(WITHOUT_LANDLOCK, *grade, "--unsafe")
    assert done.returncode == 0, done.stderr
    assert '"isolation": "portable"' in (tmp_path / "out" / "results.json").read_text()
    base = autograder_where(WITHOUT_NAMESPACES, *grade)
    assert base.returncode == 0, base.stderr
    assert '"isolation": "base"' in (tmp_path / "out" / "results.json").read_text()
    assert "Graded 1," in base.stdout  # what was graded without a sandbox is not believed
    full = autograder_where(WITHOUT_NAMESPACES, *grade, "--isolation", "full")
    assert full.returncode == 2


@needs_full
def test_an_ordinary_user_grades_a_class(submissions: Path, tmp_path: Path) -> None:
    hand_in(submissions, "ada", losses=solution("losses"))
    grade = ("grade", submissions, "--out", tmp_path / "out", "--secret", tmp_path / "secret")
    done = autograder_where(ORDINARY_USER, *grade, "--exercise", "losses")
    assert done.returncode == 0, done.stderr
    assert "Isolation: full" in done.stdout
    assert ",100,100," in (tmp_path / "out" / "grades.csv").read_text(encoding="utf-8-sig")


# --- what honest code may need

HONEST = {
    "a plot": "import matplotlib.pyplot as plt\nplt.plot([1, 2])\n",
    "the standard library": "import asyncio, inspect, random, subprocess, threading, uuid\n"
    "random.random(); uuid.uuid4()\n",
    "its own text": "import inspect\ndef f(): pass\nassert 'def f' in inspect.getsource(f)\n",
}


@pytest.fixture(scope="module", params=[tier for tier in SAFE if not why_not(tier)])
def grader(request: pytest.FixtureRequest) -> Iterator[Grader]:
    with Grader(ROOT / "solutions", b"x" * 32, ["losses"], tier=request.param) as grader:
        yield grader


@pytest.mark.parametrize("what", HONEST)
def test_honest_code_gets_what_it_needs(grader: Grader, what: str) -> None:
    module = (HONEST[what] + solution("losses")).encode()
    assert grader.grade(Submission("ada", "ada", {"losses": module})).total == 100


def test_nobody_can_say_that_they_were_not_confined(grader: Grader) -> None:
    """It would stop the run for everybody."""
    for leave in ("os._exit(97)", "os.close(3)\nos._exit(97)"):
        done = grader.grade(Submission("eve", "eve", {"losses": f"import os\n{leave}".encode()}))
        assert (done.total, done.problems) == (0, [])
    module = solution("losses").encode()
    assert grader.grade(Submission("ada", "ada", {"losses": module})).total == 100


def test_files_can_be_written_for_a_while(grader: Grader) -> None:
    write = "import os, tempfile\nassert not os.listdir()\nopen('x', 'w').write('1')\n"
    write += "with tempfile.TemporaryDirectory() as folder: open(folder + '/y', 'w').write('2')\n"
    write += "os.mkdir('z', 0o300)\nopen('z/w', 'w').close()\n"
    module = (write + solution("losses")).encode()
    for _ in range(2):  # the second finds nothing of the first
        assert grader.grade(Submission("ada", "ada", {"losses": module})).total == 100


HOARDS = {
    "large files": "for n in range(10**6): open(str(n), 'wb').write(bytes(2**20 - 1))",
    "many files": "for n in range(10**6): open(str(n), 'w').close()",
    "folders in folders": "import os\nfor n in range(300):\n    os.mkdir('x'); os.chdir('x')",
}


@needs_base
@pytest.mark.parametrize("what", HOARDS)
def test_who_writes_more_than_fits_is_ended(what: str) -> None:
    hoard = f"try:\n    exec({HOARDS[what]!r})\nfinally:\n    while True: pass\n"
    module = "import os\nassert not os.listdir()\n" + solution("losses")
    limits = Limits(patience=10)  # whoever isn't ended for the folder's sake uses it up
    with Grader(ROOT / "solutions", b"x" * 32, ["losses"], limits, Tier.BASE) as grader:
        done = grader.grade(Submission("eve", "eve", {"losses": hoard.encode()}))
        assert (done.total, done.problems) == (0, [])
        assert "too slow" not in {one.verdict.outcome for one in done.judged.values()}
        assert grader.grade(Submission("ada", "ada", {"losses": module.encode()})).total == 100
