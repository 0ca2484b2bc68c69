"""Variants of the reference: the known mistakes, and alternatives that are right."""

from __future__ import annotations

import functools
import tomllib
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from autograder.catalogue import EXERCISES, find_check
from autograder.core import frozen
from autograder.core.compare import agree
from autograder.core.exercise import VISIBLE_SEED, Check
from autograder.core.mistakes import Mistake, Unseen
from autograder.core.observe import observe
from autograder.core.workbook import Workbook

MANY = 20_000
"""How many observations are kept for the next time; some 3 kB each."""

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
        self._expected = functools.lru_cache(MANY)(self._make_expected)
        self._shown = functools.lru_cache(MANY)(self._make_shown)
        self._showing = functools.cache(self._make_showing)

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

    def expected(self, check: Check, seed: int) -> Any:
        """Return what the reference shows on a draw; see `frozen.expected`."""
        return self._expected(check.id, seed)

    def shown(self, mistake: Mistake, check: Check, seed: int) -> Any:
        """Return what a mistake shows on a draw, or `Unseen`."""
        return self._shown(mistake, check.id, seed)

    def showing(self, check: Check) -> list[Mistake]:
        """Return the known mistakes that a check sees, going by the visible draw."""
        return self._showing(check.id)

    # What is cached goes by ids: a check has parts that can't be keys.

    def _make_expected(self, check_id: str, seed: int) -> Any:
        return frozen.expected(find_check(check_id), self.reference, seed)

    def _make_shown(self, mistake: Mistake, check_id: str, seed: int) -> Any:
        check = find_check(check_id)
        seen = observe(check, self.with_mistake(mistake), check.inner_seed(seed))
        return seen.observation if seen.outcome == "seen" else Unseen

    def _make_showing(self, check_id: str) -> list[Mistake]:
        check = find_check(check_id)
        reference = self.expected(check, VISIBLE_SEED)

        def shows(mistake: Mistake) -> bool:
            mark = self.shown(mistake, check, VISIBLE_SEED)
            return mark is not Unseen and not agree(mark, reference, check.tolerance)

        return [mistake for mistake in self.mistakes(check.exercise) if shows(mistake)]


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

    def __call__(self, mistake: Mistake, check: Check) -> Any:
        """Return what a check observes on a mistake, or `Unseen`."""
        return self._variants.shown(mistake, check, self._seeds[check.id])
