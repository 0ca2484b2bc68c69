"""How long a learner waits for an answer."""

from __future__ import annotations

import contextlib
import io
import re
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from autograder.catalogue import EXERCISES
from benchmarks.machine import environment
from benchmarks.measure import ROOT, Effort, Goal, Measured, NotMeasured, Row, Samples, cost, say

BARE = "bare pytest"
BARE_TEST = "import numpy as np\n\n\ndef test_nothing():\n    pass\n"
STUBS, WRONG = "untouched stubs", "one wrong exercise"
RIGHT, ALL_RIGHT = "the reference, Part I", "the reference, everything"
PART_ONE = tuple(EXERCISES)[:7]
LIKE_A_LEARNERS = environment(PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")
"""Without the plugins of pytest that only developers of the course have."""
MEAN, SUM = "np.mean((predictions - targets) ** 2)", "np.sum((predictions - targets) ** 2)"

WHY = (
    "What is left is the import of the checks and NumPy's random generators, pytest's own time for "
    "a hundred tests, and the checks themselves; the bare pytest, too, has no plugins"
)


def with_a_mistake(losses: str) -> str:
    """Return the text of the reference of `losses` with a sum where a mean belongs."""
    if losses.count(MEAN) != 1:
        raise ValueError(f"solutions/losses.py must hold {MEAN!r} once")
    return losses.replace(MEAN, SUM)


class Learners:
    """Folders of learners, and the command that checks the work in each.

    Parameters
    ----------
    folder : Path
        They are made there.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._make("stubs")
        self._make("wrong", "losses")
        self._make("right", *EXERCISES)
        losses = folder / "wrong/exercises/losses.py"
        losses.write_text(with_a_mistake(losses.read_text(encoding="utf-8")), encoding="utf-8")
        (folder / "bare").mkdir()
        (folder / "bare/test_bare.py").write_text(BARE_TEST, encoding="utf-8")
        part_one = [f"exercises/test_{name}.py" for name in PART_ONE]
        no_training = ["-k", "not train_classifier"]
        self.commands = {
            BARE: self._pytest("bare", "test_bare.py"),
            STUBS: self._pytest("stubs", "exercises"),
            WRONG: self._pytest("wrong", "exercises"),
            RIGHT: self._pytest("right", *part_one, *no_training),
            ALL_RIGHT: self._pytest("right", "exercises", *no_training),
        }

    def _make(self, name: str, *solved: str) -> None:
        folder = self._folder / name
        shutil.copytree(
            ROOT / "exercises", folder / "exercises", ignore=shutil.ignore_patterns("__pycache__")
        )
        shutil.copy(ROOT / "pyproject.toml", folder)
        for exercise in solved:
            shutil.copy(ROOT / "solutions" / f"{exercise}.py", folder / "exercises")

    def _pytest(self, name: str, *arguments: str) -> tuple[list[str], Path]:
        return [sys.executable, "-m", "pytest", "-q", *arguments], self._folder / name


def feedback(effort: Effort) -> Measured:
    """Measure `pytest exercises/` in turn with a bare pytest."""
    samples = Samples()
    rounds = effort.of(2, 7, 9)
    with tempfile.TemporaryDirectory() as name:
        learners = Learners(Path(name))
        for number in range(rounds + 1):
            say(f"round {number} of {rounds}" if number else "filling the caches")
            for case, (command, folder) in learners.commands.items():
                used = cost(command, folder, LIKE_A_LEARNERS, may_return=(0, 1))
                if number:
                    samples.add(case, CPU_s=used.processor, s=used.wall)
    return Measured(samples.lines())


def instructions(effort: Effort) -> Measured:
    """Count the instructions of the same commands, a processor each."""
    valgrind = shutil.which("valgrind")
    if not valgrind:
        raise NotMeasured("it takes valgrind, which isn't installed")
    variables = {**LIKE_A_LEARNERS, "PYTHONHASHSEED": "0"}
    with tempfile.TemporaryDirectory() as name:
        learners = Learners(Path(name))
        for command, folder in learners.commands.values():  # the caches
            cost(command, folder, variables, may_return=(0, 1))

        def count(case: str) -> float:
            command, folder = learners.commands[case]
            tool = [valgrind, "--tool=callgrind", f"--callgrind-out-file={name}/%p.out"]
            say(f"counting: {case}")
            # Not `cost`, which reaps whatever ends: two are counted at a time.
            done = subprocess.run(
                [*tool, *command],
                cwd=folder,
                env=variables,
                capture_output=True,
                text=True,
                check=False,
            )
            found = re.search(r"Collected : (\d+)", done.stderr)
            if done.returncode not in (0, 1) or not found:
                raise RuntimeError(f"{case}: {done.stdout}{done.stderr}")
            return int(found[1]) / 1e9

        cases = [BARE, STUBS, RIGHT, WRONG][: effort.of(2, 3, 4)]
        with ThreadPoolExecutor(2) as pool:
            counts = list(pool.map(count, cases))
    samples = Samples()
    for case, found in zip(cases, counts, strict=True):
        samples.add(case, billion_instructions=found)
    return Measured(samples.lines())


def watch(effort: Effort) -> Measured:
    """Measure the answer of `autograder watch` to a save, for every exercise."""
    from autograder.commands.watch import POLL_SECONDS, Watch

    samples = Samples()
    rounds = effort.of(2, 9)
    with tempfile.TemporaryDirectory() as name:
        bare, folder = Learners(Path(name)).commands[BARE]
        exercises = Path(name) / "stubs/exercises"
        texts = {
            # With one wrong, so that the answer is a failure, and no training is waited for.
            exercise: (ROOT / "solutions" / f"{exercise}.py")
            .read_text(encoding="utf-8")
            .replace("np.array(predicted) == labels", "np.array(predicted) != labels")
            for exercise in EXERCISES
        }
        watch = Watch(exercises)
        for number in range(rounds + 1):
            times = {BARE: cost(bare, folder, LIKE_A_LEARNERS).wall}
            for exercise, text in texts.items():
                module = exercises / f"{exercise}.py"
                module.write_text(f"{text}\n# {number}\n", encoding="utf-8")
                start = time.perf_counter()
                with contextlib.redirect_stdout(io.StringIO()):
                    watch.current = exercise
                    watch.check()
                times[exercise] = time.perf_counter() - start + POLL_SECONDS
            if number:
                for case, seconds in times.items():
                    samples.add(case, ms=1e3 * seconds)
    return Measured(samples.lines())


ROWS = (
    Row(
        "feedback",
        "`pytest exercises/`",
        "All checks but the training of the project's classifier, beside a bare pytest that "
        "imports NumPy and runs one empty test.",
        feedback,
        (Goal(RIGHT, "CPU s", at_most=1.5, against=BARE, why=WHY),),
    ),
    Row(
        "instructions",
        "The same in instructions",
        "Counted by callgrind: a figure that doesn't depend on how busy the machine is. It counts "
        "the process itself, and none that it starts.",
        instructions,
        (Goal(RIGHT, "billion instructions", at_most=1.5, against=BARE, why=WHY),),
    ),
    Row(
        "watch",
        "`autograder watch` after a save",
        "From the save to the printed answer, with the longest wait for the next look at the "
        "folder.",
        watch,
        tuple(Goal(exercise, "ms", at_most=300.0) for exercise in EXERCISES),
    ),
)
