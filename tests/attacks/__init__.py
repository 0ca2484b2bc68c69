"""Hostile submissions, as data: what grading must contain.

Collected from publications on attacks against autograders, their issue trackers, and
manuals of the kernel. Each group of attacks is a module; every attack is a few lines
that can be read.
"""

from __future__ import annotations

from attacks import (
    archives,
    escape,
    exhaustion,
    forgery,
    reading,
    reports,
    results,
    sources,
    survivors,
    tampering,
)
from attacks.attack import Attack, FileAttack, TextAttack

_GROUPS = (forgery, results, reading, tampering, escape, exhaustion, survivors, sources)

ATTACKS: dict[str, Attack] = {
    f"{group.__name__.rpartition('.')[2]}.{attack.name}": attack
    for group in _GROUPS
    for attack in group.ATTACKS
}
"""Attacks from within a module, by "GROUP.NAME"."""

FILE_ATTACKS: dict[str, FileAttack] = {
    **{f"archives.{attack.name}": attack for attack in archives.ATTACKS},
    **{f"sources.{attack.name}": attack for attack in sources.FILES},
}
"""Attacks by the form of what is handed in, by "GROUP.NAME"."""

TEXT_ATTACKS: dict[str, TextAttack] = {
    f"reports.{attack.name}": attack for attack in reports.ATTACKS
}
"""Attacks by text that is shown, by "reports.NAME"."""

if len(ATTACKS) != sum(len(group.ATTACKS) for group in _GROUPS):
    raise ValueError("two attacks of a group have the same name")

__all__ = ["ATTACKS", "FILE_ATTACKS", "TEXT_ATTACKS", "Attack", "FileAttack", "TextAttack"]
