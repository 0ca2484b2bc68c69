"""Known mistakes, and how to tell that one of them was made.

A mistake is a small wrong variant of the reference. What a check observes on it is
its fingerprint. If the learner's observation has that fingerprint and no other, the
mistake can be named.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autograder.core.compare import agree
from autograder.core.exercise import Check


@dataclass(frozen=True)
class Mistake:
    """A wrong variant that people write.

    Attributes
    ----------
    exercise, name : str
        `name` is unique within the exercise.
    function : str
        Where the slip is.
    looks_like : str
        Completes "It looks like …".
    think, fact : str
        Complete "You may think …" and "In fact …".
    hint : str
        A question or a nudge.
    read : str
        The heading of the chapter.
    group : str
        Mistakes of one group are one and the same thing; the name if it has none.
    """

    exercise: str
    name: str
    function: str
    looks_like: str
    think: str
    fact: str
    hint: str
    read: str
    group: str

    @property
    def id(self) -> str:
        """The name of the mistake in the whole course."""
        return f"{self.exercise}.{self.name}"

    @property
    def lesson(self) -> str:
        """What there is to learn from it, in two sentences."""
        return f"You may think {self.think}. In fact {self.fact}."


class Unseen:
    """In place of a fingerprint: the mistake leaves no observation of that check."""


Fingerprint = Callable[[Mistake, Check], Any]
"""Returns what a check observes on a mistake, or `Unseen`; the same draw for all."""


def name_mistake(
    check: Check,
    seen: Mapping[str, Any],
    checks: Sequence[Check],
    mistakes: Sequence[Mistake],
    fingerprint: Fingerprint,
) -> Mistake | None:
    """Return the mistake that explains a failed check, or None.

    Parameters
    ----------
    check : Check
        The one that failed.
    seen : mapping of str to plain data
        The learner's observations of this and other checks, by id; the others
        are only asked for where they are needed.
    checks : sequence of Check
        The checks of the exercise.
    mistakes : sequence of Mistake
        Those of the exercise.
    fingerprint : callable

    Returns
    -------
    Mistake or None
        One is named only if it alone, or a group that is one and the same
        thing, reproduces what was seen of the failed check. If several do,
        only if one alone also reproduces every other check of its function.
    """

    def fits(mistake: Mistake, other: Check) -> bool:
        mark = fingerprint(mistake, other)
        return mark is not Unseen and agree(seen[other.id], mark, other.tolerance)

    candidates = [mistake for mistake in mistakes if fits(mistake, check)]
    if len({mistake.group for mistake in candidates}) > 1:
        candidates = [
            mistake
            for mistake in candidates
            if all(
                fits(mistake, other)
                for other in checks
                if other.function == mistake.function and not other.judge and other.id in seen
            )
        ]
    groups = {mistake.group for mistake in candidates}
    return candidates[0] if len(groups) == 1 else None
