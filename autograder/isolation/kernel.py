"""The kernel's calls that Python doesn't offer, through the C library."""

from __future__ import annotations

import ctypes
import functools
import os
import platform
import struct
from typing import Any

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 1, 4, 22, 38


class NotConfined(RuntimeError):
    """A means of confinement that doesn't work here; the message says which and what to do."""


@functools.cache
def libc() -> Any:
    """Return the C library of this process.

    Raises
    ------
    NotConfined
        If this isn't Linux.
    """
    if platform.system() != "Linux":
        raise NotConfined(f"{platform.system()} has no Landlock and no seccomp: use Linux")
    return ctypes.CDLL(None, use_errno=True)


def checked(result: int, what: str) -> int:
    """Return the result of a call.

    Raises
    ------
    OSError
        If it is negative, with what the kernel says and what was being done.
    """
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def syscall(number: int, *arguments: Any) -> int:
    """Call the kernel by number; returns -1 on failure."""
    return int(libc().syscall(ctypes.c_long(number), *arguments))


def prctl(option: int, *arguments: int) -> None:
    """Change a property of this process, see prctl(2).

    Raises
    ------
    OSError
        If the kernel refuses.
    """
    four = [*arguments, 0, 0, 0, 0][:4]
    checked(libc().prctl(ctypes.c_int(option), *map(ctypes.c_ulong, four)), f"prctl {option}")


def drop_capabilities() -> None:
    """Give up every privilege that root has over other users, see capset(2)."""
    version_3 = struct.pack("Ii", 0x20080522, 0)
    checked(libc().capset(version_3, bytes(24)), "capset")
