"""Grade a submission: hidden draws, a slot to run it in, and the judgement outside of it."""

from __future__ import annotations

import functools
import hashlib
import hmac
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from autograder.authoring.variants import LiveFingerprints, Variants
from autograder.catalogue import EXERCISES, find_check
from autograder.core.exercise import Check, Prepared
from autograder.core.explain import Namer, Verdict, judge
from autograder.core.mistakes import Mistake, name_mistake
from autograder.core.observe import Seen
from autograder.core.plain import dumps
from autograder.grading.frames import Answer
from autograder.grading.sandbox import Task, observe_in_sandbox
from autograder.grading.slots import Limits, SlotBroken, open_slot
from autograder.grading.submissions import Submission
from autograder.isolation.kernel import NotConfined
from autograder.isolation.tiers import Tier

DRAWS = 32
"""Hidden draws of a check in a course: of each, the reference is run once."""

DRAWS_OUTSIDE = 4
"""The same, of a check whose inputs are drawn outside: they are large, and kept."""


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
    tier : Tier
        What confined its code.
    judged : dict of str to Judged
        By the check's id; one for every check graded.
    problems : list of str
        What went wrong on the grader's side.
    final : bool
        False if it is better graded again: the grader or the clock was at fault.
    seconds : float
        Processor time that its code has used.
    """

    submission: Submission
    tier: Tier
    judged: dict[str, Judged] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    final: bool = True
    seconds: float = 0.0

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


def checks_of(names: Iterable[str] | None) -> list[Check]:
    """Return the checks of exercises, or single ones, in the course's order.

    Parameters
    ----------
    names : iterable of str or None
        Exercises' names and checks' ids; None for all.

    Raises
    ------
    LookupError
        If there is no such exercise or check.
    """
    everything = [check for exercise in EXERCISES.values() for check in exercise.checks]
    if names is None:
        return everything
    wanted = set(names)
    for name in sorted(wanted - set(EXERCISES)):
        find_check(name)
    return [check for check in everything if wanted & {check.id, check.exercise}]


class Grader:
    """Judges what a slot's processes see against the reference.

    Parameters
    ----------
    solutions : Path
        The folder of the reference.
    secret : bytes
        The course's secret, from which hidden draws are derived.
    names : iterable of str, optional
        Which exercises or checks to grade; all by default.
    limits : Limits, optional
        For each submission.
    tier : Tier
        What confines the submissions.
    outside : sequence of Path
        What students' code must not reach, besides the reference.

    Raises
    ------
    NotConfined
        If the tier doesn't hold here.
    """

    def __init__(
        self,
        solutions: Path,
        secret: bytes,
        names: Iterable[str] | None = None,
        limits: Limits | None = None,
        tier: Tier = Tier.FULL,
        outside: Sequence[Path] = (),
    ) -> None:
        self.checks = checks_of(names)
        self._secret = secret
        self._limits = limits or Limits()
        self._variants = Variants(solutions)
        for name in {check.exercise for check in self.checks}:
            self._variants.reference.module(name)  # what is wrong with it is said at once
            self._variants.mistakes(name)
        self._raw: dict[tuple[str, int], bytes] = {}
        self._prepared = functools.lru_cache(4 * DRAWS_OUTSIDE)(_prepare)
        self._draw = functools.cache(self._draw_seed)
        self.tier = tier
        self._slot = open_slot(tier, [solutions, *outside])

    def __enter__(self) -> Grader:
        return self

    def __exit__(self, *problem: object) -> None:
        self.close()

    def close(self) -> None:
        """End the slot."""
        self._slot.close()

    def seed(self, submission: Submission, check: Check) -> int:
        """Return the hidden draw of a check for a submission.

        Nobody without the secret can predict it, and the same files get the
        same draw again.
        """
        draws = DRAWS_OUTSIDE if check.prepare else DRAWS
        draw = self._number(f"which {submission.digest} {check.id}") % draws
        return self._draw(draw, check.id)

    def _draw_seed(self, draw: int, check_id: str) -> int:
        return self._number(f"draw {draw} {check_id}")

    def _number(self, message: str) -> int:
        return int.from_bytes(
            hmac.digest(self._secret, message.encode(), hashlib.sha256)[:6], "big"
        )

    def grade(self, submission: Submission, seeds: dict[str, int] | None = None) -> Graded:
        """Return the verdicts on one submission.

        A fault of the grader's own costs this submission only, and is said.

        Parameters
        ----------
        submission : Submission
        seeds : dict of str to int, optional
            Draws by the check's id, to repeat recorded ones; only these checks
            are run. By default every check, each with its hidden draw.

        Raises
        ------
        NotConfined, SlotBroken
            If nobody can be graded.
        """
        if seeds is None:
            seeds = {check.id: self.seed(submission, check) for check in self.checks}
        try:
            return self._graded(submission, seeds)
        except (NotConfined, SlotBroken):
            raise
        except Exception as problem:
            return self._failed(submission, seeds, problem)

    def _graded(self, submission: Submission, seeds: dict[str, int]) -> Graded:
        checks = [check for check in self.checks if check.id in seeds]
        run = [check for check in checks if check.exercise in submission.files]
        prepared = {
            check.id: self._prepared(check.id, seeds[check.id]) if check.prepare else None
            for check in run
        }
        tasks = [
            Task(check, check.inner_seed(seeds[check.id]), drawn.inputs if drawn else None)
            for check in run
            for drawn in [prepared[check.id]]
        ]
        before = self._slot.seconds
        answers = observe_in_sandbox(self._slot, submission.modules, tasks, self._limits)
        seconds = self._slot.seconds - before
        seen = {check.id: self._seen(check, answers[check.id], seeds[check.id]) for check in run}
        namer = self._namer(seen, seeds)
        judged = {}
        for check in checks:
            if check.id in seen:
                drawn = prepared[check.id]
                kept = drawn.kept if drawn else None
                verdict = self._verdict(check, seen[check.id], seeds[check.id], kept, namer)
            else:
                reason = f"{check.exercise}.py was not handed in"
                verdict = judge(check, Seen("not attempted", reason=reason), None)
            judged[check.id] = Judged(verdict, seeds[check.id])
        final = all(answer.sure for answer in answers.values())
        return Graded(submission, self.tier, judged, final=final, seconds=seconds)

    def _seen(self, check: Check, answer: Answer, seed: int) -> Seen:
        """Return what was seen; bytes that are the reference's own need no decoding."""
        if answer.seen.outcome == "seen" and check.judge is None:
            expected = self._variants.expected(check, seed)
            key = (check.id, seed)
            if key not in self._raw:
                self._raw[key] = dumps(expected)
            if answer.raw == self._raw[key]:
                return replace(answer.seen, observation=expected)
        return answer.observed()

    def _verdict(self, check: Check, seen: Seen, seed: int, kept: Any, namer: Namer) -> Verdict:
        expected = None
        if seen.outcome == "seen" and check.judge is None:
            expected = self._variants.expected(check, seed)
        return judge(check, seen, expected, kept, namer)

    def _namer(self, seen: dict[str, Seen], seeds: dict[str, int]) -> Namer:
        observations = {id: one.observation for id, one in seen.items() if one.outcome == "seen"}
        fingerprint = LiveFingerprints(self._variants, seeds)

        def namer(check: Check) -> Mistake | None:
            mistakes = self._variants.showing(check)
            checks = EXERCISES[check.exercise].checks
            return name_mistake(check, observations, checks, mistakes, fingerprint)

        return namer

    def _failed(self, submission: Submission, seeds: dict[str, int], problem: Exception) -> Graded:
        """Return what to record of a submission on which the grader itself failed."""
        what = f"{type(problem).__name__}: {problem}"[:300]
        sentence = f"the grader itself failed on this submission, please report it: {what}"
        seen = Seen("not run", reason="the grader itself failed")
        judged = {
            check.id: Judged(judge(check, seen, None), seeds[check.id])
            for check in self.checks
            if check.id in seeds
        }
        return Graded(submission, self.tier, judged, problems=[sentence], final=False)


def _prepare(check_id: str, seed: int) -> Prepared | None:
    return find_check(check_id).prepared(seed)


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
