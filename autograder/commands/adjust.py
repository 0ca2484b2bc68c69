"""`autograder adjust`: an instructor's points in place of the autograder's."""

from __future__ import annotations

import argparse

from autograder.catalogue import find_check
from autograder.commands import Refused
from autograder.commands.grade import write_reports
from autograder.grading import results as records
from autograder.grading.grades import Adjustment
from autograder.grading.store import StoreProblem


def run(options: argparse.Namespace) -> int:
    """Keep an adjustment, or take one back, and write the reports again."""
    try:
        with records.open_store(options.results) as store:
            found = records.look_up(store, options.student)["checks"].get(options.check)
            if found is None:
                raise Refused(no_check(options.check))
            if options.undo:
                if not store.take_back(options.student, options.check):
                    raise Refused(f"{options.student} has no adjustment of {options.check}")
                print(f"{options.student}, {options.check}: the autograder's points again")
            else:
                adjustment = _adjustment(options)
                store.adjust(adjustment)
                before, now = found["points"], adjustment.points
                print(f"{options.student}, {options.check}: {before} → {now} points")
            write_reports(store, options.results)
    except (records.NoSuchRecord, StoreProblem) as problem:
        raise Refused(str(problem)) from None
    return 0


def no_check(check: str) -> str:
    """Say why a run has no verdict on a check."""
    try:
        return f"{find_check(check).id} was not graded in this run"
    except KeyError as problem:
        return str(problem.args[0])


def _adjustment(options: argparse.Namespace) -> Adjustment:
    possible = find_check(options.check).points
    if options.points is None or not 0 <= options.points <= possible:
        raise Refused(f"{options.check} has 0 to {possible} points: say how many")
    why = " ".join((options.why or "").split())
    if not why:
        raise Refused("say --why: the student will read it")
    return Adjustment(options.student, options.check, options.points, why)
