"""Exercises and their checks, as data."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from autograder.core.compare import ONE_EVALUATION, Difference, Tolerance

VISIBLE_SEED = 0
"""The seed of the draw that learners see."""

Look = Callable[..., Any]
Judge = Callable[[Any, Any], list[Difference]]


class Prepared(NamedTuple):
    """What the trusted side draws for a check before it runs.

    Attributes
    ----------
    inputs : plain data
        Handed to the check, as its third argument.
    kept : plain data
        Never leaves the trusted side: the labels, for the judge.
    """

    inputs: Any
    kept: Any


@dataclass(frozen=True)
class Check:
    """One property of one function, worth some points.

    Attributes
    ----------
    exercise, name : str
        `name` is unique within the exercise and reads as a sentence.
    chapter : str
        The title of the exercise's chapter.
    function : str
        What the learner writes: "mse_loss" or "Network.backward".
    points : int
        Earned whole or not at all.
    title : str
        The property as a sentence, shown when it holds.
    ran : str
        What is called, for "We ran …".
    read : str
        The heading of the chapter that teaches it.
    look : callable
        `look(module, rng)` or, with `prepare`, `look(module, rng, inputs)`;
        returns the observation.
    tolerance : Tolerance
        How far a correct implementation may be from the reference, and why.
    parts : mapping of str to str
        Names for parts of the observation; see `part_name`.
    prepare : callable or None
        `prepare(rng) -> Prepared`, run on the trusted side.
    judge : callable or None
        `judge(observation, kept) -> differences`, run on the trusted side in
        place of the comparison with the reference.
    seconds : float
        Of processor time that it may take; on a learner's machine, of any.
    layers : int
        If the observation is a pair of lists, weight gradients and bias gradients
        of so many layers: the first that is wrong going backwards is then
        reported, and what is right above it.
    """

    exercise: str
    name: str
    chapter: str
    function: str
    points: int
    title: str
    ran: str
    read: str
    look: Look
    tolerance: Tolerance = ONE_EVALUATION
    parts: Mapping[str, str] = field(default_factory=dict)
    prepare: Callable[[np.random.Generator], Prepared] | None = None
    judge: Judge | None = None
    seconds: float = 3.0
    layers: int = 0

    @functools.cached_property
    def id(self) -> str:
        """The name of the check in the whole course: "losses.mse_loss_is_a_mean"."""
        return f"{self.exercise}.{self.name}"

    def prepared(self, seed: int) -> Prepared | None:
        """Return what the trusted side draws for `seed`; None if nothing."""
        return self.prepare(_generator(self.id, "outside", seed)) if self.prepare else None

    def inner_seed(self, seed: int) -> int:
        """Return the seed for the process that runs the learner's code.

        It can't be turned back into `seed`, so that process can't redo what
        `prepared` kept.
        """
        digest = hashlib.sha256(f"{self.id} inside {seed}".encode()).digest()
        return int.from_bytes(digest[:6], "big")

    def part_name(self, path: tuple[str | int, ...]) -> str:
        """Return words for a part of the observation.

        The longest entry of `parts` that fits is used: "returned/1/*" fits the
        path ("returned", 1, 0), and "{}" in its phrase becomes the number of
        the item counted from 1.
        """
        for length in range(len(path), 0, -1):
            head, rest = path[:length], path[length:]
            for pattern, phrase in self.parts.items():
                wanted = pattern.split("/")
                if len(wanted) == length and all(
                    want in ("*", str(step)) for want, step in zip(wanted, head, strict=True)
                ):
                    return _with_rest(phrase.format(_counted(head[-1])), rest)
        head, rest = path[:1], path[1:]
        return _with_rest("the result" if head in ((), ("returned",)) else f"{head[0]}", rest)


def _counted(step: str | int) -> str:
    return step if isinstance(step, str) else str(step + 1)


def _with_rest(phrase: str, rest: tuple[str | int, ...]) -> str:
    for step in rest:
        phrase += f" for {step}" if isinstance(step, str) else f", item {step + 1}"
    return phrase


class _Digest(np.random.bit_generator.ISeedSequence):
    """A seed that is hashed already: NumPy's own hashing takes longer than many a check."""

    def __init__(self, text: str) -> None:
        digest = hashlib.blake2b(text.encode(), digest_size=32).digest()
        self._words = np.frombuffer(digest, dtype="<u8").astype(np.uint64)

    def generate_state(self, n_words: int, dtype: Any = np.uint32) -> np.ndarray:
        """Return the four words that PCG64 asks for."""
        return self._words


def _generator(check_id: str, side: str, seed: int) -> np.random.Generator:
    digest: Any = _Digest(f"{check_id} {side} {seed}")  # NumPy's type hints know no such seeds
    return np.random.Generator(np.random.PCG64(digest))


def generator(check: Check, inner_seed: int) -> np.random.Generator:
    """Return the generator that a check's `look` is given."""
    return _generator(check.id, "inside", inner_seed)


@dataclass
class Exercise:
    """A module that learners write, and the checks of it.

    Attributes
    ----------
    name : str
        The module's name, and its chapter's folder.
    title : str
        The chapter's title.
    checks : list of Check
        In the order in which the functions stand in the module.
    """

    name: str
    title: str
    checks: list[Check] = field(default_factory=list)

    def check(self, function: str, **facts: Any) -> Callable[[Look], Look]:
        """Register the decorated function as a check, under its own name."""

        def register(look: Look) -> Look:
            check = Check(self.name, look.__name__, self.title, function, look=look, **facts)
            if any(check.name == other.name for other in self.checks):
                raise ValueError(f"two checks are called {check.id}")
            self.checks.append(check)
            return look

        return register

    @property
    def points(self) -> int:
        """The sum over the checks."""
        return sum(check.points for check in self.checks)

    @property
    def functions(self) -> list[str]:
        """What the learner writes, in order."""
        return list(dict.fromkeys(check.function for check in self.checks))
