"""`autograder release`: a folder for a class, with everything in it but the solutions."""

from __future__ import annotations

import argparse

from autograder.authoring.stubs import BrokenMarkers
from autograder.authoring.variants import BadCatalogue
from autograder.catalogue import EXERCISES
from autograder.commands import Refused
from autograder.release.contents import (
    SOLUTIONS,
    Choice,
    Course,
    Incomplete,
    contents,
    with_needed,
)
from autograder.release.folder import NotReleasable, carry_out, pack, update, with_manifest
from autograder.release.solution_text import SolutionText
from autograder.release.website import NoWebsite
from autograder.release.wheelhouse import NoWheels, wheels

MOST_SHOWN = 10


def run(options: argparse.Namespace) -> int:
    """Write the folder, unless a solution is in it or somebody's work would be lost."""
    for folder in (options.solutions, options.exercises):
        if not folder.is_dir():
            raise Refused(f"there is no folder {folder}; see --solutions and --exercises")
    unknown = [name for name in options.exercise or () if name not in EXERCISES]
    if unknown:
        raise Refused(f"there is no exercise {unknown[0]!r}: {', '.join(EXERCISES)}")
    course = Course(options.solutions, options.exercises)
    try:
        return _release(course, options)
    except (Incomplete, NotReleasable, NoWebsite, NoWheels, BrokenMarkers, BadCatalogue) as problem:
        raise Refused(str(problem)) from None


def _release(course: Course, options: argparse.Namespace) -> int:
    asked = options.exercise or list(EXERCISES)
    choice = Choice(
        with_needed(asked, course),
        options.with_practice,
        options.site if options.with_course else None,
        _wheels(course) if options.wheelhouse else {},
    )
    tree = contents(choice, course)
    _refuse_leaks(tree, course)
    tree = with_manifest(
        tree,
        {"course": course.project["version"], "exercises": list(choice.exercises)},
    )
    changes = update(tree, options.folder)
    try:
        if options.zip:
            pack(tree, options.folder.resolve().name, options.zip)
        carry_out(changes, tree, options.folder)
    except OSError as problem:
        raise Refused(f"it can't be written: {problem}") from None
    added = [name for name in choice.exercises if name not in asked]
    if added:
        print(f"Added, because what was asked for imports them: {', '.join(added)}")
    if changes.kept:
        print(f"Left as they were edited: {', '.join(changes.kept)}")
    if choice.practice:
        print("It holds the solutions, as you asked for: for self-study, not for grades.")
    else:
        print(f"No line of a solution is in any of its {len(tree)} files.")
    print(f"Released {', '.join(choice.exercises)} to {options.folder}")
    print(f"Learners begin with {options.folder / 'README.md'}")
    return 0


def _wheels(course: Course) -> dict[str, bytes]:
    needed = course.project["dependencies"]
    assert isinstance(needed, list)
    return wheels(needed, course.root / "constraints.txt")


def _refuse_leaks(tree: dict[str, bytes], course: Course) -> None:
    """Stop if learners would be given a line of a solution, but where they were meant to."""
    given = {path: data for path, data in tree.items() if not path.startswith(f"{SOLUTIONS}/")}
    leaks = SolutionText(course.solutions).leaks(given)
    if leaks:
        shown = [f"  {leak.place} {leak.what}" for leak in leaks[:MOST_SHOWN]]
        more = [f"  and {len(leaks) - MOST_SHOWN} more"] if len(leaks) > MOST_SHOWN else []
        raise Refused("\n".join(["nothing was released, to keep solutions secret:", *shown, *more]))
