"""What pytest shows in `exercises/`: one short block a failure, and where you stand.

`exercises/conftest.py` registers it, so nothing has to be installed by hand.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from autograder.catalogue import EXERCISES, find_check
from autograder.core.exercise import Check
from autograder.core.explain import WIDTH, Verdict, by_cause, render
from autograder.learner import board
from autograder.learner.progress import Progress
from autograder.learner.verifier import Unsolved, Verifier

PRINTED_LINES = 8
PROPERTY = "downhill"
"""The name under which a verdict travels in a pytest report."""


class Feedback:
    """The pytest plugin.

    Parameters
    ----------
    work : Path
        The folder with the learner's modules.
    exercises : Path
        The folder with the tests and the frozen observations: usually the same.
    with_hints : bool
        Whether to show the first hint with every failure.
    """

    def __init__(self, work: Path, exercises: Path, with_hints: bool = False) -> None:
        if not work.is_dir():
            raise pytest.UsageError(f"DOWNHILL_FOLDER: there is no folder {work}")
        self.verifier = Verifier(work, exercises)
        self.verdicts: dict[str, Verdict] = {}
        self.times: dict[str, int] = {}
        self.with_hints = with_hints
        self.progress = Progress(exercises) if work == exercises else None
        self.marks = board.marks()

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Follow the order of the course, not of the alphabet."""
        order = list(EXERCISES)
        checks = {item: _check_of(item) for item in items}
        items.sort(key=lambda item: order.index(c.exercise) if (c := checks[item]) else -1)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Replace pytest's traceback by the verdict."""
        error = call.excinfo.value if call.excinfo else None
        if call.excinfo and isinstance(error, Unsolved):
            # Without a traceback, whose lines pytest would read for nothing.
            failed = pytest.fail.Exception(str(error), pytrace=False)
            call.excinfo = pytest.ExceptionInfo.from_exc_info(
                (type(failed), failed, call.excinfo.tb)
            )
        report = yield
        check = _check_of(item)
        if not check or call.when != "call":
            return report
        if isinstance(error, Unsolved):
            verdict = replace(error.verdict, printed=report.capstdout)
            report.longrepr = render(verdict, self.marks["wrong"])
            if verdict.outcome == "not attempted":
                report.outcome = "skipped"
                report.longrepr = (str(item.path), 0, f"not attempted: {_reason(verdict)}")
        elif error is None:
            verdict = Verdict(check, "correct", check.title)
        else:
            return report
        report.user_properties.append((PROPERTY, {**vars(verdict), "check": check.id}))
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Collect the verdicts, from this process or another."""
        verdict = _verdict_in(report)
        if verdict:
            self.verdicts[verdict.check.id] = verdict

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(
        self, report: pytest.TestReport
    ) -> tuple[str, str, tuple[str, dict[str, bool]]] | None:
        """Keep our failures out of pytest's own list of tracebacks."""
        verdict = _verdict_in(report)
        if not verdict or verdict.outcome == "correct":
            return None
        if verdict.outcome == "not attempted":
            return "not attempted", "-", ("NOT ATTEMPTED", {"yellow": True})
        return "wrong", "F", ("WRONG", {"red": True})

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Succeed only if every selected check passed."""
        if self.progress and self.verdicts:
            self.times = self.progress.record(self.verdicts.values())
        done = all(verdict.outcome == "correct" for verdict in self.verdicts.values())
        if session.exitstatus == pytest.ExitCode.OK and not done:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Show each failure once, then the points and the next thing to do."""
        if not self.verdicts:
            return
        terminalreporter.line("")
        if terminalreporter.verbosity > 0:
            self._show_what_holds(terminalreporter)
        self._show_failures(terminalreporter)
        self._show_not_attempted(terminalreporter)
        self._show_board(terminalreporter)
        terminalreporter.line("")

    def _with(self, *outcomes: str) -> list[Verdict]:
        return [verdict for verdict in self.verdicts.values() if verdict.outcome in outcomes]

    def _show_what_holds(self, terminal: Any) -> None:
        right = self._with("correct")
        for verdict in right:
            terminal.line(render(verdict, self.marks["right"]), green=True)
        if right:
            terminal.line("")

    def _show_failures(self, terminal: Any) -> None:
        quiet = self._with("correct", "not attempted")
        for first, *others in by_cause(v for v in self.verdicts.values() if v not in quiet):
            head, *rest = render(first, self.marks["wrong"], len(others)).splitlines()
            terminal.line(head, red=True, bold=True)
            for line in [*rest, *self._hints_for(first), *_printed(first), ""]:
                terminal.line(line)

    def _hints_for(self, verdict: Verdict) -> list[str]:
        """Return the first hint if it was asked for, or is needed: the third time running."""
        again = self.times.get(verdict.check.id, 0) >= board.PATIENCE
        if not (self.with_hints or again):
            return []
        return board.hint_lines(self.verifier.hint(verdict))

    def _show_not_attempted(self, terminal: Any) -> None:
        waiting = self._with("not attempted")
        reasons: dict[tuple[str, str], str] = {}
        for verdict in waiting:
            place = (verdict.check.exercise, verdict.check.function)
            reasons.setdefault(place, _reason(verdict))
        for (exercise, function), reason in reasons.items():
            name = function.rpartition(".")[2]
            because = "" if reason.startswith(f"{name} is not") else f" ({reason})"
            line = f"{self.marks['waiting']} {exercise}.{function}: not attempted{because}"
            terminal.line(line[:WIDTH], yellow=True)
        if waiting:
            terminal.line("")

    def _show_board(self, terminal: Any) -> None:
        for line, style in board.lines(self.verdicts, self.marks):
            terminal.line(line, **style)
        terminal.line("")
        for line, style in board.next_lines(self.verdicts, self.verifier.workbook):
            terminal.line(line, **style)


def _check_of(item: pytest.Item) -> Check | None:
    callspec = getattr(item, "callspec", None)
    check = callspec.params.get("check") if callspec else None
    return check if isinstance(check, Check) else None


def _verdict_in(report: pytest.TestReport) -> Verdict | None:
    for name, value in report.user_properties:
        if name == PROPERTY and report.when == "call":
            facts: dict[str, Any] = dict(value)  # type: ignore[call-overload]
            return Verdict(**{**facts, "check": find_check(facts["check"])})
    return None


def _reason(verdict: Verdict) -> str:
    return next((text for label, text in verdict.lines if label == "Because"), "")


def _printed(verdict: Verdict) -> list[str]:
    lines = verdict.printed.rstrip().splitlines()
    if not lines:
        return []
    shown = [f"    {line}"[:WIDTH] for line in lines[:PRINTED_LINES]]
    more = len(lines) - PRINTED_LINES
    return ["  Your code printed", *shown, *([f"    ({more} more lines)"] if more > 0 else [])]
