"""Real failure messages for the pages: `from failures import failure`."""

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from autograder.catalogue import EXERCISES, find_check
from autograder.core.exercise import VISIBLE_SEED
from autograder.core.explain import judge, render
from autograder.core.frozen import expected
from autograder.core.observe import observe
from autograder.core.workbook import Workbook

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
    check = find_check(check_id)
    module = ModuleType(check.exercise)
    module.__file__ = str(SOLUTIONS / f"{check.exercise}.py")
    setattr(module, check.function, function)
    seen = observe(check, module, check.inner_seed(VISIBLE_SEED))
    reference = expected(check, Workbook(SOLUTIONS, EXERCISES), VISIBLE_SEED)
    return render(judge(check, seen, reference))
