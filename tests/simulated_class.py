"""Classes of simulated students, and what each of them should get.

It is made from the reference, the right alternatives, the known mistakes and the attacks.
What should come out is worked out from the frozen observations and the points of the
checks: nothing that grades takes part in it. The same seed makes the same class.
"""

from __future__ import annotations

import functools
import json
import random
import re
import tomllib
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from attacks import ATTACKS

from autograder.catalogue import EXERCISES
from autograder.core.compare import KINDS
from autograder.core.observe import OUTCOMES
from conftest import ROOT, solution

SEED = 7
SIZES = {
    "honest": 350,
    "partial": 150,
    "mistaken": 380,
    "broken": 30,
    "attacker": 45,
    "endless": 5,
    "unreadable": 20,
    "copied": 20,
}
"""How many students of each kind there are in the class of 1,000."""

MISTAKES = (
    "losses.summed-not-averaged",
    "losses.targets-minus-predictions",
    "losses.no-clip",
    "losses.no-maximum-subtracted",
    "losses.row-gradients-not-averaged",
    "backprop.derivative-from-z",
    "backprop.outputs-not-averaged",
    "backprop.weight-gradients-transposed",
    "backprop.bias-gradient-averaged",
    "backprop.gradients-carried-over",
    "gradient_check.one-sided-difference",
    "gradient_check.below-minus-above",
    "gradient_check.divided-by-one-epsilon",
    "gradient_check.biases-left-out",
    "gradient_check.built-in-maximum",
    "training_loop.loss-after-the-update",
    "training_loop.biases-stay",
    "training_loop.divided-by-the-batch-size",
    "training_loop.same-order-every-epoch",
    "training_loop.one-network-for-all-rates",
    "minibatch.bias-subtracted",
    "minibatch.exponent-with-the-wrong-sign",
    "minibatch.sum-over-examples",
    "minibatch.mean-bias-gradient",
    "minibatch.weight-gradient-transposed",
    "overfitting.size-cut-off",
    "overfitting.summed-over-examples",
    "overfitting.trained-on-the-test-set",
    "overfitting.last-minimum",
    "overfitting.jumps-not-counted",
)
"""The 30 known mistakes that are made in a class."""

Lost = dict[str, frozenset[str]]
PART_I = ["losses", "backprop", "gradient_check", "training_loop", "minibatch", "overfitting"]
HANDED_IN = [*PART_I, "mnist_project"]
"""What students of this class hand in; of the other exercises nobody hands in anything."""
MARKED = re.compile(r"(?ms)^( *)### BEGIN SOLUTION\n.*?^ *### END SOLUTION\n")

NOT_ATTEMPTED = frozenset({"not attempted"})
CRASHED = frozenset({"crashed"})
STOPPED = frozenset({"too slow", "not run"})
WRONG = frozenset({*KINDS, "crashed"})
ANY = frozenset({*KINDS, *OUTCOMES})
"""Outcomes that are not right: those of which one must come out."""


@dataclass(frozen=True)
class Work:
    """What somebody hands in, and what it is worth.

    Attributes
    ----------
    kind : str
        One of `SIZES`.
    modules : dict of str to bytes
        By exercise; none if nothing can be read.
    lost : dict of str to frozenset of str
        By the id of each check that isn't right the outcomes, of which one must come out.
    named : dict of str to frozenset of str
        By the check's id the mistakes, "" for none, of which one must be named; where
        there is no entry, none may be.
    mistakes : tuple of str
        Those that were made, by their ids.
    """

    kind: str
    modules: dict[str, bytes]
    lost: Lost = field(default_factory=dict)
    named: dict[str, frozenset[str]] = field(default_factory=dict)
    mistakes: tuple[str, ...] = ()

    def points(self, exercise: str) -> int | None:
        """Return what an exercise should earn; None if it wasn't handed in."""
        if exercise not in self.modules:
            return None
        checks = EXERCISES[exercise].checks
        return sum(check.points for check in checks if check.id not in self.lost)


@dataclass(frozen=True)
class Student:
    """Somebody in the class.

    Attributes
    ----------
    name : str
    form : str
        How the work is handed in: one of `FORMS` or `UNREADABLE`.
    work : Work
    """

    name: str
    form: str
    work: Work


# --- the known mistakes, from what was frozen


@dataclass(frozen=True)
class Slip:
    """A known mistake, as far as this class needs it.

    Attributes
    ----------
    exercise, name, function, group : str
    changes : tuple of (str, str)
        What makes it of the reference.
    shows : dict of str to str
        By the check's name what it shows where it differs from the reference.
    """

    exercise: str
    name: str
    function: str
    group: str
    changes: tuple[tuple[str, str], ...]
    shows: Mapping[str, str]

    def applied(self, text: str) -> str | None:
        """Return a text with the mistake in it; None if it doesn't fit any more."""
        for old, new in self.changes:
            if text.count(old) != 1:
                return None
            text = text.replace(old, new)
        return text

    def named(self, check: str) -> str:
        """Return the name that a failed check should give it; "" if it could be another.

        It is one that shows the same there. If that can be said of several, it is
        one that shows the same in every check of its function.
        """
        others = slips(self.exercise).values()
        fitting = [slip for slip in others if slip.shows.get(check) == self.shows[check]]
        if len({slip.group for slip in fitting}) > 1:
            fitting = [slip for slip in fitting if slip._shows_all_of(self)]
        groups = {slip.group for slip in fitting}
        return f"{self.exercise}.{fitting[0].name}" if len(groups) == 1 else ""

    def _shows_all_of(self, other: Slip) -> bool:
        checks = [c for c in EXERCISES[self.exercise].checks if c.function == self.function]
        return all(self.shows.get(c.name) == other.shows.get(c.name) for c in checks)


@functools.cache
def slips(exercise: str) -> dict[str, Slip]:
    """Return the known mistakes of an exercise, by name."""
    made = tomllib.loads((ROOT / "solutions/mistakes" / f"{exercise}.toml").read_text("utf-8"))
    changes = {one["name"]: tuple(map(tuple, one["changes"])) for one in made["mistake"]}
    frozen = json.loads(
        (ROOT / f"exercises/observations/{exercise}.mistakes.json").read_text("utf-8")
    )
    return {
        name: Slip(
            exercise,
            name,
            facts["function"],
            facts["group"],
            changes[name],
            {check: json.dumps(mark) for check, mark in facts["shows"].items()},
        )
        for name, facts in frozen.items()
    }


def slip(mistake: str) -> Slip:
    """Return a known mistake by its id."""
    exercise, _, name = mistake.partition(".")
    return slips(exercise)[name]


# --- what students write

LOCALS = {
    "losses": ("shifted", "exponentials", "log_totals"),
    "backprop": ("shrunk", "delta", "error", "weight_grads", "bias_grads"),
    "gradient_check": ("above", "below", "original", "index", "difference"),
    "training_loop": ("total_loss", "weight_sums", "bias_sums", "order", "batch"),
    "minibatch": ("shrunk", "delta", "weight_grads", "bias_grads"),
    "overfitting": ("n_test", "order", "weight_grads", "bias_grads"),
    "mnist_project": ("rows", "keep", "predicted", "columns"),
}
"""Local names of the reference that can be others."""

WORDS = ("new", "mine", "tmp", "final", "v2", "as_in_the_book", "größe", "值")
REMARKS = (
    "TODO: ask about this in the exercise class",
    "worked on with Zoë",
    "bitte noch einmal ansehen",
    "これは難しい",
    "version 3, final, really",
    "no idea why this works, but it does 🎉",
)


def text_of(exercise: str, done: int = 99) -> str:
    """Return the reference, with the first `done` functions written and the others as stubs.

    The training of the project's classifier is never written: it would take long.
    """
    if exercise == "mnist_project":
        done = min(done, 3)
    count = -1

    def stub(block: re.Match[str]) -> str:
        nonlocal count
        count += 1
        return block[0] if count < done else f"{block[1]}raise NotImplementedError\n"

    return MARKED.sub(stub, solution(exercise))


UNTRAINED: Lost = {
    check.id: NOT_ATTEMPTED
    for check in EXERCISES["mnist_project"].checks
    if check.function == "train_classifier"
}


def lost_after(exercise: str, done: int) -> Lost:
    """Return what is lost where only the first `done` functions are written."""
    missing = EXERCISES[exercise].functions[done:]
    checks = EXERCISES[exercise].checks
    return {check.id: NOT_ATTEMPTED for check in checks if check.function in missing}


def dressed(chance: random.Random, text: str) -> bytes:
    """Return a module as somebody would save it: with remarks, and with any line ends."""
    text = re.sub(r"(?m)^ *### (BEGIN|END) SOLUTION\n", "", text)
    text = f"# {chance.choice(REMARKS)} ({chance.randrange(10**9)})\n{text}"
    ends = chance.choice(("\n", "\n", "\r\n"))
    encoding = chance.choice(("utf-8", "utf-8", "utf-8", "utf-8-sig"))
    return text.replace("\n", ends).encode(encoding)


def renamed(chance: random.Random, exercise: str, text: str) -> str:
    """Return the text with other names for some of its local variables."""
    for name in LOCALS[exercise]:
        if chance.random() < 0.5:
            text = re.sub(rf"\b{name}\b", f"{name}_{chance.choice(WORDS)}", text)
    return text


def exercises_of_one(chance: random.Random) -> list[str]:
    """Return what somebody hands in who has done all of Part I: one of five the project, too."""
    return list(HANDED_IN) if chance.random() < 0.2 else PART_I


def whole(chance: random.Random) -> dict[str, bytes]:
    """Return right modules, but for the project's training."""
    texts = {name: renamed(chance, name, text_of(name)) for name in exercises_of_one(chance)}
    return {name: dressed(chance, text) for name, text in texts.items()}


def honest(chance: random.Random) -> Work:
    """Return right work; in two of five in another style than the reference's."""
    modules = whole(chance)
    if chance.random() < 0.4:
        exercise = chance.choice(PART_I)
        styles = sorted((ROOT / "solutions/alternatives" / exercise).glob("*.py"))
        style = chance.choice(styles).read_text("utf-8")
        modules[exercise] = dressed(chance, f"{text_of(exercise)}\n\n{style}")
    return Work("honest", modules, UNTRAINED)


def partial(chance: random.Random) -> Work:
    """Return work of which some modules are missing, and some are begun."""
    modules: dict[str, bytes] = {}
    lost = dict(UNTRAINED)
    for exercise in HANDED_IN:
        usual = 0.7
        if exercise == "mnist_project":  # which imports two of the others
            usual = 0.3 if {"backprop", "minibatch"} <= modules.keys() else 0.0
        if chance.random() >= usual:
            continue
        functions = len(EXERCISES[exercise].functions)
        done = chance.randint(0, functions) if chance.random() < 0.6 else functions
        modules[exercise] = dressed(chance, text_of(exercise, done))
        lost |= lost_after(exercise, done)
    if not modules:
        return partial(chance)
    return Work("partial", modules, lost)


def mistaken(chance: random.Random, first: str) -> Work:
    """Return work with one to three mistakes, which show in different checks."""
    made = [first, *chance.sample(MISTAKES, chance.choice((0, 0, 1, 2)))]
    texts = {name: text_of(name) for name in exercises_of_one(chance)}
    planted: list[Slip] = []
    for one in map(slip, made):
        text = one.applied(texts[one.exercise])
        if text is not None and not any(_meet(one, other) for other in planted):
            texts[one.exercise] = text
            planted.append(one)
    modules = {name: dressed(chance, text) for name, text in texts.items()}
    lost = dict(UNTRAINED)
    named: dict[str, frozenset[str]] = {}
    for one in planted:
        together = [other for other in planted if other.exercise == one.exercise]
        ids = frozenset(f"{other.exercise}.{other.name}" for other in together)
        for check in one.shows:
            id = f"{one.exercise}.{check}"
            lost[id] = WRONG
            named[id] = frozenset({one.named(check)} if len(together) == 1 else {*ids, ""})
    mistakes = tuple(f"{one.exercise}.{one.name}" for one in planted)
    return Work("mistaken", modules, lost, named, mistakes)


def _meet(one: Slip, other: Slip) -> bool:
    """Return whether nobody could say which checks fail for which of the two."""
    if one.exercise != other.exercise:
        return False
    return one.function == other.function or bool(one.shows.keys() & other.shows.keys())


BREAKS: dict[str, Callable[[str], str]] = {
    "a syntax error": lambda text: text.replace("import numpy as np", "import numpy as np)"),
    "a missing package": lambda text: f"import torch\n{text}",
    "leaving": lambda text: f"{text}\nraise SystemExit(0)\n",
    "an undefined name": lambda text: f"{text}\nprint(undefined)\n",
    "null bytes": lambda text: f"{text}\0\n",
}


def broken(chance: random.Random) -> Work:
    """Return work of which one module can't be imported."""
    exercise = chance.choice([name for name in PART_I if name not in ("backprop", "minibatch")])
    modules = whole(chance)
    spoil = BREAKS[chance.choice(list(BREAKS))]
    modules[exercise] = dressed(chance, spoil(text_of(exercise)))
    lost = {check.id: CRASHED for check in EXERCISES[exercise].checks}
    return Work("broken", modules, UNTRAINED | lost)


ALONE = ("mse_loss", "mse_gradient", "binary_cross_entropy", "softmax_cross_entropy")
"""Functions of `losses` that no other one calls."""


def endless(chance: random.Random) -> Work:
    """Return work in which one function never returns."""
    function = chance.choice(ALONE)
    text = re.sub(rf"(?m)^(def {function}\(.*:)$", r"\1\n    while True: pass", text_of("losses"))
    modules = {**whole(chance), "losses": dressed(chance, text)}
    stopped = {c.id: STOPPED for c in EXERCISES["losses"].checks if c.function == function}
    return Work("endless", modules, UNTRAINED | stopped)


def attackers(chance: random.Random, count: int) -> list[Work]:
    """Return modules that want points for nothing; those that are cheap and contained anywhere."""
    tame = {
        name: attack
        for name, attack in sorted(ATTACKS.items())
        if name.partition(".")[0] in ("forgery", "results", "reading")
        and not (attack.leaks or attack.wall or attack.unsafe or attack.machine or attack.then)
        and b"@" not in _bytes(attack.module)
    }
    lost = {check.id: ANY for check in EXERCISES["losses"].checks}
    chosen = chance.sample(list(tame.values()), count)
    return [Work("attacker", {"losses": _bytes(one.module)}, lost) for one in chosen]


def _bytes(module: str | bytes) -> bytes:
    return module if isinstance(module, bytes) else module.encode()


# --- who they are, and how they hand it in

FIRST = """
Ada Zoë José Søren Łukasz Nguyễn Siân Björk Jürgen Chloé Иван Ольга 美咲 伟 지우 فاطمة אורי Ayşe
Dvořák Māra Ünal Beyoncé Renée Ñusta Þóra Åsa Mei-Ling Jean-Luc Amélie Øyvind
"""
LAST = """
O'Brien Muñoz Müller-Lüdenscheidt García Nováková Østergaard Szczęśniak D'Ávila Straße Петров
山田 王 김 العلي כהן Yılmaz Kõiv Björnsdóttir Nguyễn Smith MacDonald Saint-Exupéry Ångström Ğül
Çelik Ștefănescu Ķēniņš Ivanović Papadopoulos van_der_Berg de_la_Cruz Null Test Öz Ó_Súilleabháin
Gödel Erdős
"""
STYLES = (
    "{first} {last}",
    "{last}, {first}",
    "{first}.{last}",
    "{last}_{first}_1042_assignsubmission_file",
    "{first} {last} 🎓",
    '{first} "Ace" {last}',
    "={first}+{last}",
    "+49 {first} {last}",
    "-{last}-{first}",
    "@{first} {last}",
    "{first} {last} (2)",
    "{first};{last}&co",
    "100% {first} {last}",
)


def names(chance: random.Random, count: int) -> list[str]:
    """Return so many different names."""
    pairs = [(first, last) for first in FIRST.split() for last in LAST.split()]
    return [
        chance.choice(STYLES).format(first=first, last=last).replace("_", " ")
        for first, last in chance.sample(pairs, count)
    ]


FORMS = ("folder", "folder in a folder", "zip", "zip of a folder")
UNREADABLE = ("empty", "other files", "broken zip", "rar")


def make_class(
    sizes: Mapping[str, int] = SIZES, unreadable: Sequence[str] = UNREADABLE
) -> list[Student]:
    """Return a class, in the order of their names.

    Parameters
    ----------
    sizes : mapping of str to int
        How many students there are of each kind.
    unreadable : sequence of str
        The forms of what can't be read.
    """
    chance = random.Random(SEED)
    works = [honest(chance) for _ in range(sizes["honest"])]
    works += [partial(chance) for _ in range(sizes["partial"])]
    works += [
        mistaken(chance, MISTAKES[number % len(MISTAKES)]) for number in range(sizes["mistaken"])
    ]
    works += [broken(chance) for _ in range(sizes["broken"])]
    works += [endless(chance) for _ in range(sizes["endless"])]
    works += attackers(chance, sizes["attacker"])
    copied = [work for work in works if work.kind in ("honest", "partial", "mistaken")]
    works += [replace(work, kind="copied") for work in chance.sample(copied, sizes["copied"])]
    works += [Work("unreadable", {}) for _ in range(sizes["unreadable"])]
    students = [
        Student(name, chance.choice(FORMS if work.modules else unreadable), work)
        for name, work in zip(names(chance, len(works)), works, strict=True)
    ]
    return sorted(students, key=lambda student: student.name)


def write(student: Student, folder: Path) -> None:
    """Put what a student hands in into a folder of submissions."""
    files = {f"{name}.py": content for name, content in student.work.modules.items()}
    if student.form == "folder in a folder":
        files = {f"exercises/{name}": content for name, content in files.items()}
    if student.form == "zip of a folder":
        files = {f"homework 3/{name}": content for name, content in files.items()}
        files |= {f"__MACOSX/homework 3/._{name}": b"\0" for name in files}
    if student.form == "other files":
        files = {"notes.txt": b"I was ill.", "losses.py.txt": b"x = 1\n"}
    if student.form.startswith("zip"):
        _write_zip(folder / f"{student.name}.zip", files)
    elif student.form == "broken zip":
        _write_zip(folder / f"{student.name}.zip", {"losses.py": b"x = 1\n" * 99})
        raw = (folder / f"{student.name}.zip").read_bytes()
        (folder / f"{student.name}.zip").write_bytes(raw[: len(raw) // 2])
    elif student.form == "rar":
        (folder / f"{student.name}.rar").write_bytes(b"Rar!\x1a\x07\x01\x00")
    else:
        own = folder / student.name
        own.mkdir()
        for name, content in files.items():
            path = own / PurePosixPath(name)
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)


def _write_zip(path: Path, files: Mapping[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
