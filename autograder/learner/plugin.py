"""What pytest shows in `exercises/`: one short block a failure, and where you stand.

`exercises/conftest.py` registers it, so nothing has to be installed by hand.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from autograder.catalogue import EXERCISES, find_check
from autograder.core.exercise import Check
from autograder.core.explain import WIDTH, Verdict, by_cause, render
from autograder.learner.checks import Unsolved, Verifier

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
    """

    def __init__(self, work: Path, exercises: Path) -> None:
        if not work.is_dir():
            raise pytest.UsageError(f"DOWNHILL_FOLDER: there is no folder {work}")
        self.verifier = Verifier(work, exercises)
        self.verdicts: dict[str, Verdict] = {}
        self.marks = _marks()

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
        report = yield
        check = _check_of(item)
        if not check or call.when != "call":
            return report
        error = call.excinfo.value if call.excinfo else None
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
        self._show_points(terminalreporter)
        self._show_next(terminalreporter)
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
            for line in [*rest, *_printed(first), ""]:
                terminal.line(line)

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

    def _show_points(self, terminal: Any) -> None:
        earned_in_all = possible_in_all = 0
        for exercise in EXERCISES.values():
            verdicts = [v for v in self.verdicts.values() if v.check in exercise.checks]
            if not verdicts:
                continue
            possible = sum(verdict.check.points for verdict in verdicts)
            earned = sum(verdict.points for verdict in verdicts)
            earned_in_all, possible_in_all = earned_in_all + earned, possible_in_all + possible
            bar = self._bar(earned, possible)
            points = f"{earned:>3}/{possible}"
            line = f"{exercise.name:<16}{bar}  {points:<8} {_state(verdicts)}"
            terminal.line(line.rstrip(), green=earned == possible)
        terminal.line(f"{'':<16}{'':<24}  {earned_in_all:>3}/{possible_in_all}", bold=True)

    def _bar(self, earned: int, possible: int) -> str:
        full = earned * 24 // possible
        return self.marks["full"] * full + self.marks["empty"] * (24 - full)

    def _show_next(self, terminal: Any) -> None:
        order = [check for exercise in EXERCISES.values() for check in exercise.checks]
        left = [c for c in order if c.id in self.verdicts and not self.verdicts[c.id].points]
        terminal.line("")
        if not left:
            terminal.line("Everything that ran is right.", green=True, bold=True)
            return
        check = left[0]
        path = self.verifier.workbook.file(check.exercise)
        place = f"{_relative(path)}:{_line_of(path, check.function)}"
        terminal.line(f"Next  {check.function} in {place}", bold=True)
        terminal.line(f'      read course/{check.exercise}/index.md, "{check.read}"')
        terminal.line(f"      then run  pytest exercises/ -k {check.function.rpartition('.')[2]}")


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


def _state(verdicts: list[Verdict]) -> str:
    left = sum(verdict.outcome != "correct" for verdict in verdicts)
    if {verdict.outcome for verdict in verdicts} == {"not attempted"}:
        return "not attempted"
    return f"{left} of {len(verdicts)} checks to go" if left else "done"


def _relative(path: Path) -> str:
    try:
        return path.relative_to(Path.cwd()).as_posix()
    except ValueError:
        return str(path)


def _line_of(path: Path, function: str) -> int:
    """Return the line of a definition such as "Network.backward"; 1 if it isn't found."""
    try:
        scope: list[ast.stmt] = ast.parse(path.read_bytes()).body
    except (OSError, ValueError, SyntaxError) as problem:
        return getattr(problem, "lineno", None) or 1
    line = 1
    for part in function.split("."):
        for node in scope:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == part:
                line, scope = node.lineno, node.body
                break
    return line


def _marks() -> dict[str, str]:
    """Return the signs to draw with: plain ones where the terminal has no others."""
    pretty = {"right": "✓", "wrong": "✗", "waiting": "·", "full": "█", "empty": "░"}
    encoding = getattr(sys.__stdout__, "encoding", None) or "ascii"
    try:
        "".join(pretty.values()).encode(encoding)
    except UnicodeEncodeError:
        return {"right": "+", "wrong": "x", "waiting": "-", "full": "#", "empty": "."}
    return pretty
