"""`autograder reproduce`: a recorded draw of a student, once more."""

from __future__ import annotations

import argparse

from autograder.commands import Refused
from autograder.commands.grade import make_grader, submissions_in
from autograder.core.explain import render
from autograder.grading import results as records
from autograder.grading.sandbox import Limits


def run(options: argparse.Namespace) -> int:
    """Run a recorded draw again, and show the verdict."""
    try:
        recorded = records.look_up(options.results, options.student, options.check)
    except records.NoSuchRecord as problem:
        raise Refused(str(problem)) from None
    folder = options.submissions or recorded.folder
    submission = next(
        (one for one in submissions_in(folder)[0] if one.student == options.student),
        None,
    )
    if submission is None:
        raise Refused(f"{folder} holds no submission of {options.student}; see --submissions")
    if submission.digest != recorded.student["digest"]:
        raise Refused(f"the files of {options.student} have changed since they were graded")
    exercise = options.check.partition(".")[0]
    grader = make_grader(options.solutions, b"not used: the seed is recorded", [exercise], Limits())
    graded = grader.grade(submission, {options.check: recorded.check["seed"]})
    verdict = graded.judged[options.check].verdict
    mark = "✓" if verdict.outcome == "correct" else "✗"
    print(render(verdict, mark))
    print(f"  {'Seed':<14}{recorded.check['seed']}")
    if verdict.outcome != recorded.check["outcome"]:
        print(f"It was recorded as {recorded.check['outcome']!r}.")
    return int(verdict.outcome != "correct")
