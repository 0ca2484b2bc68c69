"""`autograder solution`: the reference and two other ways, once you have your own."""

from __future__ import annotations

import argparse
import ast
import textwrap
from pathlib import Path

from autograder.authoring.stubs import BEGIN, END
from autograder.catalogue import EXERCISES
from autograder.commands import Refused
from autograder.learner.progress import Progress

MOST_ALTERNATIVES = 2


def run(options: argparse.Namespace) -> int:
    """Show a function of the reference, and how others write it."""
    exercise, _, function = options.function.partition(".")
    if exercise not in EXERCISES or function not in EXERCISES[exercise].functions:
        raise Refused(f"no function {options.function!r}; see `autograder checks`")
    reference = options.solutions / f"{exercise}.py"
    if not reference.exists():
        raise Refused("there are no solutions here: ask your instructor")
    if not options.anyway and not _may_be_shown(options.exercises, exercise, function):
        return 1
    print(f"# The reference\n\n{_function(reference, function)}")
    shown = 0
    for path in sorted((options.solutions / "alternatives" / exercise).glob("*.py")):
        text = _function(path, function)
        if text and shown < MOST_ALTERNATIVES:
            shown += 1
            reason = " ".join((ast.get_docstring(_tree(path)) or "").split())
            print(
                textwrap.fill(
                    f"Another way. {reason}", 78, initial_indent="# ", subsequent_indent="# "
                )
            )
            print(f"\n{text}")
    return 0


def _may_be_shown(exercises: Path, exercise: str, function: str) -> bool:
    verdicts = Progress(exercises.absolute()).verdicts().values()
    own = [v for v in verdicts if (v.check.exercise, v.check.function) == (exercise, function)]
    if all(verdict.outcome == "correct" for verdict in own):
        return True
    print(f"Your own {function} does not pass yet, as far as the last run shows.")
    try:
        return input("Show the solution all the same? [y/N] ").strip().lower() == "y"
    except EOFError:
        return False


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _function(path: Path, function: str) -> str:
    """Return a function's text without its docstring and markers; nothing if it isn't there."""
    source = path.read_text(encoding="utf-8")
    scope: list[ast.stmt] = _tree(path).body
    found: ast.stmt | None = None
    for part in function.split("."):
        found = next((n for n in scope if getattr(n, "name", None) == part), None)
        if found is None:
            return ""
        scope = list(getattr(found, "body", []))
    assert isinstance(found, ast.FunctionDef)
    lines = source.splitlines()
    hidden: set[int] = set()
    if ast.get_docstring(found) is not None:
        hidden = set(range(found.body[0].lineno, (found.body[0].end_lineno or 0) + 1))
    kept = [
        lines[number - 1]
        for number in range(found.lineno, (found.end_lineno or 0) + 1)
        if number not in hidden and lines[number - 1].strip() not in (BEGIN, END)
    ]
    return textwrap.dedent("\n".join(kept)) + "\n"
