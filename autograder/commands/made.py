"""`autograder stubs` and `autograder freeze`: what is made from the solutions."""

from __future__ import annotations

import argparse

from autograder.authoring import made
from autograder.authoring.stubs import BrokenMarkers
from autograder.authoring.variants import BadCatalogue
from autograder.commands import Refused

MAKERS = {"stubs": made.stubs, "freeze": made.observations}


def run(options: argparse.Namespace) -> int:
    """Write what is stale; with `--check` only say so, and fail."""
    if not options.solutions.is_dir():
        raise Refused(f"there is no folder {options.solutions}; give it with --solutions")
    stale = 0
    try:
        for file in MAKERS[options.what](options.solutions, options.exercises):
            if file.current:
                continue
            stale += 1
            if options.check:
                print(f"stale: {file.path}; run `autograder {options.what}`")
            else:
                file.write()
                print(f"wrote {file.path}")
    except BrokenPipeError:
        raise
    except (OSError, BrokenMarkers, BadCatalogue, RuntimeError) as problem:
        raise Refused(str(problem)) from None
    if not stale:
        print(f"{options.what}: everything is current")
    return int(bool(options.check and stale))
