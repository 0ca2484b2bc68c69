"""A worksheet, and the key to it, as a page that needs nothing but itself."""

from __future__ import annotations

from collections.abc import Iterable

from autograder.authoring.worksheet import ACCEPTED, Sheet, Slip, Step
from autograder.reports import pages

SIGNS = ("∂L/∂b⁽²⁾", "∂L/∂W⁽²⁾₁₁", "∂L/∂W⁽¹⁾₁₁", "∂L/∂W⁽¹⁾₂₁")
"""What is to be predicted: the sign of these."""


def page(sheets: Iterable[tuple[Sheet, list[Step], list[Slip]]], key: bool) -> str:
    """Return a page for printing, each sheet beginning on a sheet of paper of its own.

    Parameters
    ----------
    sheets : iterable of (Sheet, list of Step, list of Slip)
    key : bool
        Whether the boxes are filled in.
    """
    sheets = list(sheets)
    title = "Backpropagation by hand" + (": the answers" if key else "")
    if len(sheets) == 1:
        title += f" · {sheets[0][0].student}"
    return pages.render(
        "worksheet.html",
        title=title,
        sheets=sheets,
        key=key,
        signs=SIGNS,
        values=_values,
        accepted=ACCEPTED,
    )


def _values(steps: list[Step]) -> dict[str, float]:
    return {symbol: value for step in steps for symbol, value in step.boxes.items()}
