"""`autograder notebooks`: a course for nbgrader."""

from __future__ import annotations

import argparse

from autograder.authoring.notebooks import BadQuestions
from autograder.catalogue import EXERCISES
from autograder.commands import Refused
from autograder.release.contents import Course, Incomplete, with_needed
from autograder.release.nbgrader import CONFIG, SOURCE, course_files


def run(options: argparse.Namespace) -> int:
    """Write `source/` and a configuration, unless somebody's work would be lost."""
    unknown = [name for name in options.exercise or () if name not in EXERCISES]
    if unknown:
        raise Refused(f"there is no exercise {unknown[0]!r}: {', '.join(EXERCISES)}")
    course = Course(options.solutions, options.exercises)
    try:
        names = with_needed(options.exercise or EXERCISES, course)
        tree = course_files(names, course)
    except (Incomplete, BadQuestions) as problem:
        raise Refused(str(problem)) from None
    kept = []
    try:
        for path, data in tree.items():
            target = options.folder / path
            if target.exists() and target.read_bytes() != data:
                if path == CONFIG:
                    kept.append(path)
                    continue
                if not options.force:
                    raise Refused(f"{target} is there and differs: --force replaces it")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
    except OSError as problem:
        raise Refused(f"{options.folder} can't be written ({problem.strerror})") from None
    if kept:
        print(f"Left as it was: {CONFIG}")
    print(f"Wrote {options.folder / SOURCE}, which holds solutions: {', '.join(names)}")
    print(f"Next, in {options.folder}: nbgrader generate_assignment {names[0]}")
    return 0
