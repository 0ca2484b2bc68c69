"""`autograder reproduce`: a recorded draw of a student, once more."""

from __future__ import annotations

import argparse
from pathlib import Path

from autograder.commands import Refused
from autograder.commands.adjust import no_check
from autograder.commands.doctor import best_tier
from autograder.commands.incoming import found_in
from autograder.core.explain import render
from autograder.grading import results as records
from autograder.grading.engine import Grader
from autograder.grading.store import StoreProblem


def run(options: argparse.Namespace) -> int:
    """Run a recorded draw again, and show the verdict."""
    try:
        with records.open_store(options.results) as store:
            student = records.look_up(store, options.student)
            folder = options.submissions or Path(store.fact("submissions"))
    except (records.NoSuchRecord, StoreProblem) as problem:
        raise Refused(str(problem)) from None
    recorded = student["checks"].get(options.check)
    if recorded is None:
        raise Refused(no_check(options.check))
    exercise = options.check.partition(".")[0]
    if exercise not in student["counts"]:
        raise Refused(f"{options.student} has not handed in {exercise}")
    attempt = student["attempts"][student["counts"][exercise]]
    found = [one for one in found_in(folder).hand_ins if one.source == attempt["source"]]
    if not found:
        raise Refused(f"{folder} holds no {attempt['source']}; see --submissions")
    submission = found[0].read(student["exercises"])
    if submission.digest != attempt["digest"]:
        raise Refused(f"the files of {options.student} have changed since they were graded")
    outside = [path.resolve() for path in (options.solutions, folder, options.results)]
    tier = best_tier(options.isolation, options.unsafe, outside)
    secret = b"not used: the seed is recorded"
    with Grader(options.solutions, secret, [exercise], tier=tier, outside=outside) as grader:
        graded = grader.grade(submission, {options.check: recorded["seed"]})
    verdict = graded.judged[options.check].verdict
    mark = "✓" if verdict.outcome == "correct" else "✗"
    print(render(verdict, mark))
    print(f"  {'Seed':<14}{recorded['seed']}")
    if verdict.outcome != recorded["outcome"]:
        print(f"It was recorded as {recorded['outcome']!r}.")
    return int(verdict.outcome != "correct")
