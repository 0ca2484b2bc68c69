"""Grade submissions: seeds, the sandbox, and the judgement outside of it."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from pathlib import Path

from autograder.authoring.variants import LiveFingerprints, Variants
from autograder.catalogue import EXERCISES
from autograder.core import frozen
from autograder.core.exercise import Check
from autograder.core.explain import Namer, Verdict, judge
from autograder.core.mistakes import Mistake, name_mistake
from autograder.core.observe import Seen
from autograder.grading.sandbox import Limits, Task, WorkerBroken, observe_in_sandbox
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
        self._variants = Variants(solutions)
        self._reference = self._variants.reference
        for name in self.exercises:  # in this thread, and before any work
            self._reference.module(name)
            for mistake in self._variants.mistakes(name):
                self._variants.with_mistake(mistake)

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
        namer = self._namer(seen, seeds)
        judged = {}
        for check in checks:
            drawn, seed = prepared.get(check.id), seeds[check.id]
            kept = drawn.kept if drawn else None
            judged[check.id] = Judged(
                self._judge(check, seen.get(check.id), seed, kept, namer), seed
            )
        return Graded(submission, judged)

    def _namer(self, seen: dict[str, Seen], seeds: dict[str, int]) -> Namer:
        observations = {id: one.observation for id, one in seen.items() if one.outcome == "seen"}
        fingerprint = LiveFingerprints(self._variants, seeds)

        def namer(check: Check) -> Mistake | None:
            mistakes = self._variants.mistakes(check.exercise)
            checks = EXERCISES[check.exercise].checks
            return name_mistake(check, observations, checks, mistakes, fingerprint)

        return namer

    def grade_all(self, submissions: Iterable[Submission], jobs: int) -> Iterator[Graded]:
        """Yield the verdicts on many submissions, `jobs` at a time, as they are ready."""
        with ThreadPoolExecutor(jobs) as pool:
            waiting = {
                pool.submit(self.grade, submission): submission for submission in submissions
            }
            for done in as_completed(waiting):
                problem = done.exception()
                yield self._failed(waiting[done], problem) if problem else done.result()

    def _failed(self, submission: Submission, problem: BaseException) -> Graded:
        """Return what to record of a submission on which the grader itself failed."""
        if isinstance(problem, WorkerBroken) or not isinstance(problem, Exception):
            raise problem  # nobody could be graded
        what = f"{type(problem).__name__}: {problem}"[:300]
        sentence = f"the grader itself failed on this submission, please report it: {what}"
        seen = Seen("not run", reason="the grader itself failed")
        judged = {
            check.id: Judged(judge(check, seen, None), self.seed(submission, check))
            for check in self._checks()
        }
        return Graded(replace(submission, problems=[*submission.problems, sentence]), judged)

    def _checks(self) -> list[Check]:
        return [check for name in self.exercises for check in EXERCISES[name].checks]

    def _judge(
        self, check: Check, seen: Seen | None, seed: int, kept: object, namer: Namer
    ) -> Verdict:
        if seen is None:
            return judge(check, Seen("not attempted", reason=_not_handed_in(check)), None)
        expected = None
        if seen.outcome == "seen" and check.judge is None:
            expected = frozen.expected(check, self._reference, seed)
        return judge(check, seen, expected, kept, namer)


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
