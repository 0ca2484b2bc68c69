"""`autograder gradescope`: the archive with which Gradescope grades by itself."""

from __future__ import annotations

import argparse

from autograder.authoring.variants import BadCatalogue
from autograder.catalogue import EXERCISES
from autograder.commands import Refused
from autograder.exports import files
from autograder.exports.gradescope_zip import Choice, contents, write
from autograder.grading.engine import course_secret
from autograder.grading.runs import Course
from autograder.grading.slots import Limits
from autograder.isolation.tiers import Tier


def run(options: argparse.Namespace) -> int:
    """Write the archive, and say what to do with it."""
    unknown = [name for name in options.exercise or () if name not in EXERCISES]
    if unknown:
        raise Refused(f"there is no exercise {unknown[0]!r}: {', '.join(EXERCISES)}")
    if options.minutes < 1:
        raise Refused("--minutes must be at least 1")
    names = tuple(name for name in EXERCISES if name in (options.exercise or EXERCISES))
    choice = Choice(names, options.visibility, options.minutes, options.unsafe)
    try:
        files.free(options.zip, options.force)
        secret = course_secret(options.secret)
        Course(options.solutions, secret, names, Limits(), Tier.FULL).check_solutions()
        write(contents(choice, options.solutions, options.secret), options.zip, options.force)
    except ImportError as problem:
        message = f"the solutions in {options.solutions} can't be imported: {problem}"
        raise Refused(message) from None
    except (OSError, ValueError, BadCatalogue, files.InTheWay) as problem:
        raise Refused(str(problem)) from None
    print(f"Wrote {options.zip}, which grades {', '.join(names)}")
    print("It holds the solutions and the course's secret: give it to Gradescope only.")
    print("What to do there is in its README.md.")
    return 0
