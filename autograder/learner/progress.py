"""What was reached so far, and how often the same failure came: `.autograder/progress.json`.

The file is a convenience: without it, or with a broken one, everything still works.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from autograder.catalogue import EXERCISES, find_check
from autograder.core.explain import Verdict


class Progress:
    """The record beside a folder of exercises.

    Parameters
    ----------
    exercises : Path
        The folder; the record is in `.autograder` next to it.
    """

    def __init__(self, exercises: Path) -> None:
        self.path = exercises.parent / ".autograder" / "progress.json"

    def record(self, verdicts: Iterable[Verdict]) -> dict[str, int]:
        """Add verdicts, and return how many times running each check failed in the same way."""
        known = self._read()
        for verdict in verdicts:
            before = known.get(verdict.check.id, {})
            sign = f"{verdict.outcome}: {verdict.headline} {verdict.mistake}".strip()
            same = before.get("sign") == sign
            known[verdict.check.id] = {
                "outcome": verdict.outcome,
                "sign": sign,
                "times": before.get("times", 0) + 1 if same else 1,
            }
        with contextlib.suppress(OSError):  # a folder that can't be written to
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")
        failures = {name: one for name, one in known.items() if one["outcome"] != "correct"}
        return {name: one["times"] for name, one in failures.items()}

    def verdicts(self) -> dict[str, Verdict]:
        """Return the last known verdict on every check, without explanations."""
        known = self._read()
        found = {}
        for exercise in EXERCISES.values():
            for check in exercise.checks:
                outcome = known.get(check.id, {}).get("outcome", "not attempted")
                found[check.id] = Verdict(check, outcome, "")
        return found

    def solved(self, exercise: str) -> bool:
        """Say whether every check of an exercise passed when it was last run."""
        own = [v for v in self.verdicts().values() if v.check.exercise == exercise]
        return all(verdict.outcome == "correct" for verdict in own)

    def _read(self) -> dict[str, dict[str, Any]]:
        try:
            tree = json.loads(self.path.read_text(encoding="utf-8"))
            known = {}
            for name, one in tree.items():
                times, outcome = int(one["times"]), str(one["outcome"])
                if _exists(name):
                    known[name] = {"outcome": outcome, "sign": one["sign"], "times": times}
            return known
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return {}


def _exists(check_id: str) -> bool:
    try:
        find_check(check_id)
    except KeyError:
        return False
    return True
