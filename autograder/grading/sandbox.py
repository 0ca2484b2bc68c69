"""Run checks on a submission in a slot, and bring back an answer for each.

What ends a process costs the function in which it happened, or the module while it was
imported; the rest goes on in another process.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from autograder.core.exercise import Check
from autograder.core.observe import Seen
from autograder.grading import observer
from autograder.grading.frames import Answer
from autograder.grading.slots import Limits, Slot

ENDED = ("too slow", "died")
IMPORT_SECONDS = 5.0
"""Of processor time that importing a module may take."""


@dataclass(frozen=True)
class Task:
    """One draw of one check.

    Attributes
    ----------
    check : Check
    inner_seed : int
        The seed that the student's process may know.
    inputs : plain data
        What the trusted side prepared, or None.
    """

    check: Check
    inner_seed: int
    inputs: Any = None


@dataclass(frozen=True)
class _Step:
    """What a process is told to do, and the tasks that are lost if that ends it."""

    told: observer.Task
    losing: tuple[Task, ...]

    @property
    def name(self) -> str:
        return self.losing[0].check.name if "." in self.told.name else f"importing {self.told.name}"


def observe_in_sandbox(
    slot: Slot, files: dict[str, bytes], tasks: Sequence[Task], limits: Limits | None = None
) -> dict[str, Answer]:
    """Run checks on a student's files.

    Parameters
    ----------
    slot : Slot
    files : dict of str to bytes
        Modules by name.
    tasks : sequence of Task
    limits : Limits, optional

    Returns
    -------
    dict of str to Answer
        For every task's check, by its id. If a check ends the process or uses up its
        time, the other checks of the same function are not run, and the rest goes on
        in another process. "Too slow" is only believed the second time.
    """
    limits = limits or Limits()
    found: dict[str, Answer] = {}
    for _ in range(limits.processes):
        left = [task for task in tasks if task.check.id not in found]
        if not left:
            return found
        steps = _steps(left, limits.patience)
        answers = _run(slot, files, steps, limits)
        for step, answer in zip(steps, answers, strict=False):
            if answer.seen.outcome == "too slow":  # perhaps the machine was busy
                answer = _alone(slot, files, step, limits)
            if answer.seen.outcome in ENDED:
                found = _lost(step, answer) | found  # what was answered before stays
            elif "." in step.told.name:
                found[step.told.name] = answer
    reason = f"the submission ended its process {limits.processes} times"
    return {task.check.id: Answer(Seen("not run", reason=reason)) for task in tasks} | found


def _steps(tasks: Sequence[Task], patience: float) -> list[_Step]:
    """Return what to do in one process: import each module, then run its checks."""

    def allowing(seconds: float) -> int:
        return max(1, math.ceil(seconds * patience))

    modules: dict[str, list[Task]] = {}
    functions: dict[tuple[str, str], list[Task]] = {}
    for task in tasks:
        modules.setdefault(task.check.exercise, []).append(task)
        functions.setdefault((task.check.exercise, task.check.function), []).append(task)
    steps = []
    for exercise, its_tasks in modules.items():
        told = observer.Task(exercise, 0, None, allowing(IMPORT_SECONDS))
        steps.append(_Step(told, tuple(its_tasks)))
        for task in its_tasks:
            check = task.check
            told = observer.Task(check.id, task.inner_seed, task.inputs, allowing(check.seconds))
            same = functions[exercise, check.function]
            steps.append(_Step(told, (task, *(other for other in same if other is not task))))
    return steps


def _run(
    slot: Slot, files: dict[str, bytes], steps: Sequence[_Step], limits: Limits
) -> list[Answer]:
    return list(slot.run(files, [step.told for step in steps], limits))


def _alone(slot: Slot, files: dict[str, bytes], step: _Step, limits: Limits) -> Answer:
    """Return the answer to a step once more, in a process of its own."""
    again = [step]
    if "." in step.told.name:
        again = _steps(step.losing[:1], limits.patience)
    return _run(slot, files, again, limits)[-1]


def _lost(step: _Step, answer: Answer) -> dict[str, Answer]:
    """Return the answers for the tasks of a step that ended its process."""
    first, *others = step.losing
    reason = f"{step.name} ended the run: {answer.seen.reason}"
    lost = {task.check.id: Answer(Seen("not run", reason=reason)) for task in others}
    return {first.check.id: answer} | lost
