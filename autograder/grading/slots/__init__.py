"""Places where one submission at a time is run, and how to get there.

A slot takes a student's files and tasks, and yields answers. In the tiers that confine,
it is a zygote that forks a process a submission; in the portable one, a new Python.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from autograder.grading.slots.forked import ZygoteSlot, readable_folders
from autograder.grading.slots.fresh import FreshProcess
from autograder.grading.slots.slot import Limits, Slot, SlotBroken
from autograder.isolation.kernel import NotConfined
from autograder.isolation.tiers import Tier

__all__ = ["Limits", "Slot", "SlotBroken", "open_slot", "readable_folders", "why_not"]


def open_slot(tier: Tier, outside: Sequence[Path] = ()) -> Slot:
    """Return a slot of a tier.

    Parameters
    ----------
    tier : Tier
    outside : sequence of Path
        What must be out of reach: the reference, the secret, the results.

    Raises
    ------
    NotConfined
        If the tier doesn't hold here.
    SlotBroken
        If Python itself doesn't start.
    """
    if tier is Tier.PORTABLE:
        return FreshProcess()
    return ZygoteSlot(tier, outside)


def why_not(tier: Tier, outside: Sequence[Path] = ()) -> str:
    """Return why a tier doesn't hold here; nothing if it does.

    It is tried: a process is confined, and tries what it must not be able to do.
    """
    try:
        open_slot(tier, outside).close()
    except (NotConfined, SlotBroken) as problem:
        return str(problem)
    return ""
