"""`autograder similar`: where students' files share code that few others have."""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterable, Iterator

from autograder.authoring.stubs import BrokenMarkers, stub
from autograder.catalogue import EXERCISES
from autograder.commands import Refused
from autograder.commands.incoming import read_incoming
from autograder.grading.arrivals import HandIn
from autograder.reports import similarity
from autograder.reports.pages import counted
from autograder.reports.shared_code import Comparison, HandedIn
from autograder.reports.similarity import Unread


def run(options: argparse.Namespace) -> int:
    """Write the page and the table; that there is something to look at is no failure."""
    unknown = [name for name in options.exercise or () if name not in EXERCISES]
    if unknown:
        raise Refused(f"there is no exercise {unknown[0]!r}: {', '.join(EXERCISES)}")
    if not 0 < options.at_least <= 1:
        raise Refused("--at-least is a share of a file's code: above 0, and 1 at most")
    names = [name for name in EXERCISES if name in (options.exercise or EXERCISES)]
    stubs = {name: _stub(options, name) for name in names}
    files: dict[str, list[HandedIn]] = {name: [] for name in names}
    unread: list[Unread] = []
    for who, hand_in in _teams(read_incoming(options.submissions, options.course).hand_ins):
        submission = hand_in.read(names)
        broken = [why for why in submission.problems if why not in hand_in.problems]
        unread += [Unread(who, "", why) for why in broken]
        for name, content in submission.files.items():
            files[name].append(HandedIn(who, hand_in.source, content))
    comparisons = [
        Comparison(name, stubs[name], files.pop(name), options.at_least) for name in names
    ]
    try:
        options.out.mkdir(parents=True, exist_ok=True)
        similarity.write(comparisons, unread, options.at_least, options.out)
    except OSError as problem:
        raise Refused(f"{options.out} can't be written ({problem.strerror})") from None
    for one in (one for one in comparisons if one.students):
        places = counted(len(one.groups) + len(one.pairs), "place")
        print(f"{one.exercise}: {places} to look at, {counted(one.students, 'student')} compared")
    print(f"Wrote {options.out}: {similarity.PAGE}, {similarity.TABLE}")
    print("What they show are places to look, never a verdict.")
    return 0


def _teams(hand_ins: Iterable[HandIn]) -> Iterator[tuple[str, HandIn]]:
    """Yield each submission once, with the names of all who handed it in together."""
    teams: dict[object, list[HandIn]] = defaultdict(list)
    for one in hand_ins:
        teams[one.parts or one.source].append(one)
    for team in teams.values():
        yield ", ".join(one.student for one in team), team[0]


def _stub(options: argparse.Namespace, name: str) -> str:
    path = options.solutions / f"{name}.py"
    try:
        return stub(path.read_text(encoding="utf-8"), str(path))
    except (OSError, BrokenMarkers) as problem:
        raise Refused(f"what the class was given isn't known; see --solutions: {problem}") from None
