"""Namespaces: a process sees no other processes, no network, and few files.

Entered once by a process that then forks; see namespaces(7), mount_setattr(2).
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import stat
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path

from autograder.isolation.kernel import NotConfined, checked, libc, syscall

_NEWNS, _NEWUTS, _NEWIPC, _NEWUSER = 0x20000, 0x4000000, 0x8000000, 0x10000000
_NEWPID, _NEWNET = 0x20000000, 0x40000000
_NOSUID, _NODEV, _NOEXEC, _BIND, _RECURSIVE, _PRIVATE = 2, 4, 8, 4096, 16384, 1 << 18
_DETACH = 2
_MOUNT_SETATTR, _AT_RECURSIVE, _AT_FDCWD = 442, 0x8000, -100
_ATTR_RDONLY, _ATTR_NOSUID, _ATTR_NODEV = 1, 2, 4
_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}


def enter() -> None:
    """Move this process to namespaces of its own; its next child is the first in there.

    An ordinary user gets a user namespace around the others.

    Raises
    ------
    NotConfined
        If the kernel, or a rule of the system's, doesn't permit it.
    """
    user, group = os.geteuid(), os.getegid()
    flags = _NEWNS | _NEWUTS | _NEWIPC | _NEWPID | _NEWNET
    try:
        if user:
            checked(libc().unshare(ctypes.c_int(flags | _NEWUSER)), "unshare")
            Path("/proc/self/setgroups").write_text("deny")
            Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
            Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
        else:
            checked(libc().unshare(ctypes.c_int(flags)), "unshare")
    except OSError as problem:
        raise NotConfined(f"no namespaces: {problem.strerror}") from None


def make_root(readable: Sequence[Path], desk: Path, machine: str) -> None:
    """Replace the tree of files: what is readable at its old place, and a place for a desk.

    Parameters
    ----------
    readable : sequence of Path
        Folders, files and links to take over, read-only; none beneath another.
    desk : Path
        Where `desk_for_a_job` puts a folder for each job.
    machine : str
        The processor.

    Raises
    ------
    NotConfined
        If the system doesn't permit a step of it.
    """
    try:
        _make_root(readable, desk, machine)
    except OSError as problem:
        raise NotConfined(f"no root of its own: {problem}") from None


def _make_root(readable: Sequence[Path], desk: Path, machine: str) -> None:
    root = Path("/tmp")  # covered by the new root, in this namespace only
    _mount("none", Path("/"), "", _RECURSIVE | _PRIVATE)
    links = {path: path.readlink() for path in readable if path.is_symlink()}
    taken = {path: os.open(path, os.O_PATH) for path in readable if path not in links}
    # From here on what was below the new root is only reached through its handle.
    _mount("tmpfs", root, "tmpfs", _NOSUID | _NODEV, "size=1m,mode=755")
    for path, handle in taken.items():
        place = root / path.relative_to("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            place.mkdir(exist_ok=True)
        else:
            place.touch()
        _mount(f"/proc/self/fd/{handle}", place, "", _BIND | _RECURSIVE)
        os.close(handle)
    for path, target in links.items():
        place = root / path.relative_to("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(target)
    (root / desk.relative_to("/")).mkdir(parents=True)
    old = root / "old"
    old.mkdir()
    os.chdir(root)
    checked(syscall(_PIVOT_ROOT[machine], b".", b"old"), "pivot_root")
    os.chdir("/")
    _unmount(Path("/old"))
    Path("/old").rmdir()
    _make_read_only(Path("/"))


def _make_read_only(path: Path) -> None:
    attributes = struct.pack("4Q", _ATTR_RDONLY | _ATTR_NOSUID | _ATTR_NODEV, 0, 0, 0)
    changed = syscall(
        _MOUNT_SETATTR,
        ctypes.c_int(_AT_FDCWD),
        os.fsencode(path),
        ctypes.c_uint(_AT_RECURSIVE),
        attributes,
        ctypes.c_size_t(len(attributes)),
    )
    checked(changed, "mount_setattr")


@contextlib.contextmanager
def desk_for_a_job(desk: Path, size: int, entries: int) -> Iterator[None]:
    """Put an empty folder in memory at `desk`, and throw it away afterwards.

    Parameters
    ----------
    desk : Path
    size : int
        Bytes that fit in.
    entries : int
        Files and folders that fit in.
    """
    options = f"size={size},nr_inodes={entries},mode=777"
    _mount("tmpfs", desk, "tmpfs", _NOSUID | _NODEV | _NOEXEC, options)
    try:
        yield
    finally:
        _unmount(desk)


def _mount(source: str, target: Path, kind: str, flags: int, options: str = "") -> None:
    mounted = libc().mount(
        source.encode(), os.fsencode(target), kind.encode(), ctypes.c_ulong(flags), options.encode()
    )
    checked(mounted, f"mount {target}")


def _unmount(target: Path) -> None:
    checked(libc().umount2(os.fsencode(target), ctypes.c_int(_DETACH)), f"umount {target}")
