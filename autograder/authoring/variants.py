"""Variants of the reference: the known mistakes, and alternatives that are right."""

from __future__ import annotations

import functools
import tomllib
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from autograder.catalogue import EXERCISES
from autograder.core.exercise import Check
from autograder.core.mistakes import Mistake, Unseen
from autograder.core.observe import observe
from autograder.core.workbook import Workbook

FIELDS = ("name", "function", "looks_like", "think", "fact", "hint", "read")


class BadCatalogue(ValueError):
    """A catalogue of mistakes that can't be used; the message says where and why."""


@dataclass(frozen=True)
class Slip:
    """A known mistake with what makes it of the reference.

    Attributes
    ----------
    mistake : Mistake
    changes : tuple of (str, str)
        Replacements in the reference's text, each of something that occurs once.
    """

    mistake: Mistake
    changes: tuple[tuple[str, str], ...]

    def applied(self, source: str) -> str:
        """Return the reference's text with the mistake in it.

        Raises
        ------
        BadCatalogue
            If a replacement doesn't fit the text.
        """
        for old, new in self.changes:
            if source.count(old) != 1:
                times = source.count(old)
                raise BadCatalogue(f"{self.mistake.id}: {old!r} occurs {times} times")
            source = source.replace(old, new)
        return source


def read_slips(solutions: Path, exercise: str) -> list[Slip]:
    """Return the known mistakes of an exercise.

    Raises
    ------
    BadCatalogue
        If the file isn't TOML, lacks a field, has one too many, or a name twice.
    """
    path = solutions / "mistakes" / f"{exercise}.toml"
    if not path.exists():
        return []
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8")).get("mistake", [])
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise BadCatalogue(f"{path}: {problem}") from None
    slips = [_slip(path, exercise, table) for table in tables]
    names = [slip.mistake.name for slip in slips]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise BadCatalogue(f"{path}: twice {', '.join(sorted(twice))}")
    return slips


def _slip(path: Path, exercise: str, table: dict[str, Any]) -> Slip:
    name = table.get("name", "a mistake without a name")
    wrong = set(table) ^ {*FIELDS, "changes"} - {"group"}
    if wrong - {"group"}:
        raise BadCatalogue(f"{path}, {name}: missing or unknown: {', '.join(sorted(wrong))}")
    if table["function"] not in EXERCISES[exercise].functions:
        raise BadCatalogue(f"{path}, {name}: no function {table['function']}")
    facts = {field: table[field] for field in FIELDS}
    mistake = Mistake(exercise=exercise, group=table.get("group", name), **facts)
    return Slip(mistake, tuple((old, new) for old, new in table["changes"]))


class Variants:
    """Modules made from the reference's text.

    Parameters
    ----------
    solutions : Path
    """

    def __init__(self, solutions: Path) -> None:
        self.solutions = solutions
        self.reference = Workbook(solutions, EXERCISES)

    @functools.cached_property
    def slips(self) -> dict[str, list[Slip]]:
        """The known mistakes, by exercise."""
        return {name: read_slips(self.solutions, name) for name in EXERCISES}

    def mistakes(self, exercise: str) -> list[Mistake]:
        """Return the known mistakes of an exercise."""
        return [slip.mistake for slip in self.slips[exercise]]

    def source(self, exercise: str) -> str:
        """Return the reference's text."""
        return (self.solutions / f"{exercise}.py").read_text(encoding="utf-8")

    # The cache keeps its Variants alive: there is one for a whole run.
    @functools.cache  # noqa: B019
    def with_mistake(self, mistake: Mistake) -> ModuleType:
        """Return the reference with a mistake in it."""
        slip = next(s for s in self.slips[mistake.exercise] if s.mistake == mistake)
        return self.module(mistake.exercise, slip.applied(self.source(mistake.exercise)))

    def alternatives(self, exercise: str) -> dict[str, ModuleType]:
        """Return the alternatives of an exercise, by style."""
        folder = self.solutions / "alternatives" / exercise
        return {
            path.stem: self.module(
                exercise, self.source(exercise), path.read_text(encoding="utf-8")
            )
            for path in sorted(folder.glob("*.py"))
        }

    def module(self, exercise: str, *sources: str) -> ModuleType:
        """Return a module made of sources, each run on top of the one before."""
        module = ModuleType(exercise)
        module.__file__ = str(self.solutions / f"{exercise}.py")
        for source in sources:
            with self.reference.on_stage():
                exec(compile(source, module.__file__, "exec"), module.__dict__)
        return module

    def observation(self, module: ModuleType, check: Check, seed: int) -> Any:
        """Return what a check observes on a module, or `Unseen`."""
        seen = observe(check, module, check.inner_seed(seed))
        return seen.observation if seen.outcome == "seen" else Unseen


class LiveFingerprints:
    """Fingerprints made by running the mistakes on a draw.

    Parameters
    ----------
    variants : Variants
    seeds : dict of str to int
        The draw of each check, by its id.
    """

    def __init__(self, variants: Variants, seeds: dict[str, int]) -> None:
        self._variants = variants
        self._seeds = seeds
        self._made: dict[tuple[str, str], Any] = {}

    def __call__(self, mistake: Mistake, check: Check) -> Any:
        """Return what a check observes on a mistake, or `Unseen`."""
        key = (mistake.id, check.id)
        if key not in self._made:
            module = self._variants.with_mistake(mistake)
            seed = self._seeds[check.id]
            self._made[key] = self._variants.observation(module, check, seed)
        return self._made[key]
