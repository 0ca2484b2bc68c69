"""Run a check on a module and say what was seen: in this process, whichever it is.

Under `pytest exercises/` that is the learner's own; in grading it is a separate one
that holds no expected number.
"""

from __future__ import annotations

import linecache
import traceback
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from autograder.core.exercise import Check, generator
from autograder.core.plain import plain

OUTCOMES = ("seen", "not attempted", "crashed", "too slow", "died", "not run")
"""What can become of running a check; only "seen" comes with an observation."""


class TooSlow(BaseException):
    """Raised inside a check that has used up its time."""


@dataclass(frozen=True)
class Frame:
    """One line of the learner's on the way to an exception."""

    file: str
    line: int
    function: str
    source: str


@dataclass(frozen=True)
class Crash:
    """An exception that the learner's code raised.

    Attributes
    ----------
    kind, message : str
        The exception's class and text.
    frames : tuple of Frame
        The learner's own lines only, the innermost last.
    """

    kind: str
    message: str
    frames: tuple[Frame, ...] = ()


@dataclass(frozen=True)
class Seen:
    """What became of running a check.

    Attributes
    ----------
    outcome : str
        One of `OUTCOMES`.
    observation : plain data
        What the check returned, if the outcome is "seen".
    crash : Crash or None
        If the outcome is "crashed".
    reason : str
        A sentence, for the outcomes that need one.
    printed : str
        What the learner's code printed, as far as it was kept.
    importing : str
        The module whose import raised, if that is what happened.
    """

    outcome: str
    observation: Any = None
    crash: Crash | None = None
    reason: str = ""
    printed: str = ""
    importing: str = ""


def observe(check: Check, module: ModuleType, seed: int, inputs: Any = None) -> Seen:
    """Run a check on a module.

    Parameters
    ----------
    check : Check
    module : module
        What the learner wrote; `module.__file__` tells which lines are theirs.
    seed : int
        The inner seed, see `Check.inner_seed`.
    inputs : plain data
        What the trusted side prepared, if the check asks for it.

    Returns
    -------
    Seen
        Whatever the learner's code raises is caught, but not what stops it from
        outside: KeyboardInterrupt and TooSlow.
    """
    missing = _missing(module, check.function)
    if missing:
        return Seen("not attempted", reason=f"{_file_name(module)} has no {missing}")
    arguments = [module, generator(check, seed), *([inputs] if check.prepare else [])]
    try:
        return Seen("seen", plain(check.look(*arguments)))
    except (KeyboardInterrupt, TooSlow):
        raise
    except BaseException as error:
        return raised(error, Path(str(module.__file__)).parent)


def raised(error: BaseException, folder: Path, importing: str = "") -> Seen:
    """Return what to say of an exception out of the learner's code.

    Parameters
    ----------
    error : BaseException
    folder : Path
        Where the learner's modules are: which lines are theirs.
    importing : str
        The module that was being imported, if any.
    """
    frames = _own_frames(error, folder)
    if isinstance(error, NotImplementedError) and frames:
        return Seen("not attempted", reason=f"{frames[-1].function} is not written yet")
    crash = Crash(type(error).__name__, _message(error), frames)
    return Seen("crashed", crash=crash, importing=importing)


def is_stub(module: ModuleType, function: str) -> bool:
    """Say whether a function does nothing but raise `NotImplementedError`."""
    thing: Any = module
    for part in function.split("."):
        thing = getattr(thing, part, None)
    code = getattr(thing, "__code__", None)
    return (
        isinstance(code, CodeType)
        and code.co_code == _stub.__code__.co_code
        and code.co_names == _stub.__code__.co_names
    )


def _stub() -> None:
    raise NotImplementedError


def _missing(module: ModuleType, function: str) -> str:
    thing: Any = module
    for part in function.split("."):
        thing = getattr(thing, part, None)
        if thing is None:
            return part
    return ""


def _file_name(module: ModuleType) -> str:
    return Path(str(module.__file__)).name


def _message(error: BaseException) -> str:
    try:
        return str(error)[:300]
    except BaseException:
        return "(a message that cannot be shown)"


def _own_frames(error: BaseException, folder: Path) -> tuple[Frame, ...]:
    frames = []
    linecache.checkcache()  # the file may have been saved again since
    for frame, line in traceback.walk_tb(error.__traceback__):
        path = Path(frame.f_code.co_filename)
        if path.parent == folder:
            source = linecache.getline(str(path), line).strip()
            frames.append(Frame(path.name, line, frame.f_code.co_name, source[:200]))
    if isinstance(error, SyntaxError) and error.filename:
        file = Path(error.filename).name
        frames.append(Frame(file, error.lineno or 0, "", (error.text or "").strip()[:200]))
    return tuple(frames[-8:])
