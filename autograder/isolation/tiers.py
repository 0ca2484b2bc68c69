"""How far a student's code is kept from everything else."""

from __future__ import annotations

import enum


class Tier(enum.StrEnum):
    """What confines a process, best first."""

    FULL = "full"
    """Namespaces, Landlock, seccomp and limits: it sees nothing of the machine."""

    BASE = "base"
    """Landlock, seccomp and limits: for an ordinary user, and for containers."""

    PORTABLE = "portable"
    """Limits and a process group: not a sandbox, on every system."""


SAFE = (Tier.FULL, Tier.BASE)
