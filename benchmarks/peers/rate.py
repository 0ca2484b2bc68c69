"""What a grader needs for a submission, told apart from what it needs to start."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.measure import Cost


@dataclass(frozen=True)
class Rate:
    """What a grader needs for each submission.

    Attributes
    ----------
    grader : str
    processor, wall : float
        Seconds.
    """

    grader: str
    processor: float
    wall: float


def slope(grader: str, one: Cost, many: Cost, submissions: int) -> Rate:
    """Return the rate of a grader from the costs of one submission and of many."""
    more = submissions - 1
    return Rate(grader, (many.processor - one.processor) / more, (many.wall - one.wall) / more)


def expect(grader: str, scores: Sequence[float], wanted: Sequence[float]) -> None:
    """Refuse a grader that gave other scores than it should: its costs then mean nothing.

    Raises
    ------
    RuntimeError
        If one differs.
    """
    if list(scores) != list(wanted):
        pairs = enumerate(zip(scores, wanted, strict=False))
        wrong = [
            f"student {n} got {got}, not {should}" for n, (got, should) in pairs if got != should
        ]
        said = wrong[0] if wrong else f"{len(scores)} students, not {len(wanted)}"
        raise RuntimeError(f"{grader} gave other scores than it should: {said}")
