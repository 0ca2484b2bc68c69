"""`autograder watch`: check again whenever a file is saved."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

from autograder.catalogue import EXERCISES
from autograder.commands import Refused
from autograder.core.explain import Verdict, by_cause, render
from autograder.learner import board
from autograder.learner.keys import single_keys
from autograder.learner.progress import Progress
from autograder.learner.verifier import Verifier

POLL_SECONDS = 0.05
KEYS = "h hint · l list · n next · a all · q quit"
CLEAR = "\x1b[2J\x1b[H"


def run(options: argparse.Namespace) -> int:
    """Watch until the learner quits."""
    if not options.exercises.is_dir():
        raise Refused(f"there is no folder {options.exercises}; give yours with --exercises")
    watch = Watch(options.exercises.absolute())
    with single_keys() as key:
        watch.check()
        while True:
            pressed = key(POLL_SECONDS)
            if pressed == "q":
                return 0
            watch.press(pressed)
            if watch.changed():
                watch.check()


class Watch:
    """The state of a watch: the exercise that is worked on, and what its checks say.

    Parameters
    ----------
    exercises : Path
        The learner's folder.
    """

    def __init__(self, exercises: Path) -> None:
        self.exercises = exercises
        self.progress = Progress(exercises)
        self.current = self._first_open()
        self.verdicts: dict[str, Verdict] = {}
        self.verifier = Verifier(exercises, exercises)
        self._stamps = self._now()

    def check(self, whole: bool = False) -> None:
        """Run the current exercise's checks, or all of them, and show what they say.

        Those that train a network wait until the others hold, or until all are
        asked for.
        """
        self.verifier = Verifier(self.exercises, self.exercises)
        names = list(EXERCISES) if whole else [self.current]
        self.verdicts = {}
        for name in names:
            quick = [check for check in EXERCISES[name].checks if not check.prepare]
            slow = [check for check in EXERCISES[name].checks if check.prepare]
            own = {check.id: self.verifier.verdict(check) for check in quick}
            self.verdicts |= own
            if slow and (whole or all(v.outcome == "correct" for v in own.values())):
                self._say("The rest trains networks, which takes a few seconds …")
                self.verdicts |= {check.id: self.verifier.verdict(check) for check in slow}
        self.progress.record(self.verdicts.values())
        self._show()
        if not whole and all(v.outcome == "correct" for v in self.verdicts.values()):
            self._move_on()

    def changed(self) -> bool:
        """Say whether a module was saved since this was last asked."""
        before, self._stamps = self._stamps, self._now()
        return before != self._stamps

    def press(self, key: str) -> None:
        """Do what a key asks for."""
        verdict = board.next_verdict(self.verdicts)
        if key == "h" and verdict:
            self._say(*board.hint_lines(self.verifier.hint(verdict)))
        elif key == "l":
            self._say(*(line for line, _ in board.lines(self.progress.verdicts(), board.marks())))
        elif key == "n":
            self._go_to_next()
        elif key == "a":
            self.check(whole=True)

    def _first_open(self) -> str:
        names = list(EXERCISES)
        return next((name for name in names if not self.progress.solved(name)), names[0])

    def _go_to_next(self) -> None:
        names = list(EXERCISES)
        self.current = names[(names.index(self.current) + 1) % len(names)]
        self.check()

    def _move_on(self) -> None:
        solved, self.current = self.current, self._first_open()
        if self.progress.solved(self.current):
            self._say("Every exercise is done.")
        elif solved != self.current:
            self._say(f"{solved} is done. Going on with {self.current}.")
            self.check()

    def _now(self) -> Mapping[str, tuple[int, int]]:
        stamps = {}
        for path in self.exercises.glob("*.py"):
            try:
                status = path.stat()
            except OSError:  # it is being replaced
                continue
            stamps[path.name] = (status.st_mtime_ns, status.st_size)
        return stamps

    def _show(self) -> None:
        signs = board.marks()
        wrong = [v for v in self.verdicts.values() if v.outcome not in ("correct", "not attempted")]
        if sys.stdout.isatty():
            print(CLEAR, end="")
        for first, *others in by_cause(wrong)[:1]:
            self._say(render(first, signs["wrong"], len(others)), "")
        self._say(*(line for line, _ in board.lines(self.verdicts, signs)))
        verdict = board.next_verdict(self.verdicts)
        if verdict:
            self._say(f"Next  {verdict.check.function}   ({KEYS})")

    def _say(self, *lines: str) -> None:
        print(*lines, sep="\n", flush=True)
