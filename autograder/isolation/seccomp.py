"""seccomp: a process keeps the system calls that are listed, and no other.

The filter is a program of the kernel's small virtual machine (classic BPF), built here
from a table. A call that is not listed, or doesn't exist yet, fails with EPERM.
Sources: seccomp(2), and the kernel's own tables of numbers.
"""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from autograder.isolation.kernel import PR_SET_SECCOMP, NotConfined, checked, libc

# Of every call its number on x86-64 and on 64-bit ARM; "-" where it has none.
_TABLE = """
# files that are open
read:0:63  write:1:64  readv:19:65  writev:20:66  pread64:17:67  pwrite64:18:68  lseek:8:62
close:3:57  close_range:436:436  dup:32:23  dup2:33:-  dup3:292:24  flock:73:32  fsync:74:82
fdatasync:75:83  ftruncate:77:46  fadvise64:221:223  pipe:22:-  pipe2:293:59  poll:7:-
ppoll:271:73  select:23:-  pselect6:270:72
# files by name (Landlock decides which)
open:2:-  openat:257:56  truncate:76:45  stat:4:-  lstat:6:-  fstat:5:80  newfstatat:262:79
statx:332:291  statfs:137:43  fstatfs:138:44  access:21:-  faccessat:269:48  faccessat2:439:439
readlink:89:-  readlinkat:267:78  getdents:78:-  getdents64:217:61  getcwd:79:17  chdir:80:49
fchdir:81:50  mkdir:83:-  mkdirat:258:34  rename:82:-  renameat:264:38  renameat2:316:276
unlink:87:-  unlinkat:263:35  rmdir:84:-  umask:95:166
# memory
brk:12:214  mmap:9:222  munmap:11:215  mprotect:10:226  mremap:25:216  madvise:28:233
msync:26:227
# signals of its own
rt_sigaction:13:134  rt_sigprocmask:14:135  rt_sigreturn:15:139  rt_sigpending:127:136
sigaltstack:131:132  pause:34:-  alarm:37:-  setitimer:38:103  getitimer:36:102
restart_syscall:219:128
# itself
getpid:39:172  gettid:186:178  getppid:110:173  getuid:102:174  geteuid:107:175  getgid:104:176
getegid:108:177  getresuid:118:148  getresgid:120:150  getgroups:115:158  getpgrp:111:-
getpgid:121:155  getsid:124:156  times:100:153  getrusage:98:165  sysinfo:99:179  uname:63:160
getcpu:309:168  getrlimit:97:163  setrlimit:160:164  getrandom:318:278  wait4:61:260
waitid:247:95  exit:60:93  exit_group:231:94
# time and locks
clock_gettime:228:113  clock_getres:229:114  gettimeofday:96:169  time:201:-
clock_nanosleep:230:115  nanosleep:35:101  sched_yield:24:124  sched_getaffinity:204:123
futex:202:98  set_robust_list:273:99  rseq:334:293
# only with certain arguments, see _CONDITIONS
fcntl:72:25  ioctl:16:29  prlimit64:302:261  kill:62:129  tkill:200:130  tgkill:234:131"""

MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
"""By the processor's name: the column of the table, and the kernel's AUDIT_ARCH."""

OWN_PID = -1
"""Stands in a program for the number of the process that installs it."""

# What fcntl and ioctl could do besides: send signals to other processes (F_SETOWN, F_SETSIG),
# and type into a terminal.
_FCNTL = (0, 1, 2, 3, 4, 5, 6, 7, 36, 37, 38, 1030, 1032)  # duplicate, flags, locks, pipe size
_IOCTL = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)  # is it a terminal, blocking, on exec
_CONDITIONS = {
    "fcntl": (1, _FCNTL),
    "ioctl": (1, _IOCTL),
    "prlimit64": (0, (0, OWN_PID)),
    "kill": (0, (OWN_PID,)),
    "tkill": (0, (OWN_PID,)),
    "tgkill": (0, (OWN_PID,)),
}
"""By call: which argument must be one of which numbers."""

_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _KILL, _REFUSE = 0x7FFF0000, 0x80000000, 0x00050000 | 1  # EPERM
_NUMBER, _MACHINE, _FIRST_ARGUMENT = 0, 4, 16  # offsets in struct seccomp_data
_FILTER_MODE = 2


class Instruction(NamedTuple):
    """One step: `jump_if` and `jump_else` count the steps that are left out."""

    code: int
    jump_if: int
    jump_else: int
    value: int


def allowed(machine: str) -> dict[str, int]:
    """Return the numbers of the calls that are listed, by name.

    Raises
    ------
    NotConfined
        If the table has no column for this processor.
    """
    if machine not in MACHINES:
        raise NotConfined(
            f"no table of system calls for the processor {machine}: "
            f"use a machine with {' or '.join(MACHINES)}"
        )
    column = MACHINES[machine][0]
    listed = {}
    for line in _TABLE.splitlines():
        for entry in line.partition("#")[0].split():
            name, *numbers = entry.split(":")
            if numbers[column] != "-":
                listed[name] = int(numbers[column])
    return listed


def program(machine: str) -> list[Instruction]:
    """Return the filter for a processor.

    A search tree over the numbers: the kernel walks few steps for each call, and
    looks at every number once when the filter is installed.

    Raises
    ------
    NotConfined
        If the processor isn't known.
    """
    calls = allowed(machine)
    steps: dict[int, list[Instruction]] = {}  # from this number on, what is done
    refuse, allow = [_return(_REFUSE)], [_return(_ALLOW)]
    for name, number in calls.items():
        condition = _CONDITIONS.get(name)
        steps[number] = _one_of(*condition) if condition else allow
        if number + 1 not in calls.values():
            steps[number + 1] = refuse
    ordered = sorted(steps.items())
    merged = [(0, refuse)]
    for number, what in ordered:
        if what != merged[-1][1]:
            merged.append((number, what))
    return [
        Instruction(_LOAD, 0, 0, _MACHINE),
        Instruction(_EQUAL, 1, 0, MACHINES[machine][1]),
        _return(_KILL),
        Instruction(_LOAD, 0, 0, _NUMBER),
        *_search(merged),
    ]


def _return(value: int) -> Instruction:
    return Instruction(_RETURN, 0, 0, value)


def _one_of(argument: int, values: Iterable[int]) -> list[Instruction]:
    """Return the steps that allow a call if an argument is one of the values."""
    steps = [Instruction(_LOAD, 0, 0, _FIRST_ARGUMENT + 8 * argument)]
    values = list(values)
    for left, value in zip(range(len(values), 0, -1), values, strict=True):
        steps.append(Instruction(_EQUAL, left, 0, value))
    return [*steps, _return(_REFUSE), _return(_ALLOW)]


def _search(ranges: list[tuple[int, list[Instruction]]]) -> list[Instruction]:
    """Return the steps that find the last range that begins at or below the number."""
    if len(ranges) == 1:
        return ranges[0][1]
    middle = len(ranges) // 2
    below, above = _search(ranges[:middle]), _search(ranges[middle:])
    if len(below) > 255:  # a jump's reach; never so with this table
        raise NotConfined("the filter is too long for its jumps")
    return [Instruction(_AT_LEAST, len(below), 0, ranges[middle][0]), *below, *above]


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


class Filter:
    """A filter that is ready to be installed.

    Parameters
    ----------
    steps : sequence of Instruction
        See `program`.
    """

    def __init__(self, steps: Sequence[Instruction]) -> None:
        self._code = b"".join(
            struct.pack("HBBI", step.code, step.jump_if, step.jump_else, max(step.value, 0))
            for step in steps
        )
        self._own_pid = [8 * at + 4 for at, step in enumerate(steps) if step.value == OWN_PID]

    def install(self) -> None:
        """Put this process under the filter, for good; needs `PR_SET_NO_NEW_PRIVS` before.

        Raises
        ------
        OSError
            If the kernel refuses.
        """
        code = bytearray(self._code)
        for offset in self._own_pid:
            struct.pack_into("I", code, offset, os.getpid())
        buffer = (ctypes.c_char * len(code)).from_buffer(code)
        filter_ = _Program(len(code) // 8, ctypes.addressof(buffer))
        installed = libc().prctl(
            ctypes.c_int(PR_SET_SECCOMP), ctypes.c_ulong(_FILTER_MODE), ctypes.byref(filter_), 0, 0
        )
        checked(installed, "seccomp")
