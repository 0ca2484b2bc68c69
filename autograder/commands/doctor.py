"""`autograder doctor`: how far students' code can be confined on this machine."""

from __future__ import annotations

import argparse
import platform
from collections.abc import Sequence
from pathlib import Path

from autograder.commands import Refused
from autograder.grading.slots import why_not
from autograder.isolation.tiers import SAFE, Tier

MEANING = {
    Tier.FULL: "namespaces, Landlock, seccomp, limits",
    Tier.BASE: "Landlock, seccomp, limits",
    Tier.PORTABLE: "limits only: no sandbox, refused without --unsafe",
}


def run(options: argparse.Namespace) -> int:
    """Try every tier, and say which one would be used."""
    print(f"{platform.system()} {platform.release()}, {platform.machine()}")
    reasons = {tier: why_not(tier) for tier in Tier}
    for tier, reason in reasons.items():
        print(f"{'✗' if reason else '✓'} {tier:<9} {MEANING[tier]}")
        if reason:
            print(f"            {reason}")
    best = next((tier for tier in SAFE if not reasons[tier]), None)
    if best is None:
        print(f"Strangers' code can't be graded here. {WHAT_TO_DO}")
        return 1
    print(f"Grading uses {best}; each result says so.")
    return 0


WHAT_TO_DO = (
    "Use Linux 5.13 or later on x86-64 or 64-bit ARM, with Landlock; in a container, one whose "
    "rules let its calls through. For code that you trust: --unsafe."
)


def best_tier(wanted: str | None, unsafe: bool, outside: Sequence[Path]) -> Tier:
    """Return the tier to grade in.

    Parameters
    ----------
    wanted : str or None
        Only this one will do.
    unsafe : bool
        Whether no sandbox will do, if there is none.
    outside : sequence of Path
        What must be out of reach.

    Raises
    ------
    Refused
        If there is none; never is anybody graded in a lesser one.
    """
    if wanted == Tier.PORTABLE and not unsafe:
        raise Refused("portable is no sandbox: add --unsafe if you trust the code")
    candidates = [Tier(wanted)] if wanted else [*SAFE, *([Tier.PORTABLE] if unsafe else [])]
    reasons = []
    for tier in candidates:
        reason = why_not(tier, outside)
        if not reason:
            return tier
        reasons.append(f"{tier}: {reason}")
    raise Refused(f"students' code can't be confined here ({'; '.join(reasons)}). {WHAT_TO_DO}")
