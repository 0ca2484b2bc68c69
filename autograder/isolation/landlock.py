"""Landlock: a process gives up all files but those that are named, for good.

The source of all numbers is the kernel's documentation, userspace-api/landlock.
"""

from __future__ import annotations

import ctypes
import os
import stat
import struct
from collections.abc import Iterable
from pathlib import Path

from autograder.isolation.kernel import NotConfined, checked, syscall

# The three calls have the same numbers on every processor.
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
VERSION_FLAG, PATH_BENEATH = 1, 1

WRITE_FILE, READ_FILE, READ_DIR = 1 << 1, 1 << 2, 1 << 3
REMOVE_DIR, REMOVE_FILE = 1 << 4, 1 << 5
MAKE_DIR, MAKE_REG = 1 << 7, 1 << 8
REFER, TRUNCATE = 1 << 13, 1 << 14
READ = READ_FILE | READ_DIR
WRITE = READ | WRITE_FILE | REMOVE_DIR | REMOVE_FILE | MAKE_DIR | MAKE_REG | REFER | TRUNCATE
OF_A_FILE = READ_FILE | WRITE_FILE | TRUNCATE

RIGHTS_OF_FILES = {1: 13, 2: 14, 3: 15, 4: 15}
"""How many rights a version of Landlock knows; all later versions know 16."""
TCP = 0b11
SIGNALS_AND_ABSTRACT_SOCKETS = 0b11


def version() -> int:
    """Return the version of Landlock that the kernel offers; 0 if none."""
    return max(0, syscall(CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint(VERSION_FLAG)))


class Ruleset:
    """Which files stay within reach.

    Parameters
    ----------
    readable, writable : iterable of Path
        Files, or folders with all that is beneath them.

    Raises
    ------
    NotConfined
        If the kernel has no Landlock.
    OSError
        If a path doesn't exist.
    """

    def __init__(self, readable: Iterable[Path], writable: Iterable[Path] = ()) -> None:
        offered = version()
        if not offered:
            raise NotConfined(
                "the kernel offers no Landlock: use Linux 5.13 or later with `landlock` in its "
                "list of security modules, and a container that lets its calls through"
            )
        files = (1 << RIGHTS_OF_FILES.get(offered, 16)) - 1
        fields = [files]
        fields += [TCP] if offered >= 4 else []
        fields += [SIGNALS_AND_ABSTRACT_SOCKETS] if offered >= 6 else []
        attributes = struct.pack(f"{len(fields)}Q", *fields)
        created = syscall(
            CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), ctypes.c_uint(0)
        )
        self.handle = checked(created, "landlock_create_ruleset")
        for path in readable:
            self._allow(path, READ & files)
        for path in writable:
            self._allow(path, WRITE & files)

    def _allow(self, path: Path, rights: int) -> None:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            if not stat.S_ISDIR(os.fstat(place).st_mode):
                rights &= OF_A_FILE
            rule = struct.pack("=Qi", rights, place)
            added = syscall(
                ADD_RULE,
                ctypes.c_int(self.handle),
                ctypes.c_int(PATH_BENEATH),
                rule,
                ctypes.c_uint(0),
            )
            checked(added, f"landlock_add_rule {path}")
        finally:
            os.close(place)

    def restrict_this_process(self) -> None:
        """Give up everything else; needs `PR_SET_NO_NEW_PRIVS` before.

        Raises
        ------
        OSError
            If the kernel refuses.
        """
        restricted = syscall(RESTRICT_SELF, ctypes.c_int(self.handle), ctypes.c_uint(0))
        checked(restricted, "landlock_restrict_self")
