"""Tasks made from the reference and its known mistakes: order, fill in, find."""

from __future__ import annotations

import ast
import keyword
import re
import textwrap
from dataclasses import dataclass

import numpy as np

from autograder.authoring.stubs import BEGIN, END
from autograder.authoring.variants import Slip, Variants
from autograder.core.mistakes import Mistake

BLANK = "____"


class NoTask(LookupError):
    """A task that can't be made; the message says why."""


@dataclass(frozen=True)
class OrderTask:
    """Lines to put in order, with some that don't belong.

    Attributes
    ----------
    lines : tuple of str
        In a random order, indented as they must be.
    needed : int
        How many of them belong.
    """

    lines: tuple[str, ...]
    needed: int


@dataclass(frozen=True)
class BlankTask:
    """A function with one blank where the idea is."""

    text: str
    answer: str


@dataclass(frozen=True)
class BugTask:
    """A function with a known mistake in it.

    Attributes
    ----------
    lines : tuple of str
    wrong : frozenset of int
        The lines that hold the mistake, counted from 1.
    mistake : Mistake
    """

    lines: tuple[str, ...]
    wrong: frozenset[int]
    mistake: Mistake


class Practice:
    """Makes the tasks for one function.

    Parameters
    ----------
    variants : Variants
    exercise, function : str
    seed : int
        Another seed, another task.
    """

    def __init__(self, variants: Variants, exercise: str, function: str, seed: int) -> None:
        self.variants = variants
        self.exercise = exercise
        self.function = function
        self.source = variants.source(exercise)
        self.rng = np.random.default_rng(seed)

    def order(self) -> OrderTask:
        """Return the lines of the work, shuffled, with known mistakes among them."""
        own = _work(self.source, self.function).splitlines()
        other = [
            line
            for slip in self._slips()
            for line in _work(slip.applied(self.source), self.function).splitlines()
            if line not in own
        ]
        few = [other[i] for i in self.rng.permutation(len(other))[:2]]
        lines = [*own, *dict.fromkeys(few)]
        return OrderTask(tuple(lines[i] for i in self.rng.permutation(len(lines))), len(own))

    def with_lines(self, lines: list[str]) -> str:
        """Return the reference's text with other lines for the work of the function."""
        start, indent = self._place_of_work(), " " * (8 if "." in self.function else 4)
        own = textwrap.indent(_work(self.source, self.function), indent)
        other = textwrap.indent("\n".join(lines), indent)
        return self.source[:start] + self.source[start:].replace(own, other, 1)

    def blank(self) -> BlankTask:
        """Return the work with a blank where a known mistake goes wrong."""
        tasks = []
        for slip in self._slips():
            right = _work(self.source, self.function)
            wrong = _work(slip.applied(self.source), self.function)
            task = _blanked(right, wrong)
            if task:
                tasks.append(task)
        if not tasks:
            raise NoTask(f"no known mistake of {self.function} is about a single word")
        return tasks[int(self.rng.integers(len(tasks)))]

    def bug(self) -> BugTask:
        """Return the work with a known mistake in it."""
        slips = self._slips()
        if not slips:
            raise NoTask(f"there is no known mistake of {self.function}")
        slip = slips[int(self.rng.integers(len(slips)))]
        right = _work(self.source, self.function).splitlines()
        lines = _work(slip.applied(self.source), self.function).splitlines()
        wrong = {number for number, line in enumerate(lines, start=1) if line not in right}
        if not wrong:  # a line was left out: name the one where it is missing
            first = next(
                (i for i, (a, b) in enumerate(zip(lines, right, strict=False)) if a != b),
                len(lines) - 1,
            )
            wrong = {max(1, first), first + 1}
        return BugTask(tuple(lines), frozenset(wrong), slip.mistake)

    def _slips(self) -> list[Slip]:
        return [
            slip
            for slip in self.variants.slips[self.exercise]
            if slip.mistake.function == self.function
            and _work(slip.applied(self.source), self.function) != _work(self.source, self.function)
        ]

    def _place_of_work(self) -> int:
        node = _find(self.source, self.function)
        lines = self.source.splitlines(keepends=True)
        return sum(len(line) for line in lines[: node.lineno - 1])


def _find(source: str, function: str) -> ast.FunctionDef:
    scope: list[ast.stmt] = ast.parse(source).body
    for part in function.split("."):
        found = next(n for n in scope if getattr(n, "name", None) == part)
        scope = list(getattr(found, "body", []))
    assert isinstance(found, ast.FunctionDef)
    return found


def _work(source: str, function: str) -> str:
    """Return what stands between the markers in a function, without its indentation."""
    node = _find(source, function)
    lines = source.splitlines()[node.lineno - 1 : node.end_lineno]
    marks = [number for number, line in enumerate(lines) if line.strip() in (BEGIN, END)]
    end = marks[1] if len(marks) > 1 else len(lines)  # an end may stand behind the function
    return textwrap.dedent("\n".join(lines[marks[0] + 1 : end]))


def _blanked(right: str, wrong: str) -> BlankTask | None:
    """Return the work with a blank for what differs, if that is a word or two on one line."""
    words = re.compile(r"\w+|\s+|[^\w\s]")
    a, b = words.findall(right), words.findall(wrong)
    start = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), None)
    if start is None:
        return None
    end = 0
    while end < min(len(a), len(b)) - start and a[-1 - end] == b[-1 - end]:
        end += 1
    answer = "".join(a[start : len(a) - end]).strip()
    if not answer or "\n" in answer or len(answer) > 30 or keyword.iskeyword(answer):
        return None
    text = "".join([*a[:start], BLANK, *a[len(a) - end :]])
    return BlankTask(text, answer)
