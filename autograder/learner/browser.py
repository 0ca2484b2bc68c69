"""Checks in a browser tab: the text of an editor in, the learner's feedback out.

The page runs this under Pyodide in a worker that it can end, so nothing here limits time, and
what comes out is feedback, never a grade.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from contextlib import nullcontext, redirect_stderr, redirect_stdout
from dataclasses import replace
from pathlib import Path
from typing import Any

from autograder.catalogue import EXERCISES
from autograder.core.exercise import Check
from autograder.core.explain import Verdict, by_cause, render
from autograder.core.plain import clean
from autograder.learner.verifier import Verifier

KEPT = 2_000
"""How many characters of what the learner's code prints are kept for each check."""

Tell = Callable[[str, float], Any]
"""Told of each check before it runs: its title, and the seconds that it may take."""


def answer(request: str, work: str, course: str, tell: Tell) -> str:
    """Check what the page sends, and return the feedback.

    Parameters
    ----------
    request : str
        JSON: "wanted" is an exercise, or one of its functions as in "losses.mse_loss"; "texts"
        has the learner's modules by name.
    work : str
        The folder that the modules are written to.
    course : str
        The folder with the stubs, for what "texts" lacks, the frozen observations and the hints.
    tell : callable

    Returns
    -------
    str
        JSON: the titles of what "holds", what is "wrong" (a text and a hint each), what is
        "waiting" to be written, and the number of "checks".
    """
    asked = json.loads(request)
    exercise, _, function = asked["wanted"].partition(".")
    checks = [c for c in EXERCISES[exercise].checks if function in ("", c.function)]
    folder, given = Path(work), Path(course)
    for name in EXERCISES:
        stub = (given / f"{name}.py").read_text(encoding="utf-8")
        (folder / f"{name}.py").write_text(asked["texts"].get(name, stub), encoding="utf-8")
    verifier = Verifier(folder, given, limit=lambda seconds: nullcontext())
    return json.dumps(feedback(checks, verifier, tell))


def feedback(checks: list[Check], verifier: Verifier, tell: Tell) -> Mapping[str, Any]:
    """Run checks and return what there is to say, as `answer` does."""
    verdicts = []
    for check in checks:
        tell(check.title, check.seconds)
        verdicts.append(_run(check, verifier))
    attempted = [verdict for verdict in verdicts if verdict.outcome != "not attempted"]
    waiting = [dict(verdict.lines)["Because"] for verdict in verdicts if verdict not in attempted]
    return {
        "checks": len(checks),
        "holds": [verdict.check.title for verdict in verdicts if verdict.outcome == "correct"],
        "wrong": [
            {
                "text": render(first, also=len(others)),
                "hint": verifier.hint(first),
                "printed": first.printed,
            }
            for first, *others in by_cause(v for v in attempted if v.outcome != "correct")
        ],
        "waiting": list(dict.fromkeys(waiting)),
    }


def _run(check: Check, verifier: Verifier) -> Verdict:
    printed = _Printed()
    with redirect_stdout(printed), redirect_stderr(printed):
        verdict = verifier.verdict(check)
    return replace(verdict, printed=clean(printed.text))


class _Printed(io.TextIOBase):
    """Keeps the beginning of what is written to it."""

    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> int:
        """Take a text."""
        self.text = (self.text + text)[:KEPT]
        return len(text)
