"""The autograder, graded: its rates of accepting wrong code and rejecting right code.

For each exercise four corpora go through the checks: the known mistakes, alternatives
that are right, random perturbations of the reference's results, and mutants of its text.
"""

from __future__ import annotations

import functools
import time
import tomllib
import warnings
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from autograder.authoring.mutants import mutants
from autograder.authoring.variants import LiveFingerprints, Variants
from autograder.catalogue import EXERCISES
from autograder.core.exercise import VISIBLE_SEED, Check, Exercise
from autograder.core.explain import Verdict, judge
from autograder.core.mistakes import Mistake, name_mistake
from autograder.core.observe import Seen, TooSlow, observe
from autograder.learner.watchdog import time_limit

HIDDEN = tuple(range(1, 4))
MANY_HIDDEN = tuple(range(1, 21))
PERTURBATIONS = 40
SECONDS = 5.0
"""Of the processor, for a mutant, which may loop: a busy machine makes none too slow."""


COLUMNS: dict[str, str] = {
    "mistakes": "known mistakes",
    "accepted": "mistakes accepted",
    "named": "named rightly",
    "misnamed": "named wrongly",
    "silent": "not named",
    "alternatives": "right alternatives",
    "rejected": "alternatives rejected",
    "perturbations": "random perturbations",
    "mutants": "mutants",
    "killed": "mutants that fail",
    "equivalent": "mutants that are right",
    "survived": "mutants accepted",
}
"""What is counted, and what it is called."""


@dataclass
class Audit:
    """What was found out about the checks of one exercise.

    Attributes
    ----------
    exercise : str
    counts : dict of str to int
        How many of what, in the order of `COLUMNS`.
    problems : list of str
        Everything that must not be, in sentences.
    """

    exercise: str
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COLUMNS, 0))
    problems: list[str] = field(default_factory=list)

    def problem(self, column: str, text: str) -> None:
        """Count something that must not be, and say it."""
        self.counts[column] += 1
        self.problems.append(f"{self.exercise}: {text}")


class Auditor:
    """Runs the corpora.

    Parameters
    ----------
    solutions : Path
    """

    def __init__(self, solutions: Path) -> None:
        self.variants = Variants(solutions)
        self._fingerprints: dict[int, LiveFingerprints] = {}

    def audit(self, name: str) -> Audit:
        """Audit one exercise."""
        exercise, result = EXERCISES[name], Audit(name)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # wrong code overflows; that is not news
            self._mistakes(exercise, result)
            self._alternatives(exercise, result)
            self._perturbations(exercise, result)
            self._mutants(exercise, result)
        return result

    # --- the corpora

    def _mistakes(self, exercise: Exercise, result: Audit) -> None:
        for mistake in self.variants.mistakes(exercise.name):
            result.counts["mistakes"] += 1
            module = self.variants.with_mistake(mistake)
            named_everywhere = True
            for seed in (VISIBLE_SEED, *HIDDEN):
                verdicts = self.verdicts(module, exercise, seed)
                wrong = [v for v in verdicts.values() if v.outcome != "correct"]
                if not wrong:
                    result.problem("accepted", f"{mistake.id} is accepted on draw {seed}")
                    named_everywhere = False
                    break
                names = {v.mistake for v in wrong if v.mistake}
                others = names - self._group(mistake)
                if others:
                    text = f"{mistake.id} is named {', '.join(sorted(others))} on draw {seed}"
                    result.problem("misnamed", text)
                named_everywhere = named_everywhere and bool(names - others)
            result.counts["named" if named_everywhere else "silent"] += 1
            self._blame(mistake, result)

    def _blame(self, mistake: Mistake, result: Audit) -> None:
        """Check that a mistake costs nothing in another exercise, but where pieces are joined."""
        for other in EXERCISES.values():
            source = self.variants.source(other.name)
            if other.name != mistake.exercise and f"from {mistake.exercise} " in source:
                joined = {check.function for check in other.checks if check.prepare}
                module = self._joined(other, mistake)
                verdicts = self.verdicts(module, other, VISIBLE_SEED)
                for verdict in verdicts.values():
                    if verdict.outcome != "correct" and verdict.check.function not in joined:
                        text = f"{mistake.id} costs points in {verdict.check.id}"
                        result.problem("accepted", text)

    def _joined(self, exercise: Exercise, mistake: Mistake) -> ModuleType:
        module = self.variants.module(exercise.name, self.variants.source(exercise.name))
        wrong = self.variants.with_mistake(mistake)
        for name in list(vars(module)):
            if not name.startswith("__") and hasattr(wrong, name):
                original = getattr(self.variants.reference.module(mistake.exercise), name, None)
                if getattr(module, name) is original:
                    setattr(module, name, getattr(wrong, name))
        return module

    def _group(self, mistake: Mistake) -> set[str]:
        mistakes = self.variants.mistakes(mistake.exercise)
        return {other.id for other in mistakes if other.group == mistake.group}

    def _alternatives(self, exercise: Exercise, result: Audit) -> None:
        for style, module in self.variants.alternatives(exercise.name).items():
            result.counts["alternatives"] += 1
            for seed in (VISIBLE_SEED, *MANY_HIDDEN):
                slow = seed == VISIBLE_SEED  # training is long: one draw of it
                wrong = [
                    verdict
                    for verdict in self.verdicts(module, exercise, seed, slow).values()
                    if verdict.outcome != "correct"
                ]
                if wrong:
                    text = f"{style}.py fails {wrong[0].check.id} on draw {seed}"
                    result.problem("rejected", f"{text}: {wrong[0].headline}")
                    break

    def _perturbations(self, exercise: Exercise, result: Audit) -> None:
        rng = np.random.default_rng(zlib.crc32(exercise.name.encode()))
        for number in range(PERTURBATIONS):
            function = exercise.functions[number % len(exercise.functions)]
            module = self.variants.module(exercise.name, self.variants.source(exercise.name))
            kind = _perturb(module, function, rng)
            result.counts["perturbations"] += 1
            what = f"{function} with {kind}"
            visible = self.verdicts(module, exercise, VISIBLE_SEED)
            self._names_are_true(module, exercise, visible, what, result)

    def _mutants(self, exercise: Exercise, result: Audit) -> None:
        listed = self._equivalent(exercise.name)
        found = set()
        judged = {check.function for check in exercise.checks if check.judge}
        for mutant in mutants(self.variants.source(exercise.name), judged):
            result.counts["mutants"] += 1
            found.add(mutant.name)
            try:
                with time_limit(SECONDS, time.process_time):
                    module = self.variants.module(exercise.name, mutant.source)
                    visible = self.verdicts(module, exercise, VISIBLE_SEED)
                    accepted = _passes(visible) and all(
                        _passes(self.verdicts(module, exercise, seed)) for seed in HIDDEN
                    )
                    if not accepted:
                        self._names_are_true(module, exercise, visible, mutant.name, result)
            except TooSlow:
                accepted = False
            except Exception:  # it can't even be imported
                accepted = False
            if mutant.name in listed and accepted:
                result.counts["equivalent"] += 1
            elif accepted:
                result.problem("survived", f"accepted, and not listed as right: {mutant.name}")
            else:
                result.counts["killed"] += 1
                if mutant.name in listed:
                    result.problems.append(
                        f"{exercise.name}: listed as right, but fails: {mutant.name}"
                    )
        for name in sorted(set(listed) - found):
            result.problems.append(f"{exercise.name}: listed as right, but no mutant: {name}")

    def _equivalent(self, name: str) -> dict[str, str]:
        """Return the mutants that are right, with the reason."""
        path = self.variants.solutions / "mistakes" / "equivalent.toml"
        if not path.exists():
            return {}
        tables: dict[str, dict[str, str]] = tomllib.loads(path.read_text(encoding="utf-8"))
        return tables.get(name, {})

    # --- how a module fares

    def _names_are_true(
        self,
        module: ModuleType,
        exercise: Exercise,
        visible: Mapping[str, Verdict],
        what: str,
        result: Audit,
    ) -> None:
        """Check that a name given on the visible draw is given on others: it is that mistake."""
        named = {check: verdict.mistake for check, verdict in visible.items() if verdict.mistake}
        again = [self.verdicts(module, exercise, seed) for seed in HIDDEN] if named else []
        for check, name in named.items():
            if {verdicts[check].mistake for verdicts in again} != {name}:
                result.problem("misnamed", f"{what} is named {name}")

    def verdicts(
        self, module: ModuleType, exercise: Exercise, seed: int, slow: bool = False
    ) -> Mapping[str, Verdict]:
        """Return the verdicts on a module, as a learner would get them for a draw."""
        checks = [check for check in exercise.checks if slow or not check.prepare]
        prepared = {check.id: check.prepared(seed) for check in checks}
        seen: dict[str, Seen] = {}
        for check in checks:
            drawn = prepared[check.id]
            inputs = drawn.inputs if drawn else None
            seen[check.id] = observe(check, module, check.inner_seed(seed), inputs)
        namer = self._namer(exercise, seen, seed)
        verdicts = {}
        for check in checks:
            drawn = prepared[check.id]
            expected = None if check.judge else self.variants.expected(check, seed)
            kept = drawn.kept if drawn else None
            verdicts[check.id] = judge(check, seen[check.id], expected, kept, namer)
        return verdicts

    def _namer(
        self, exercise: Exercise, seen: dict[str, Seen], seed: int
    ) -> Callable[[Check], Mistake | None]:
        if seed not in self._fingerprints:
            seeds = {c.id: seed for one in EXERCISES.values() for c in one.checks}
            self._fingerprints[seed] = LiveFingerprints(self.variants, seeds)
        observations = {id: one.observation for id, one in seen.items() if one.outcome == "seen"}
        marks = self._fingerprints[seed]

        def namer(check: Check) -> Mistake | None:
            mistakes = self.variants.showing(check)
            return name_mistake(check, observations, exercise.checks, mistakes, marks)

        return namer


def _passes(verdicts: Mapping[str, Verdict]) -> bool:
    return all(verdict.outcome == "correct" for verdict in verdicts.values())


# --- perturbations


def _perturb(module: ModuleType, function: str, rng: np.random.Generator) -> str:
    """Wrap a function so that its result is wrong in a random way; return which."""
    owner: Any = module
    *path, name = function.split(".")
    for part in path:
        owner = getattr(owner, part)
    original = getattr(owner, name)
    kind = list(WAYS)[int(rng.integers(len(WAYS)))]
    size = float(rng.uniform(0.3, 3.0))

    @functools.wraps(original)
    def perturbed(*arguments: Any, **named: Any) -> Any:
        return _everywhere(original(*arguments, **named), WAYS[kind], size)

    setattr(owner, name, perturbed)
    return f"{kind} ({size:.3f})"


def _everywhere(value: Any, way: Callable[[Any, float], Any], size: float) -> Any:
    if isinstance(value, list | tuple):
        return type(value)(_everywhere(item, way, size) for item in value)
    if isinstance(value, dict):
        return {key: _everywhere(item, way, size) for key, item in value.items()}
    if isinstance(value, bool | str) or callable(value):
        return value
    if isinstance(value, int | float | np.number):
        return way(np.asarray(float(value)), size)[()]
    return way(np.asarray(value, dtype=float), size) if isinstance(value, np.ndarray) else value


def _one_entry(array: Any, size: float) -> Any:
    changed = np.array(array)
    if changed.size:
        changed.flat[int(size * 100) % changed.size] += size
    return changed


WAYS: dict[str, Callable[[Any, float], Any]] = {
    "a factor": lambda array, size: array * size,
    "an offset": lambda array, size: array + size,
    "a power": lambda array, size: np.sign(array) * np.abs(array) ** size,
    "a rotation": lambda array, size: np.roll(array, 1) + 0 * size,
    "one wrong entry": _one_entry,
    "a wobble": lambda array, size: (
        array * (1 + 0.1 * np.sin(size * np.arange(array.size))).reshape(array.shape)
    ),
    "a cut": lambda array, size: np.minimum(array, size / 10),
}


def table(audits: list[Audit]) -> Iterator[list[str]]:
    """Yield the rows of the table: a head, one an exercise, and the sums."""
    yield ["", *(audit.exercise for audit in audits), "all"]
    for column, title in COLUMNS.items():
        counts = [audit.counts[column] for audit in audits]
        yield [title, *map(str, counts), str(sum(counts))]
