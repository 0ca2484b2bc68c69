"""How fast a class is graded, and what it takes."""

from __future__ import annotations

import contextlib
import csv
import itertools
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from autograder.catalogue import EXERCISES, find_check
from autograder.grading.slots import why_not
from autograder.isolation.tiers import Tier
from benchmarks.machine import environment
from benchmarks.measure import (
    ROOT,
    Cost,
    Effort,
    Goal,
    Measured,
    NotMeasured,
    Row,
    Samples,
    cost,
    say,
)
from benchmarks.peers.assignment import CHECKS, without_marks
from benchmarks.peers.environment import Environment
from benchmarks.peers.nbgrader_course import NAME as NBGRADER
from benchmarks.peers.nbgrader_course import NbgraderCourse
from benchmarks.peers.otter_assignment import IN_A_LOOP, OtterAssignment
from benchmarks.peers.otter_assignment import NAME as OTTER
from benchmarks.peers.rate import Rate, expect, slope
from benchmarks.rows.confinement import confinement
from benchmarks.rows.feedback import PART_ONE, SUM, with_a_mistake

OURS = "autograder grade"
PEERS = (
    ("nbgrader", "nbgrader", (NBGRADER,), NbgraderCourse),
    ("otter", "otter-grader", (OTTER, IN_A_LOOP), OtterAssignment),
)
"""The requirement file of each of the other graders, its distribution, lines and assignment."""
SMALL, BIG, HUGE = (f"{students:,} submissions" for students in (100, 1000, 10_000))
BARE = "the checks alone"
LOCAL, DASK = "here", "on the cluster"
MISTAKEN = "losses.mse_loss_is_a_mean_of_squares"
"""The check that the last student's mistake fails."""


def reference(exercise: str) -> str:
    """Return the text of the reference."""
    return (ROOT / "solutions" / f"{exercise}.py").read_text(encoding="utf-8")


def losses(students: int) -> list[str]:
    """Return a module a student, each with a comment of its own; the last has the mistake."""
    right = without_marks(reference("losses"))
    modules = [right] * (students - 1) + [with_a_mistake(right)]
    return [f"{module}\n# student {number}\n" for number, module in enumerate(modules)]


class Class:
    """A class in a folder, a .zip a student, for our grader.

    Parameters
    ----------
    folder : Path
        Is made.
    modules : sequence of str
        What each student writes in `losses`.
    checks : sequence of str
        The ids of those to grade; what they need besides `losses` everybody has from
        the reference.
    """

    def __init__(self, folder: Path, modules: Sequence[str], checks: Sequence[str]) -> None:
        self._folder, self._out = folder, folder.with_name(f"{folder.name}-results")
        self._checks = checks
        self._mistaken = [SUM in module for module in modules]
        needed = dict.fromkeys(find_check(check).exercise for check in checks)
        others = {name: reference(name) for name in needed if name != "losses"}
        folder.mkdir(parents=True)
        for number, text in enumerate(modules):
            with zipfile.ZipFile(folder / f"{number}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
                for name, module in {"losses": text, **others}.items():
                    archive.writestr(f"{name}.py", module)

    def cost(self, *options: str, orphans: bool = True) -> Cost:
        """Grade the class, see that everybody has the right score, and return what it costs."""
        shutil.rmtree(self._out, ignore_errors=True)  # what has been graded isn't graded again
        command = [sys.executable, "-m", "autograder", "grade", str(self._folder)]
        command += ["--out", str(self._out), "--secret", f"{self._out}.secret", *options]
        command += [word for check in self._checks for word in ("--check", check)]
        used = cost(command, ROOT, environment(), orphans=orphans)
        with (self._out / "grades.csv").open(encoding="utf-8-sig", newline="") as file:
            rows = sorted(csv.DictReader(file), key=lambda row: int(row["student"]))
        right = sum(find_check(check).points for check in self._checks)
        lost = find_check(MISTAKEN).points
        wanted = [right - lost if mistaken else right for mistaken in self._mistaken]
        expect(OURS, [int(row["total"]) for row in rows], wanted)
        return used


def checks_of_part_one() -> list[str]:
    """Return the ids of Part I's checks, but for the training of the project's classifier."""
    checks = [check for name in PART_ONE for check in EXERCISES[name].checks]
    return [check.id for check in checks if check.function != "train_classifier"]


def part_one(folder: Path, students: int) -> Class:
    """Return a class for `checks_of_part_one`."""
    return Class(folder, losses(students), checks_of_part_one())


def bare_checks(times: int) -> float:
    """Return the processor milliseconds of these checks in one plain process."""
    command = [sys.executable, "-m", "benchmarks.peers.bare_checks", f"{times}"]
    printed = cost([*command, *checks_of_part_one()], ROOT, environment()).printed
    found: list[float] = json.loads(printed)
    return statistics.median(found)


class Ours:
    """Our grader on the five checks, one student against many.

    Parameters
    ----------
    folder : Path
        Is made.
    students : int
    """

    def __init__(self, folder: Path, students: int) -> None:
        self._students = students
        self._one = Class(folder / "one", losses(2)[:1], [*CHECKS])
        self._all = Class(folder / "all", losses(students), [*CHECKS])

    def rates(self) -> list[Rate]:
        """Measure."""
        return [slope(OURS, self._one.cost(), self._all.cost(), self._students)]

    def prove(self) -> None:
        """Nothing is left to prove: the scores are looked at each time."""


def graders(effort: Effort) -> Measured:
    """Measure our grader in turn with others on the same five checks."""
    samples, versions = Samples(), {}
    few, many, rounds = effort.of(2, 4), effort.of(100, 1000), effort.of(1, 2, 5)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        found: list[Ours | NbgraderCourse | OtterAssignment] = [Ours(folder / "ours", many)]
        for peer, package, titles, kind in PEERS:
            try:
                home = Environment(peer, package)
                found.append(kind(folder / peer, home, reference("losses"), losses(few)))
                versions[package] = home.version
            except NotMeasured as why:
                for title, unit in itertools.product(titles, ("CPU ms each", "ms each")):
                    samples.miss(title, unit, str(why))
        for number in range(rounds):
            say(f"round {number + 1} of {rounds}")
            for rate in [rate for grader in found for rate in grader.rates()]:
                each = {"CPU_ms_each": 1e3 * rate.processor, "ms_each": 1e3 * rate.wall}
                samples.add(rate.grader, **each)
        for grader in found:
            grader.prove()
    return Measured(samples.lines(), versions)


def tiers(effort: Effort) -> Measured:
    """Grade a class in each tier; the slow one gets a fifth of the class."""
    samples = Samples()
    many, rounds = effort.of(50, 1000), effort.of(1, 2, 3)
    sizes = {tier: many // 5 if tier is Tier.PORTABLE else many for tier in Tier}
    with tempfile.TemporaryDirectory() as name:
        groups = {size: part_one(Path(name) / str(size), size) for size in set(sizes.values())}
        for number in range(rounds):
            say("the checks alone")
            samples.add(BARE, CPU_ms_each=bare_checks(effort.of(5, 200)))
            for tier, size in sizes.items():
                if reason := why_not(tier):
                    if number == 0:
                        samples.miss(tier, "submissions/s", reason)
                    continue
                say(f"{size:,} submissions in the tier {tier}")
                used = groups[size].cost("--isolation", tier, "--unsafe")
                each = 1e3 * used.processor / size
                samples.add(tier, **{"CPU_ms_each": each, "submissions/s": size / used.wall})
    return Measured(samples.lines())


def sizes(effort: Effort) -> Measured:
    """Grade classes of several sizes in the best tier that holds."""
    samples = Samples()
    with tempfile.TemporaryDirectory() as name:
        for students in [100, 1000, 10_000][: effort.of(1, 2, 3)]:
            say(f"a class of {students:,}")
            used = part_one(Path(name) / str(students), students).cost("--unsafe")
            each = 1e3 * used.processor / students
            samples.add(
                f"{students:,} submissions", largest_process_MiB=used.peak, CPU_ms_each=each
            )
    return Measured(samples.lines())


@contextlib.contextmanager
def dask_cluster(folder: Path) -> Iterator[list[str]]:
    """Start a cluster of two workers here; yield the options that lead to it."""
    folder.mkdir()
    command = [sys.executable, str(ROOT / "tests" / "dask_cluster.py"), str(folder)]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            assert process.stdout
            facts = json.loads(process.stdout.readline())
            keys = [
                word
                for key in ("ca", "cert", "key")
                for word in (f"--tls-{key}", str(folder / f"{key}.pem"))
            ]
            yield ["--scheduler", facts["address"], *keys]
        finally:
            assert process.stdin
            process.stdin.close()  # by which it ends, and its workers with it
            process.wait()


def cluster(effort: Effort) -> Measured:
    """Grade a class here and on a dask cluster of two workers, in turn."""
    best = next(tier for tier in Tier if not why_not(tier))
    if best is Tier.PORTABLE:
        raise NotMeasured("workers of a cluster don't grade without a sandbox")
    samples = Samples()
    students, rounds = effort.of(40, 200), effort.of(1, 2)
    with tempfile.TemporaryDirectory() as name, dask_cluster(Path(name) / "keys") as there:
        group = part_one(Path(name) / "class", students)
        for number in range(rounds + 1):
            say(f"round {number} of {rounds}" if number else "filling the caches")
            for place, options in ((LOCAL, ["--jobs", "2"]), (DASK, there)):
                used = group.cost("--isolation", best, *options, orphans=False)
                if number:
                    samples.add(place, **{"submissions/s": students / used.wall})
    return Measured(samples.lines())


ROWS = (
    Row(
        "graders",
        "Grading five checks, beside other graders",
        "nbgrader and Otter-Grader are given the same five checks of `losses` in notebooks, and "
        "the same code. What a grader needs to start is told apart: a line is the slope between "
        "one submission and many. `otter run` takes one at a time. All scores are compared with "
        "what they should be. Ours is measured with its isolation on.",
        graders,
        (
            Goal(
                NBGRADER,
                "ms each",
                at_least=50.0,
                against=OURS,
                why="Half of our lead is that all processors work: with one, the ratio is that of "
                "the processor's time",
            ),
            Goal(
                NBGRADER,
                "CPU ms each",
                at_least=50.0,
                against=OURS,
                why="The checks themselves cost the same everywhere",
            ),
        ),
    ),
    Row(
        "tiers",
        "Grading Part I in each tier",
        "The whole command, from reading the submissions to the class report, with all of Part I's "
        "checks but the training of the project's classifier. The last tier, which starts a Python "
        "for each submission, gets a fifth of the class. The floor is the same modules, compiled, "
        "imported and checked again and again in one plain process, where nothing is confined, "
        "compared or written.",
        tiers,
        (
            Goal(
                Tier.FULL,
                "submissions/s",
                at_least=60.0,
                why="The checks alone take a good part of what the goal allows for everything on "
                "two processors, 33 ms each; the rest is a process of its own for every "
                "submission, whose memory is cold, the judgment and the reports",
            ),
        ),
    ),
    confinement,
    Row(
        "sizes",
        "Memory and time against the size of the class",
        "The same command in the best tier that holds. `--full` adds the largest class.",
        sizes,
        (
            Goal(BIG, "largest process MiB", at_most=1.25, against=SMALL),
            Goal(BIG, "CPU ms each", at_most=1.25, against=SMALL),
            Goal(
                HUGE,
                "largest process MiB",
                at_most=1.25,
                against=SMALL,
                why="About 5 kB stay with each submission; what they are is not tracked down yet",
            ),
            Goal(HUGE, "CPU ms each", at_most=1.25, against=SMALL),
        ),
    ),
    Row(
        "cluster",
        "A dask cluster on the same machine",
        "Two workers and their scheduler beside two processes of the command's own. On one machine "
        "a cluster can't win: the row says what its messages, keys and scheduler cost.",
        cluster,
    ),
)
