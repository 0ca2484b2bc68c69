"""How fast a class is graded, beside two public graders on the same five checks.

Run with `python benchmarks/grading.py`; `--quick` is short, `--full` also grades a class of
10,000. In each round all graders are measured in turn, so that the ratios hold when the
machine's speed drifts. What a grader needs to start is told apart from what it needs for
each submission: that is the slope between one submission and many. All are given the same
code, and the last student's has a mistake, so that the scores prove that the tests are run.
"""

import argparse
import csv
import importlib.metadata
import json
import os
import platform
import shutil
import statistics
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from peers.assignment import CHECKS, without_marks
from peers.cost import Cost, Rate, cost, expect, rate
from peers.environment import Environment
from peers.nbgrader_course import NbgraderCourse
from peers.otter_assignment import OtterAssignment

from autograder.catalogue import EXERCISES, find_check

ROOT = Path(__file__).resolve().parent.parent
OURS = "autograder grade"
PEERS: dict[str, tuple[str, type[NbgraderCourse] | type[OtterAssignment]]] = {
    "nbgrader": ("nbgrader", NbgraderCourse),
    "otter": ("otter-grader", OtterAssignment),
}
"""The distribution and the assignment of each of the other graders."""

MEAN, SUM = "np.mean((predictions - targets) ** 2)", "np.sum((predictions - targets) ** 2)"
MISTAKEN = "losses.mse_loss_is_a_mean_of_squares"
"""The check that the last student's mistake fails."""


def text_of(exercise: str) -> str:
    """Return the text of the reference."""
    return (ROOT / "solutions" / f"{exercise}.py").read_text(encoding="utf-8")


def losses(students: int) -> list[str]:
    """Return a module a student, each with a comment of its own; the last has the mistake."""
    right = without_marks(text_of("losses"))
    if right.count(MEAN) != 1:
        raise ValueError(f"solutions/losses.py must hold {MEAN!r} once")
    modules = [right] * (students - 1) + [right.replace(MEAN, SUM)]
    return [f"{module}\n# student {number}\n" for number, module in enumerate(modules)]


class Class:
    """A class in a folder, a .zip a student, for our grader.

    Parameters
    ----------
    folder : Path
        Is made.
    modules : sequence of str
        What each student writes in `losses`: all are right but the last.
    checks : sequence of str
        The ids of those to grade; what they need besides `losses` everybody has from
        the reference.
    """

    def __init__(self, folder: Path, modules: Sequence[str], checks: Sequence[str]) -> None:
        self._folder, self._out = folder, folder.with_name(f"{folder.name}-results")
        self._students, self._checks = len(modules), checks
        needed = dict.fromkeys(find_check(check).exercise for check in checks)
        others = {name: text_of(name) for name in needed if name != "losses"}
        folder.mkdir(parents=True)
        for number, text in enumerate(modules):
            with zipfile.ZipFile(folder / f"{number}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
                for name, module in {"losses": text, **others}.items():
                    archive.writestr(f"{name}.py", module)

    def cost(self) -> Cost:
        """Grade the class and return what it costs."""
        shutil.rmtree(self._out, ignore_errors=True)  # what has been graded isn't graded again
        command = [sys.executable, "-m", "autograder", "grade", str(self._folder)]
        command += ["--out", str(self._out), "--secret", f"{self._out}.secret"]
        command += [word for check in self._checks for word in ("--check", check)]
        return cost(command, ROOT, {**os.environ, "OPENBLAS_NUM_THREADS": "1"})

    def prove(self) -> None:
        """Leave if the students have other scores than they should."""
        with (self._out / "grades.csv").open(encoding="utf-8-sig", newline="") as file:
            rows = sorted(csv.DictReader(file), key=lambda row: int(row["student"]))
        right = sum(find_check(check).points for check in self._checks)
        wanted = [*[right] * (self._students - 1), right - find_check(MISTAKEN).points]
        expect(OURS, [int(row["total"]) for row in rows], wanted)

    def isolation(self) -> str:
        """Return how students' code was kept apart."""
        results = json.loads((self._out / "results.json").read_text(encoding="utf-8"))
        attempts = [one for student in results["students"] for one in student["attempts"]]
        return ", ".join(sorted({attempt["isolation"] for attempt in attempts}))


class Ours:
    """Our grader on the five checks.

    Parameters
    ----------
    folder : Path
        Is made.
    students : int
    """

    def __init__(self, folder: Path, students: int) -> None:
        self.students = students
        self._one = Class(folder / "one", losses(2)[:1], list(CHECKS))
        self.all = Class(folder / "all", losses(students), list(CHECKS))

    def rates(self) -> list[Rate]:
        """Measure one student against all of them."""
        return [rate(OURS, self._one.cost(), self.all.cost(), self.students)]

    def prove(self) -> None:
        """Leave if the students have other scores than they should."""
        self.all.prove()


def compared(rounds: Sequence[Sequence[Rate]]) -> list[dict[str, Any]]:
    """Return a row a grader: medians over the rounds, and how many times ours it needs.

    Parameters
    ----------
    rounds : sequence of sequence of Rate
        Of each round the rates of the same graders, ours first.

    Returns
    -------
    list of dict
        A ratio is [median, smallest, largest].
    """
    rows = []
    for rates in zip(*rounds, strict=True):
        row: dict[str, Any] = {"grader": rates[0].grader}
        for used in ("processor", "wall"):
            starts = [getattr(rate.start, used) for rate in rates if rate.start]
            each = [getattr(rate.each, used) for rate in rates]
            ours = [getattr(first.each, used) for first, *_ in rounds]
            ratios = [their / our for their, our in zip(each, ours, strict=True)]
            row[f"start_{used}_seconds"] = statistics.median(starts) if starts else None
            row[f"each_{used}_seconds"] = statistics.median(each)
            row[f"times_ours_{used}"] = [statistics.median(ratios), min(ratios), max(ratios)]
        row["largest_process_mib"] = max(rate.each.peak for rate in rates)
        rows.append(row)
    return rows


def print_compared(rows: Sequence[dict[str, Any]]) -> None:
    """Print what `compared` returned."""
    print(f"\n{'five checks':20}{'to start':>16}{'each':>20}{'a second':>12}{'largest':>12}")
    print(f"{'':20}{'CPU s':>8}{'s':>8}{'CPU ms':>10}{'ms':>10}{'':12}{'MiB':>12}")
    for row in rows:
        cells = ""
        for used in ("processor", "wall"):
            start = row[f"start_{used}_seconds"]
            cells += f"{'in each':>8}" if start is None else f"{start:>8.2f}"
        for used in ("processor", "wall"):
            cells += f"{1e3 * row[f'each_{used}_seconds']:>10.1f}"
        cells += f"{1 / row['each_wall_seconds']:>12.2f}{row['largest_process_mib']:>12.0f}"
        print(f"{row['grader']:20}{cells}")
    if not rows[1:]:
        return
    print(f"\n{'times ours, each':20}{'CPU seconds':>24}{'seconds':>24}")
    for row in rows[1:]:
        cells = ""
        for used in ("processor", "wall"):
            median, least, most = row[f"times_ours_{used}"]
            cells += f"{f'{median:.1f} ({least:.1f} to {most:.1f})':>24}"
        print(f"{row['grader']:20}{cells}")


def graded(folder: Path, students: int) -> dict[str, Any]:
    """Grade a class on every check but the training of the project's classifier; return a row."""
    checks = [check for exercise in EXERCISES.values() for check in exercise.checks]
    ids = [check.id for check in checks if check.function != "train_classifier"]
    group = Class(folder, losses(students), ids)
    used = group.cost()
    group.prove()
    return {
        "submissions": students,
        "checks": len(ids),
        "processor_seconds": used.processor,
        "wall_seconds": used.wall,
        "largest_process_mib": used.peak,
        "isolation": group.isolation(),
    }


def print_graded(rows: Sequence[dict[str, Any]]) -> None:
    """Print what `graded` returned."""
    head = f"{'a class of':20}{'checks':>8}{'s':>8}{'a second':>12}"
    print(f"\n{head}{'CPU ms each':>14}{'largest MiB':>14}")
    for row in rows:
        students, wall = row["submissions"], row["wall_seconds"]
        cells = f"{row['checks']:>8}{wall:>8.1f}{students / wall:>12.1f}"
        cells += f"{1e3 * row['processor_seconds'] / students:>14.1f}"
        print(f"{students:<20,}{cells}{row['largest_process_mib']:>14.0f}")


def machine() -> dict[str, Any]:
    """Return what the numbers depend on."""
    about = Path("/proc/cpuinfo")
    lines = about.read_text(encoding="utf-8").splitlines() if about.exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return {
        "processor": models[0] if models else platform.processor(),
        "processors": os.cpu_count(),
        "load before": round(os.getloadavg()[0], 2),
        "system": platform.platform(),
        "python": platform.python_version(),
        "numpy": importlib.metadata.version("numpy"),
        "autograder": importlib.metadata.version("downhill-course"),
    }


def _installing(peer: str) -> str:
    home = f".cache/{peer}"
    needed = f"benchmarks/peers/{peer}.txt"
    return f"python3 -m venv {home} && {home}/bin/python -m pip install -r {needed}"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--quick", action="store_true", help="two rounds with small classes")
    length.add_argument("--full", action="store_true", help="grade a class of 10,000, too")
    for name, (package, _) in PEERS.items():
        home = ROOT / ".cache" / name / "bin" / "python"
        help = f"the Python that has {package}; default: {home.relative_to(ROOT)}"
        parser.add_argument(f"--{name}", type=Path, default=home, metavar="PYTHON", help=help)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the rows here")
    return parser.parse_args()


def main() -> int:
    """Measure, print the tables, and write the rows if asked to."""
    options = _options()
    few, many, rounds = (3, 100, 2) if options.quick else (6, 1000, 5)
    sizes = [100] if options.quick else [100, 1000, 10_000] if options.full else [100, 1000]
    about = machine()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ours = Ours(folder / "ours", many)
        graders: list[Ours | NbgraderCourse | OtterAssignment] = [ours]
        for peer, (package, assignment) in PEERS.items():
            environment = Environment(package, getattr(options, peer), folder / "home")
            about[package] = environment.version() or "not measured"
            if environment.version():
                modules = losses(few)
                graders.append(assignment(folder / peer, environment, text_of("losses"), modules))
            else:
                print(f"not measured: {package}; to install it: {_installing(peer)}")
        measured = []
        for number in range(rounds + 1):
            rates = [rate for grader in graders for rate in grader.rates()]
            if number:  # the first fills the caches
                measured.append(rates)
        for grader in graders:
            grader.prove()
        rows = compared(measured)
        about["isolation"] = ours.all.isolation()
        print("\n".join(f"{name:14}{value}" for name, value in about.items()))
        print_compared(rows)
        print(f"{rounds} rounds; ours graded {many:,} submissions, the others {few}")
        classes = [graded(folder / f"class-{size}", size) for size in sizes]
        print_graded(classes)
    if options.json:
        results = {"machine": about, "rounds": rounds, "graders": rows, "classes": classes}
        options.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
