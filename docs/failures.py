"""What goes wrong, for the pages: real failure messages and the known mistakes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from autograder.authoring.audit import Auditor
from autograder.authoring.variants import Variants
from autograder.catalogue import EXERCISES, find_check
from autograder.core.exercise import VISIBLE_SEED
from autograder.core.explain import render

SOLUTIONS = Path(__file__).resolve().parents[1] / "solutions"


def failure(check_id: str, function: Callable[..., Any]) -> str:
    """Return what a learner sees who wrote a function wrongly.

    Parameters
    ----------
    check_id : str
        The check that finds it, such as "losses.mse_loss_is_a_mean_of_squares".
    function : callable
        In place of the one that the check is of.

    Returns
    -------
    str
        The message of the visible draw.
    """
    check, auditor = find_check(check_id), Auditor(SOLUTIONS)
    module = auditor.variants.module(check.exercise, auditor.variants.source(check.exercise))
    setattr(module, check.function, function)
    verdicts = auditor.verdicts(module, EXERCISES[check.exercise], VISIBLE_SEED)
    return render(verdicts[check_id])


def known_mistakes(exercise: str) -> str:
    """Return the known mistakes of an exercise as a Markdown list, by function."""
    mistakes = Variants(SOLUTIONS).mistakes(exercise)
    lines = []
    for function in EXERCISES[exercise].functions:
        own = [mistake for mistake in mistakes if mistake.function == function]
        if own:
            lines += [f"**`{function}`**", ""]
            # Two variants of one mistake, such as two wrong bases, read the same.
            lines += dict.fromkeys(f"- *It looks like {m.looks_like}.* {m.lesson}" for m in own)
            lines.append("")
    return "\n".join(lines)


def failure_of(mistake_id: str, check: str, *, named: bool = True) -> str:
    """Return what a learner sees who made a known mistake.

    Parameters
    ----------
    mistake_id : str
        Exercise and name, such as "losses.summed-not-averaged".
    check : str
        The name of the check that finds it.
    named : bool
        Whether the message may name the mistake. Without its name, it is a task.
    """
    exercise, name = mistake_id.split(".")
    auditor = Auditor(SOLUTIONS)
    mistake = next(m for m in auditor.variants.mistakes(exercise) if m.name == name)
    module = auditor.variants.with_mistake(mistake)
    verdicts = auditor.verdicts(module, EXERCISES[exercise], VISIBLE_SEED)
    lines = render(verdicts[f"{exercise}.{check}"]).splitlines()
    return "\n".join(line for line in lines if named or not line.startswith("  It looks like"))
