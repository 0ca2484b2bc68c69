"""Runs visible draws where the learner is: under pytest, in a terminal, in a browser."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from autograder.catalogue import EXERCISES, find_check
from autograder.core import frozen
from autograder.core.exercise import VISIBLE_SEED, Check, Prepared
from autograder.core.explain import Verdict, judge
from autograder.core.mistakes import Mistake, name_mistake
from autograder.core.observe import Seen, TooSlow, is_stub, observe, raised
from autograder.core.workbook import Workbook
from autograder.learner.hints import NoHint, hint
from autograder.learner.watchdog import time_limit


class Unsolved(Exception):
    """A check that did not pass.

    Attributes
    ----------
    verdict : Verdict
        Why.
    """

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.headline)
        self.verdict = verdict


TimeLimit = Callable[[float], AbstractContextManager[None]]
"""Makes a block that raises `TooSlow` if it takes longer than so many seconds."""

Draw = Callable[[int], Prepared | None]
"""Makes what a check prepares of a seed."""


class Verifier:
    """Runs visible draws in this process.

    Parameters
    ----------
    work : Path
        The folder with the learner's modules.
    exercises : Path
        The folder with the frozen observations.
    limit : callable
        What ends a check that takes too long, where this process can.
    """

    def __init__(self, work: Path, exercises: Path, limit: TimeLimit = time_limit) -> None:
        self.workbook = Workbook(work, EXERCISES)
        self._exercises = exercises
        self._limit = limit
        self._frozen: dict[str, dict[str, Any]] = {}
        self._prints: dict[str, frozen.FrozenFingerprints] = {}
        self._seen: dict[str, Seen] = {}
        self._too_slow: dict[tuple[str, str], str] = {}

    def __call__(self, check: Check) -> None:
        """Run a check.

        Raises
        ------
        Unsolved
            If it does not pass.
        """
        verdict = self.verdict(check)
        if verdict.outcome != "correct":
            raise Unsolved(verdict)

    def verdict(self, check: Check) -> Verdict:
        """Run a check and judge what was seen."""
        draw = functools.cache(check.prepared)
        seen = self._look(check, draw)
        prepared = draw(VISIBLE_SEED) if seen.outcome == "seen" else None
        self._seen[check.id] = seen
        expected = None
        if seen.outcome == "seen" and not check.judge:
            expected = self._reference(check.exercise)[check.name]
        return judge(check, seen, expected, prepared.kept if prepared else None, self._name)

    def hint(self, verdict: Verdict) -> str:
        """Return the first hint for a failure: of the mistake, if one was named."""
        check = verdict.check
        if verdict.mistake:
            prints = self._fingerprints(check.exercise)
            return next(m.hint for m in prints.mistakes if m.id == verdict.mistake)
        try:
            return hint(self._exercises, check.exercise, check.function).where
        except NoHint:
            return f"The chapter has a section on it: {check.read}."

    def _fingerprints(self, exercise: str) -> frozen.FrozenFingerprints:
        if exercise not in self._prints:
            self._prints[exercise] = frozen.read_mistakes(
                self._exercises, EXERCISES[exercise], self._reference(exercise)
            )
        return self._prints[exercise]

    def _reference(self, exercise: str) -> dict[str, Any]:
        if exercise not in self._frozen:
            self._frozen[exercise] = frozen.read(self._exercises, EXERCISES[exercise])
        return self._frozen[exercise]

    def _name(self, check: Check) -> Mistake | None:
        """Return the known mistake that a failed check shows, if one alone fits."""
        exercise = EXERCISES[check.exercise]
        prints = self._fingerprints(check.exercise)
        return name_mistake(check, _Seen(self), exercise.checks, prints.mistakes, prints)

    def observation(self, check: Check) -> Any:
        """Return what a check observes, running it if it has not run yet.

        Raises
        ------
        KeyError
            If it sees no observation.
        """
        if check.id not in self._seen:
            self._seen[check.id] = self._look(check, lambda seed: None)
        if self._seen[check.id].outcome != "seen":
            raise KeyError(check.id)
        return self._seen[check.id].observation

    def _look(self, check: Check, draw: Draw) -> Seen:
        path = self.workbook.file(check.exercise)
        if not path.exists():
            return Seen("not attempted", reason=f"there is no file {path.name}")
        function = (check.exercise, check.function)
        if function in self._too_slow:
            return Seen("too slow", reason=self._too_slow[function])
        try:
            with self._limit(check.seconds):
                try:
                    module = self.workbook.module(check.exercise)
                except Exception as problem:
                    return raised(problem, self.workbook.folder, importing=check.exercise)
                if check.prepare and is_stub(module, check.function):  # it would see no draw
                    return Seen("not attempted", reason=f"{check.function} is not written yet")
                drawn = draw(VISIBLE_SEED)
                inputs = drawn.inputs if drawn else None
                return observe(check, module, check.inner_seed(VISIBLE_SEED), inputs)
        except TooSlow:
            self._too_slow[function] = f"it was stopped after {check.seconds:g} seconds"
            return Seen("too slow", reason=self._too_slow[function])


class _Seen(Mapping[str, Any]):
    """The observations of a verifier, each made when it is first asked for."""

    def __init__(self, verifier: Verifier) -> None:
        self._verifier = verifier

    def __getitem__(self, check_id: str) -> Any:
        return self._verifier.observation(find_check(check_id))

    def __iter__(self) -> Iterator[str]:
        return (check.id for exercise in EXERCISES.values() for check in exercise.checks)

    def __len__(self) -> int:
        return sum(1 for _ in self)
