"""Turn what was seen into a verdict, and a verdict into words."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.core import patterns
from autograder.core.compare import Difference, Tolerance, compare, within
from autograder.core.exercise import Check
from autograder.core.mistakes import Mistake
from autograder.core.observe import Crash, Seen
from autograder.core.plain import Opaque

WIDTH = 80
MAX_LINES = 6
LABEL = 14

_NEARLY = Tolerance(1e-7, 1e-10, "for pointing at an entry, not for judging")


@dataclass(frozen=True)
class Verdict:
    """What a check says about a submission.

    Attributes
    ----------
    check : Check
    outcome : str
        "correct", one of `compare.KINDS`, or one of `observe.OUTCOMES` but "seen".
    headline : str
        What is wrong, in a few words; the check's title if nothing is.
    lines : tuple of (str, str)
        A label and a text each: "You returned", "3.14".
    printed : str
        What the learner's code printed.
    mistake : str
        The known mistake that it looks like, "EXERCISE.NAME", if one was named.
    lesson : str
        What there is to learn from it: "You may think … In fact …"
    """

    check: Check
    outcome: str
    headline: str
    lines: tuple[tuple[str, str], ...] = ()
    printed: str = ""
    mistake: str = ""
    lesson: str = ""

    @property
    def points(self) -> int:
        """The check's points if the outcome is "correct", otherwise none."""
        return self.check.points if self.outcome == "correct" else 0

    @property
    def cause(self) -> tuple[str, ...]:
        """What two verdicts have in common if one mistake explains them both."""
        if self.outcome == "crashed":
            raised = (text for label, text in self.lines if label in ("It raised", "In"))
            return (self.check.exercise, *raised)
        if self.outcome in ("too slow", "not run"):
            return (self.check.exercise, self.check.function)
        return (self.check.id,)


def by_cause(verdicts: Iterable[Verdict]) -> list[list[Verdict]]:
    """Group verdicts so that each cause needs telling once."""
    groups: dict[tuple[str, ...], list[Verdict]] = {}
    for verdict in verdicts:
        groups.setdefault(verdict.cause, []).append(verdict)
    return list(groups.values())


Namer = Callable[[Check], Mistake | None]
"""Returns the known mistake that explains a failed check, if one alone does."""


def judge(
    check: Check, seen: Seen, expected: Any, kept: Any = None, namer: Namer | None = None
) -> Verdict:
    """Return the verdict on what was seen.

    Parameters
    ----------
    check : Check
    seen : Seen
    expected : plain data
        The reference's observation of the same draw; unused if the check has a
        judge of its own.
    kept : plain data
        What `Check.prepared` kept.
    namer : callable, optional
        Asked about a check with a wrong observation.
    """
    if seen.outcome != "seen":
        return _without_observation(check, seen)
    if check.judge:
        differences = check.judge(seen.observation, kept)
    elif seen.observation is expected:
        differences = []
    else:
        differences = compare(seen.observation, expected, check.tolerance)
    if not differences:
        return Verdict(check, "correct", check.title, printed=seen.printed)
    mistake = namer(check) if namer and not check.judge else None
    return _different(check, differences, seen.printed, mistake)


def _without_observation(check: Check, seen: Seen) -> Verdict:
    if seen.crash:
        headline = f"it raised {seen.crash.kind}"
        ran = f"import {seen.importing}" if seen.importing else check.ran
        lines = [("We ran", ran), *_crash_lines(seen.crash)]
    else:
        headline = {"died": "the process ended"}.get(seen.outcome, seen.outcome)
        lines = [("We ran", check.ran), ("Because", seen.reason)]
    if seen.outcome == "not attempted":
        lines = [("Because", seen.reason)]
    return Verdict(check, seen.outcome, headline, (*lines, _read(check)), seen.printed)


def _crash_lines(crash: Crash) -> list[tuple[str, str]]:
    lines = [("It raised", f"{crash.kind}: {crash.message}".rstrip(": "))]
    for frame in crash.frames[-2:]:
        where = f"{frame.file}, line {frame.line}"
        lines.append(("In", f"{where}   {frame.source}" if frame.source else where))
    missing = re.fullmatch(r"No module named '(.+)'", crash.message)
    if missing and crash.kind == "ModuleNotFoundError":
        mend = f"{missing[1]} is not there; NumPy and your own modules are all you need"
        lines[-1:] = [lines[-1], ("Because", mend)]
    return lines


def _different(
    check: Check, differences: Sequence[Difference], printed: str, mistake: Mistake | None
) -> Verdict:
    above: list[str] = []
    if check.layers:
        differences, above = _going_backwards(check, differences)
    first = differences[0]
    part = check.part_name(first.path)
    headline = _headline(part, first)
    changed = first.kind == "input changed"
    lines = [("We ran", check.ran)]
    if first.note and not isinstance(first.got, np.ndarray):
        lines.append(("We saw", first.note))
    else:
        lines += _got_and_expected(first, changed)
    same_kind = [d for d in differences if d.kind == first.kind]
    pattern = patterns.describe(same_kind) if not changed else ""
    if mistake:
        lines.append(("It looks like", mistake.looks_like))
    elif pattern:
        lines.append(("That is", pattern))
    if above:
        lines[1:1] = [
            ("It holds", f"{_listed(above)} above it {'are' if above[1:] else 'is'} right")
        ]
    read = _read(check, mistake.read if mistake else "")
    name, lesson = (mistake.id, mistake.lesson) if mistake else ("", "")
    return Verdict(check, first.kind, headline, (*lines, read), printed, name, lesson)


def _going_backwards(
    check: Check, differences: Sequence[Difference]
) -> tuple[list[Difference], list[str]]:
    """Return the differences from the last layer to the first, and what is right above them.

    The paths of gradients end with 0 (weights) or 1 (biases) and the layer.
    """
    kind, start = differences[0].kind, differences[0].path[:-2]
    wrong = [d for d in differences if d.kind == kind and d.path[:-2] == start]
    if not all(isinstance(step, int) for d in wrong for step in d.path[-2:]):
        return list(differences), []  # the lists themselves are wrong
    wrong.sort(key=lambda d: (int(d.path[-1]), int(d.path[-2])), reverse=True)
    others = [d for d in differences if d not in wrong]
    last = check.layers - 1
    seen = {d.path for d in differences}
    above: list[str] = []
    for layer in range(last, int(wrong[0].path[-1]) - 1, -1):
        for group in (1, 0):
            path = (*start, group, layer)
            if path == wrong[0].path:
                return [*wrong, *others], above
            if path not in seen:
                above.append(check.part_name(path).removeprefix("the gradient of "))
    return [*wrong, *others], above


def _listed(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if names[1:] else names)


def _headline(part: str, difference: Difference) -> str:
    if difference.kind == "input changed":
        name = difference.path[1] if len(difference.path) > 1 else "an argument"
        return f"{name} was changed by the call"
    of_the_result = part.startswith("the result")
    where = part.removeprefix("the result") if of_the_result else f": {part}"
    if _is_refusal(difference.expected):
        return f"{'another error' if _is_refusal(difference.got) else 'no ValueError'}{where}"
    if _is_refusal(difference.got):
        return f"a ValueError without need{where}"
    kind = difference.kind
    if kind == "wrong values" and np.ndim(difference.got) == 0:
        kind = "wrong value"
    if of_the_result:
        return f"{kind}{where}"
    return f"{part} is not finite" if kind == "not finite" else f"{part} has the {kind}"


def _is_refusal(value: Any) -> bool:
    return isinstance(value, str) and value.startswith("raises ")


def _read(check: Check, heading: str = "") -> tuple[str, str]:
    return "Read", f'course: {check.chapter}, "{heading or check.read}"'


def _got_and_expected(difference: Difference, changed: bool) -> list[tuple[str, str]]:
    got, expected = _show_pair(difference)
    label = "It became" if changed else "You returned"
    if _is_refusal(difference.got):
        label, got = "It raised", got.removeprefix("raises ")
    if _is_refusal(difference.expected):
        got = "nothing was raised" if got == "accepted" else got
        return [(label if label == "It raised" else "We saw", got), ("We expected", "a ValueError")]
    if expected == "accepted":
        expected = "a result: these shapes fit"
    return [(label, got), ("It was" if changed else "We expected", expected)]


def _show_pair(difference: Difference) -> tuple[str, str]:
    got, expected = difference.got, difference.expected
    large = isinstance(got, np.ndarray) and got.size > 4
    if difference.kind in ("wrong values", "not finite") and large:
        right = (
            np.isfinite(got) if difference.kind == "not finite" else within(got, expected, _NEARLY)
        )
        wrong = np.argwhere(~right)
        if len(wrong):
            index = tuple(int(i) for i in wrong[0])
            where = f"at {list(index)}; {len(wrong)} of {got.size} entries are wrong"
            return f"{show(got[index])}   {where}", show(expected[index])
    return show(got), show(expected)


def show(value: Any) -> str:
    """Return plain data in a few words, for a line of a message.

    Examples
    --------
    >>> show(np.array([[0.5, -1.0]]))
    '[[ 0.5, -1. ]]   shape (1, 2)'
    >>> show(None)
    'None (is a return missing?)'
    """
    if value is None:
        return "None (is a return missing?)"
    if isinstance(value, Opaque):
        return value.what
    if isinstance(value, np.generic):
        return _number(value.item())
    if isinstance(value, np.ndarray):
        if value.ndim == 0:
            return _number(value.item())
        shape = f"shape {value.shape}"
        if value.size > 8:
            return f"an array of {shape}"
        with np.printoptions(precision=4, suppress=_tame(value), linewidth=1000):
            text = np.array2string(value, separator=", ").replace("\n", "")
        return f"{' '.join(text.split('  '))}   {shape}" if len(text) < 50 else f"array, {shape}"
    if isinstance(value, str):
        return value if len(value) < 50 else f"{value[:48]}…"
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, list):
        words = ", ".join(_quoted(item) for item in value[:3])
        more = f", … ({len(value)} items)" if len(value) > 3 else ""
        return textwrap.shorten(f"[{words}{more}]", 60, placeholder=" …]")
    return textwrap.shorten(f"a dict with the keys {', '.join(value) or '(none)'}", 60)


def _quoted(item: Any) -> str:
    if isinstance(item, str):
        return repr(item if len(item) < 14 else f"{item[:12]}…")
    return show(item)


def _number(number: float) -> str:
    return f"{number:.7g}" if isinstance(number, float) else str(number)


def _tame(value: np.ndarray) -> bool:
    with np.errstate(all="ignore"):
        largest = float(np.max(np.abs(value.astype(float)), initial=0.0))
    return 1e-3 < largest < 1e5


def render(verdict: Verdict, mark: str = "✗", also: int = 0, width: int = WIDTH) -> str:
    """Return a verdict as a few lines of text.

    The first line has the function, the headline and the points; the others a
    label and a text each, cut to the width. There are at most six: what tells
    least is left out.

    Parameters
    ----------
    verdict : Verdict
    mark : str
        What the first line begins with.
    also : int
        How many other checks the same cause explains.
    width : int
        Columns.
    """
    points = f"{verdict.points}/{verdict.check.points}"
    head = f"{mark} {verdict.check.function} · {verdict.headline}"
    head = head if len(head) < width - len(points) - 1 else head[: width - len(points) - 3] + "…"
    lines = [f"{head}{points:>{width - len(head)}}"]
    labelled = list(verdict.lines)
    if also:
        labelled.append(("Also", f"{also} more check{'s' * (also > 1)}, for the same reason"))
    for label in ("In", "We ran"):
        least = [line for line in labelled if line[0] == label][:1]
        if len(labelled) >= MAX_LINES and least:
            labelled.remove(least[0])
    for label, text in labelled:
        line = f"  {label:<{LABEL}}{' '.join(text.split(chr(10)))}"
        lines.append(line if len(line) <= width else line[: width - 1] + "…")
    return "\n".join(lines)
