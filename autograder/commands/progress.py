"""`autograder progress`: where you stood when you last ran the checks."""

from __future__ import annotations

import argparse

from autograder.catalogue import EXERCISES
from autograder.commands import Refused
from autograder.core.workbook import Workbook
from autograder.learner import board
from autograder.learner.progress import Progress


def run(options: argparse.Namespace) -> int:
    """Show the bars and the next thing to do."""
    if not options.exercises.is_dir():
        raise Refused(f"there is no folder {options.exercises}; give yours with --exercises")
    verdicts = Progress(options.exercises.absolute()).verdicts()
    workbook = Workbook(options.exercises, EXERCISES)
    for line, _ in [*board.lines(verdicts, board.marks()), ("", {})]:
        print(line)
    for line, _ in board.next_lines(verdicts, workbook):
        print(line)
    return 0
