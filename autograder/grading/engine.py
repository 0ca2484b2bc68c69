"""Grade submissions: seeds, the sandbox, and the judgement outside of it."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path

from autograder.catalogue import EXERCISES
from autograder.core import frozen
from autograder.core.exercise import Check
from autograder.core.explain import Verdict, judge
from autograder.core.observe import Seen
from autograder.core.workbook import Workbook
from autograder.grading.sandbox import Limits, Task, observe_in_sandbox
from autograder.grading.submissions import Submission


@dataclass(frozen=True)
class Judged:
    """A verdict and the seed of the draw it rests on."""

    verdict: Verdict
    seed: int


@dataclass(frozen=True)
class Graded:
    """All verdicts on a submission.

    Attributes
    ----------
    submission : Submission
    judged : dict of str to Judged
        By the check's id; one for every check of every exercise graded.
    """

    submission: Submission
    judged: dict[str, Judged] = field(default_factory=dict)

    def points(self, exercise: str) -> int:
        """Return what was earned in an exercise."""
        return sum(
            judged.verdict.points
            for judged in self.judged.values()
            if judged.verdict.check.exercise == exercise
        )

    @property
    def total(self) -> int:
        """What was earned in all."""
        return sum(judged.verdict.points for judged in self.judged.values())


class Grader:
    """Judges what the sandbox sees against the reference.

    Parameters
    ----------
    solutions : Path
        The folder of the reference.
    secret : bytes
        The course's secret, from which hidden draws are derived.
    exercises : iterable of str, optional
        Which exercises to grade; all by default.
    limits : Limits, optional
        For each submission.
    """

    def __init__(
        self,
        solutions: Path,
        secret: bytes,
        exercises: Iterable[str] | None = None,
        limits: Limits | None = None,
    ) -> None:
        self.exercises = list(EXERCISES) if exercises is None else list(exercises)
        self._secret = secret
        self._limits = limits or Limits()
        self._reference = Workbook(solutions, EXERCISES)
        for name in self.exercises:
            self._reference.module(name)  # in this thread, and before any work

    def seed(self, submission: Submission, check: Check) -> int:
        """Return the hidden draw of a check for a submission.

        Nobody without the secret can predict it, and the same files get the
        same draw again.
        """
        message = f"{submission.digest} {check.id}".encode()
        return int.from_bytes(hmac.digest(self._secret, message, hashlib.sha256)[:6], "big")

    def grade(self, submission: Submission, seeds: dict[str, int] | None = None) -> Graded:
        """Return the verdicts on one submission.

        Parameters
        ----------
        submission : Submission
        seeds : dict of str to int, optional
            Draws by the check's id, to repeat recorded ones; only these checks
            are run. By default every check, each with its hidden draw.
        """
        if seeds is None:
            seeds = {check.id: self.seed(submission, check) for check in self._checks()}
        checks = [check for check in self._checks() if check.id in seeds]
        prepared = {
            check.id: check.prepared(seeds[check.id])
            for check in checks
            if check.exercise in submission.files
        }
        tasks = [
            Task(check, check.inner_seed(seeds[check.id]), drawn.inputs if drawn else None)
            for check in checks
            if check.exercise in submission.files
            for drawn in [prepared[check.id]]
        ]
        seen = observe_in_sandbox(submission.files, tasks, self._limits) if tasks else {}
        judged = {}
        for check in checks:
            drawn = prepared.get(check.id)
            verdict = self._judge(check, seen.get(check.id), seeds[check.id], drawn and drawn.kept)
            judged[check.id] = Judged(verdict, seeds[check.id])
        return Graded(submission, judged)

    def grade_all(self, submissions: Iterable[Submission], jobs: int) -> Iterator[Graded]:
        """Yield the verdicts on many submissions, `jobs` at a time, as they are ready."""
        with ThreadPoolExecutor(jobs) as pool:
            waiting = [pool.submit(self.grade, submission) for submission in submissions]
            for done in as_completed(waiting):
                yield done.result()

    def _checks(self) -> list[Check]:
        return [check for name in self.exercises for check in EXERCISES[name].checks]

    def _judge(self, check: Check, seen: Seen | None, seed: int, kept: object) -> Verdict:
        if seen is None:
            return judge(check, Seen("not attempted", reason=_not_handed_in(check)), None)
        expected = None
        if seen.outcome == "seen" and check.judge is None:
            expected = frozen.expected(check, self._reference, seed)
        return judge(check, seen, expected, kept)


def _not_handed_in(check: Check) -> str:
    return f"{check.exercise}.py was not handed in"


def course_secret(path: Path) -> bytes:
    """Return the course's secret, making one if there is none yet.

    Parameters
    ----------
    path : Path
        A file that only instructors can read. Keep it: with it a regrade
        repeats every draw.

    Raises
    ------
    ValueError
        If the file is too short to be a secret.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(32) + "\n", encoding="ascii")
    secret = path.read_bytes().strip()
    if len(secret) < 16:
        raise ValueError(f"{path} is too short for a secret: delete it, and a new one is made")
    return secret
