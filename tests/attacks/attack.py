"""What an attack is."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.catalogue import EXERCISES

PORTABLE = ("portable",)
"""Where most attacks succeed: nothing but judging outside keeps them back there."""

CALLS = """\
import ctypes, os, platform
libc = ctypes.CDLL(None, use_errno=True)
def must(result):
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result
"""
"""How an attack calls the kernel where Python offers nothing."""


COMPUTING, WAITING = 2.5, 0.8
"""`Attack.wall` of an attack that uses its processor time up, and of one that only waits."""


@dataclass(frozen=True)
class Attack:
    """A `losses.py` that solves nothing, and wants something it must not get.

    Attributes
    ----------
    name : str
        Unique within its group.
    tries : str
        What it tries, in one sentence.
    module : str or bytes
        The text. A word between two @ is a target, see `world.World.fill`; the
        statement `@WON@` says that the attack got through.
    leaks : tuple of str
        The tiers in which it does succeed: an oracle that doesn't see it there is blind.
    privileged : bool
        If it succeeds there only where the machine lets this user do such things;
        it is refused by the kernel otherwise.
    then : str
        A second submission, handed in right after it.
    wall : float
        If it ends only when its time is up: how many seconds may pass for each second
        of processor time. 0 for the ordinary limits.
    ends : tuple of str
        Outcomes of which one must be a check's, to show that it was ended as it should be.
    unsafe : str
        Why it isn't run where nothing confines it.
    machine : str
        The only processor for which it is written.
    """

    name: str
    tries: str
    module: str | bytes
    leaks: tuple[str, ...] = ()
    privileged: bool = False
    then: str = ""
    wall: float = 0.0
    ends: tuple[str, ...] = ()
    unsafe: str = ""
    machine: str = ""


@dataclass(frozen=True)
class FileAttack:
    """Files that are handed in as a submission, and want to be more than that.

    Attributes
    ----------
    name : str
        Unique within its group.
    tries : str
        What they try, in one sentence.
    build : callable
        `build(folder, secret)` puts them into a folder of submissions as the student
        `eve`; `secret` is a file outside of it.
    says : str
        A part of the problem that the student is told; none if empty, and the files
        are taken.
    """

    name: str
    tries: str
    build: Callable[[Path, Path], object]
    says: str = ""


@dataclass(frozen=True)
class TextAttack:
    """A student's text that wants to be obeyed by whatever shows it.

    Attributes
    ----------
    name : str
        Unique within its group.
    tries : str
        What it tries, in one sentence.
    student : str
        The name of the folder.
    module : str
        The text of `losses.py`.
    """

    name: str
    tries: str
    student: str
    module: str


def answering(body: str, before: str = "", functions: Sequence[str] = ()) -> str:
    """Return a module in which functions of the exercise, all by default, have this body."""
    names = " = ".join(functions or EXERCISES["losses"].functions)
    indented = textwrap.indent(body, "    ")
    return f"{before}def answer(*arguments, **named):\n{indented}\n{names} = answer\n"
