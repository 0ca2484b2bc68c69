"""Checks as pytest tests: the parameters, and what runs each of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from autograder.catalogue import EXERCISES
from autograder.core import frozen
from autograder.core.exercise import VISIBLE_SEED, Check
from autograder.core.explain import Verdict, judge
from autograder.core.observe import Seen, TooSlow, observe, raised
from autograder.core.workbook import Workbook
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


def checks_of(name: str) -> list[Any]:
    """Return the checks of an exercise as parameters of a test."""
    return [pytest.param(check, id=check.name) for check in EXERCISES[name].checks]


class Verifier:
    """Runs visible draws in this process.

    Parameters
    ----------
    work : Path
        The folder with the learner's modules.
    exercises : Path
        The folder with the frozen observations.
    """

    def __init__(self, work: Path, exercises: Path) -> None:
        self.workbook = Workbook(work, EXERCISES)
        self._exercises = exercises
        self._frozen: dict[str, dict[str, Any]] = {}
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
        prepared = check.prepared(VISIBLE_SEED)
        seen = self._look(check, prepared.inputs if prepared else None)
        expected = self._expected(check) if seen.outcome == "seen" else None
        return judge(check, seen, expected, prepared.kept if prepared else None)

    def _expected(self, check: Check) -> Any:
        if check.exercise not in self._frozen:
            exercise = EXERCISES[check.exercise]
            self._frozen[check.exercise] = frozen.read(self._exercises, exercise)
        return self._frozen[check.exercise].get(check.name)

    def _look(self, check: Check, inputs: Any) -> Seen:
        path = self.workbook.file(check.exercise)
        if not path.exists():
            return Seen("not attempted", reason=f"there is no file {path.name}")
        function = (check.exercise, check.function)
        if function in self._too_slow:
            return Seen("too slow", reason=self._too_slow[function])
        try:
            with time_limit(check.seconds):
                try:
                    module = self.workbook.module(check.exercise)
                except Exception as problem:
                    return raised(problem, self.workbook.folder, importing=check.exercise)
                return observe(check, module, check.inner_seed(VISIBLE_SEED), inputs)
        except TooSlow:
            self._too_slow[function] = f"it was stopped after {check.seconds:g} seconds"
            return Seen("too slow", reason=self._too_slow[function])
