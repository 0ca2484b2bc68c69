"""`autograder practice`: order the lines, fill the blank, find the bug."""

from __future__ import annotations

import argparse
import textwrap

from autograder.authoring.audit import Auditor
from autograder.authoring.practice import BLANK, NoTask, Practice
from autograder.authoring.variants import BadCatalogue
from autograder.catalogue import EXERCISES
from autograder.commands import Refused
from autograder.core.exercise import VISIBLE_SEED
from autograder.core.explain import render


def run(options: argparse.Namespace) -> int:
    """Set a task, read the answer, and judge it with the checks themselves."""
    exercise, _, function = options.function.partition(".")
    if exercise not in EXERCISES or function not in EXERCISES[exercise].functions:
        raise Refused(f"no function {options.function!r}; see `autograder checks`")
    if not options.solutions.is_dir():
        raise Refused("practice is made from the solutions, and there are none here")
    auditor = Auditor(options.solutions)
    practice = Practice(auditor.variants, exercise, function, options.seed)
    play = {"order": _order, "blank": _blank, "bug": _bug}[options.kind]
    try:
        return play(practice, auditor)
    except (NoTask, BadCatalogue) as problem:
        raise Refused(str(problem)) from None
    except EOFError:
        raise Refused("no answer") from None


def _order(practice: Practice, auditor: Auditor) -> int:
    task = practice.order()
    print(f"Put {task.needed} of these lines of {practice.function} in order.\n")
    _print_numbered(task.lines)
    words = input("\nTheir numbers, such as 3 1 2: ").split()
    numbers = [int(word) for word in words if word.isdigit()]
    if not numbers or not all(0 < number <= len(task.lines) for number in numbers):
        print("These are not numbers of lines.")
        return 1
    return _judge(practice, auditor, [task.lines[number - 1] for number in numbers])


def _blank(practice: Practice, auditor: Auditor) -> int:
    task = practice.blank()
    print(f"What belongs into the blank of {practice.function}?\n")
    print(textwrap.indent(task.text, "    "))
    answer = input(f"\n{BLANK} = ")
    return _judge(practice, auditor, task.text.replace(BLANK, answer).splitlines())


def _bug(practice: Practice, auditor: Auditor) -> int:
    task = practice.bug()
    print(f"One thing in this {practice.function} is wrong. Which line is it on?\n")
    _print_numbered(task.lines)
    answer = input("\nThe line: ").strip()
    if not answer.isdigit() or int(answer) not in task.wrong:
        print(f"Not that line. {task.mistake.hint}")
        return 1
    print(f"Yes: it looks like {task.mistake.looks_like}.")
    print(textwrap.fill(task.mistake.lesson, 78))
    return 0


def _judge(practice: Practice, auditor: Auditor, lines: list[str]) -> int:
    try:
        module = auditor.variants.module(practice.exercise, practice.with_lines(lines))
    except Exception as problem:
        print(f"That doesn't run: {type(problem).__name__}: {problem}")
        return 1
    exercise = EXERCISES[practice.exercise]
    verdicts = auditor.verdicts(module, exercise, VISIBLE_SEED)
    own = [v for v in verdicts.values() if v.check.function == practice.function]
    wrong = [verdict for verdict in own if verdict.outcome != "correct"]
    if wrong:
        print(render(wrong[0]))
        return 1
    print(f"Right: {len(own)} of {len(own)} properties hold.")
    return 0


def _print_numbered(lines: tuple[str, ...]) -> None:
    for number, line in enumerate(lines, start=1):
        print(f"{number:>4}  {line}")
