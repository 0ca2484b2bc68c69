"""`autograder grade` and `autograder merge`."""

from __future__ import annotations

import argparse
import itertools
import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from autograder.authoring.variants import BadCatalogue
from autograder.catalogue import EXERCISES
from autograder.commands import Refused
from autograder.commands.doctor import best_tier
from autograder.commands.incoming import read_incoming
from autograder.grading import results as records
from autograder.grading.arrivals import HandIn
from autograder.grading.engine import checks_of, course_secret
from autograder.grading.runs import Course, Place, RunProblem, grade_class, this_machine
from autograder.grading.slots import Limits, SlotBroken
from autograder.grading.store import FILE as STORE
from autograder.grading.store import Store, StoreProblem
from autograder.isolation.kernel import NotConfined
from autograder.isolation.tiers import SAFE, Tier
from autograder.reports import changes, classreport, feedback, gradebook

SHARDS = "shards"
SHOWN = 40
"""Students whose row is printed; the files have them all."""


def run(options: argparse.Namespace) -> int:
    """Grade a class: `grades.csv`, `results.json` and the students' feedback."""
    console = _console()
    incoming = read_incoming(options.submissions, options.course)
    names = _names(options.exercise, options.check, incoming.rules.exercises)
    hand_ins = incoming.hand_ins
    if not hand_ins:
        raise Refused(f"{options.submissions} holds no submission: a folder or .zip a student")
    shard = _shard(options.shard)
    if shard:
        hand_ins = hand_ins[shard[0] - 1 :: shard[1]]
    course = make_course(options, names)
    options.out.mkdir(parents=True, exist_ok=True)
    with _open(_store_path(options.out, shard)) as store:
        store.begin()
        store.note("course", incoming.rules.text)
        store.note("known as", incoming.known_as)
        store.expect(incoming.students)
        _grade(course, hand_ins, store, options, console)
        store.note("complete", [course.digest, *(shard or (1, 1))])
        if shard:
            console.print(Text(f"Wrote {store.path}. When all are there: autograder merge"))
            return 0
        _report(store, options.out, console)
    for line in incoming.ignored:
        console.print(Text(f"ignored: {line}"))
    return 0


def merge(options: argparse.Namespace) -> int:
    """Put the shards of a class together."""
    found = {path: _shard_of(path) for path in sorted((options.out / SHARDS).glob("*.sqlite"))}
    if not found:
        raise Refused(f"{options.out / SHARDS} holds no shards: grade with --shard first")
    of = {shard[2] for shard in found.values() if shard}
    missing = set(range(1, max(of, default=1) + 1)) - {s[1] for s in found.values() if s}
    unfinished = [path.name for path, shard in found.items() if not shard]
    if unfinished:
        raise Refused(f"not finished yet, run them again: {', '.join(unfinished)}")
    if len(of) > 1 or len({shard[0] for shard in found.values() if shard}) > 1:
        raise Refused("the shards are not of one run: delete those that are old")
    if missing:
        raise Refused(f"shards are missing: {', '.join(map(str, sorted(missing)))} of {max(of)}")
    with _open(options.out / STORE) as store:
        store.begin()
        store.keep_only([])
        for path in found:
            try:
                store.take_over(path)
            except StoreProblem as problem:
                raise Refused(str(problem)) from None
        with _open(next(iter(found))) as one:
            for fact in ("names", "submissions", "course", "known as", "complete"):
                store.note(fact, one.fact(fact))
        _report(store, options.out, _console())
    return 0


def _shard_of(path: Path) -> tuple[str, int, int] | None:
    with _open(path) as store:
        complete = store.fact("complete")
    return tuple(complete) if complete else None


def _console() -> Console:
    return Console() if Console().is_terminal else Console(width=100)


def _names(
    exercises: Sequence[str] | None, checks: Sequence[str] | None, usual: Sequence[str]
) -> tuple[str, ...]:
    """Return what to grade, in the course's order: `usual` if nothing was said."""
    unknown = set(exercises or []) - set(EXERCISES)
    if unknown:
        raise Refused(f"no exercise {', '.join(sorted(unknown))}: there are {', '.join(EXERCISES)}")
    wanted = [*(exercises or []), *(checks or [])] or usual
    try:
        chosen = checks_of(wanted or None)
    except KeyError as problem:
        raise Refused(str(problem.args[0])) from None
    return tuple(check.id for check in chosen)


def make_course(options: argparse.Namespace, names: tuple[str, ...]) -> Course:
    """Return what is graded and how, or refuse."""
    try:
        secret = course_secret(options.secret)
    except (OSError, ValueError) as problem:
        raise Refused(str(problem)) from None
    outside = (options.solutions, options.secret, options.submissions, options.out)
    outside = tuple(path.resolve() for path in outside)
    tier = _tier(options, outside)
    limits = Limits(patience=options.patience)
    course = Course(options.solutions.resolve(), secret, names, limits, tier, outside)
    try:
        course.check_solutions()
    except ImportError as problem:
        message = f"the solutions in {options.solutions} can't be imported: {problem}"
        raise Refused(message) from None
    except BadCatalogue as problem:
        raise Refused(str(problem)) from None
    return course


def _tier(options: argparse.Namespace, outside: tuple[Path, ...]) -> Tier:
    if not options.scheduler:
        return best_tier(options.isolation, options.unsafe, outside)
    tier = Tier(options.isolation or Tier.FULL)  # it has to hold there, not here
    if tier not in SAFE:
        raise Refused("a cluster's workers grade in full or base, never without a sandbox")
    return tier


def _shard(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    match = re.fullmatch(r"(\d+)/(\d+)", text)
    if not match or not 1 <= int(match[1]) <= int(match[2]):
        raise Refused(f"--shard {text}: write I/N, as in 1/40 to 40/40")
    return int(match[1]), int(match[2])


def _store_path(out: Path, shard: tuple[int, int] | None) -> Path:
    if not shard:
        return out / STORE
    (out / SHARDS).mkdir(exist_ok=True)
    return out / SHARDS / f"{shard[0]}-of-{shard[1]}.sqlite"


def _open(path: Path) -> Store:
    try:
        return Store(path)
    except StoreProblem as problem:
        raise Refused(str(problem)) from None


def _place(options: argparse.Namespace, work: int) -> Place:
    if options.scheduler:
        from autograder.grading.cluster import Keys, cluster

        files = (options.tls_ca, options.tls_cert, options.tls_key)
        if all(files):
            return cluster(options.scheduler, Keys(*files))
        if not options.unsafe:
            raise Refused(
                "whoever reaches a scheduler's port can run code: give --tls-ca, --tls-cert and "
                "--tls-key (or --unsafe, if nobody else can reach it)"
            )
        return cluster(options.scheduler, None)
    jobs = options.jobs or os.cpu_count() or 1
    if jobs < 1:
        raise Refused("--jobs must be at least 1")
    return this_machine(min(jobs, work))


def _grade(
    course: Course,
    hand_ins: list[HandIn],
    store: Store,
    options: argparse.Namespace,
    console: Console,
) -> None:
    store.note("names", list(course.names))
    store.note("submissions", str(options.submissions.resolve()))
    console.print(f"Isolation: {course.tier}")
    counts = {True: 0, False: 0}
    progress = Progress(console=console, transient=True, disable=not console.is_terminal)
    try:
        with _place(options, len(hand_ins)) as place, progress:
            bar = progress.add_task("Grading", total=len(hand_ins))
            for count, known in grade_class(course, hand_ins, store, place):
                progress.advance(bar, count)
                counts[known] += count
    except (NotConfined, SlotBroken, RunProblem) as problem:
        raise Refused(f"{problem}") from None
    store.keep_only((one.student, one.source) for one in hand_ins)
    console.print(f"Graded {counts[False]}, known from before {counts[True]}")


def write_reports(store: Store, out: Path) -> dict[str, Any]:
    """Write all that people read of the results; return what could be earned."""
    exercises = records.exercises_of(store)
    records.write(exercises, records.students(store), out)
    gradebook.write(exercises, records.students(store), out)
    feedback.write(exercises, records.students(store), out)
    classreport.write(exercises, records.students(store), out, store.seconds())
    return exercises


def _report(store: Store, out: Path, console: Console) -> None:
    exercises = write_reports(store, out)
    _print_gradebook(exercises, records.students(store), console)
    changed = changes.write(records.changes(store), out)
    if changed:
        console.print(Text(f"Since the last run something changed for {changed}: {changes.FILE}"))
    files = f"{gradebook.FILE}, {classreport.FILE}, {records.FILE}, {feedback.FOLDER}/"
    console.print(Text(f"Wrote {out}: {files}"))


def _print_gradebook(
    exercises: dict[str, Any], students: Iterable[dict[str, Any]], console: Console
) -> None:
    students = iter(students)
    shown = list(itertools.islice(students, SHOWN))
    columns = [name for name in exercises if any(s["exercises"][name] is not None for s in shown)]
    table = Table(title="Gradebook", title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("student", overflow="fold")
    for name in columns:
        table.add_column(name.replace("_", "\n"), justify="right")
    table.add_column("total", justify="right")
    for student in shown:
        points = (student["exercises"][name] for name in columns)
        cells = ["–" if earned is None else str(earned) for earned in points]
        table.add_row(Text(student["student"]), *cells, str(student["total"]))
    console.print(table)
    console.print("– not handed in (0 points)")
    left_out = [name for name in exercises if name not in columns]
    if left_out:
        console.print(f"Handed in by nobody here: {', '.join(left_out)}")
    more = sum(1 for _ in students)
    if more:
        console.print(f"and {more} more students")
    for student in shown:
        if student["problems"]:
            console.print(Text(f"{student['student']}: {'; '.join(student['problems'])}"))
