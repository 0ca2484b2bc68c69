"""Which students' files share code that few others have: a place to look, never a verdict.

A file is turned into fingerprints by copydetect: the hashes of all passages of `PASSAGE`
characters of its code, in which every name and every string is one letter and there are no
comments and no white space. So another name, another comment or another order of the functions
hides nothing. Nothing is run or even parsed; a file that isn't Python costs no more than one
that is.

Two kinds of code are taken out before anything is compared. What the class was given: the
stub. And what many of the class have, because a small exercise has few right ways: a
passage in the work of more than `MANY`, or one in `SHARE` of those who handed the exercise in,
whichever is more, is the exercise's own. MOSS does the same; its documentation advises 3 or 4
for short first assignments, and takes 10 otherwise, which is what `SHARE` comes to in a class
of 200. Students who have the very same file count as one there, so that a file that went
round doesn't make itself invisible.

References
----------
S. Schleimer, D. S. Wilkerson and A. Aiken, "Winnowing: Local algorithms for document
fingerprinting", SIGMOD 2003.
MOSS, the options -b and -m: https://theory.stanford.edu/~aiken/moss/
copydetect: https://copydetect.readthedocs.io/
"""

from __future__ import annotations

import functools
import io
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from copydetect import CodeFingerprint, compare_files
from copydetect.utils import get_token_coverage

PASSAGE = 25
"""Characters of code in the shortest passage that can match: about a line, as in copydetect."""

ENOUGH = 150
"""Characters of code, about six lines, that two files must share to be worth a look."""

AT_LEAST = 0.6
"""The share of its own code that a file must have in common with another.

No two of the course's own right alternatives, which were written to differ, have so much.
"""

MANY, SHARE = 4, 20
"""A passage in the work of more than `MANY`, and of more than one in `SHARE`, is common."""

GAP = 3
"""Lines to the next match that are still shown, and after which another passage begins."""

FAR, PLACES = 200, 8
"""How far ahead, and in how many places, it is looked for where a passage goes on."""

KEPT = 16
"""Fingerprinted files that are kept; others are made again when they are needed."""

MAX_BYTES = 50_000
MAX_LINES = 2_000
MAX_LINE = 1_000
"""Limits of a file that is compared: the tokenizer takes quadratic time for long white space."""


@dataclass(frozen=True, order=True)
class HandedIn:
    """A module that somebody handed in.

    Attributes
    ----------
    student, source : str
        Who, or the names of a team's members, and the submission that it was in.
    content : bytes
    """

    student: str
    source: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Group:
    """Students who have the same code.

    Attributes
    ----------
    copies : list of list of HandedIn
        Files with the same text stand together. If there are several texts, they differ
        only in names, strings, comments and white space.
    """

    copies: list[list[HandedIn]]

    @property
    def files(self) -> list[HandedIn]:
        """All of them, sorted."""
        return sorted(one for copy in self.copies for one in copy)

    @property
    def students(self) -> list[str]:
        """Who has one, sorted."""
        return names_of(self.files)


@dataclass(frozen=True)
class Pair:
    """Two ways to write a module that share code.

    Attributes
    ----------
    left, right : list of HandedIn
        Who has the one, and who has the other.
    of_left, of_right : float
        The share of the file's own code that is in the other one, too.
    shared : int
        Characters of code that they share.
    """

    left: list[HandedIn]
    right: list[HandedIn]
    of_left: float
    of_right: float
    shared: int


@dataclass(frozen=True)
class Line:
    """A line of a file: its number from 1, its text, and whether it matches."""

    number: int
    text: str
    matches: bool


@dataclass(frozen=True)
class Passage:
    """Lines of one file beside the lines of another that match them, without long gaps."""

    left: list[Line]
    right: list[Line]


@dataclass(frozen=True)
class _Code:
    """A way to write a module: the files that differ in names and comments at most."""

    copies: list[list[HandedIn]]
    fingerprints: np.ndarray

    @functools.cached_property
    def files(self) -> list[HandedIn]:
        return sorted(one for copy in self.copies for one in copy)

    @functools.cached_property
    def students(self) -> frozenset[str]:
        return frozenset(one.student for one in self.files)

    @functools.cached_property
    def text(self) -> str:
        return text_of(self.files[0].content)


class Comparison:
    """What the files of an exercise share.

    Parameters
    ----------
    exercise : str
    stub : str
        What the class was given.
    files : iterable of HandedIn
        Any number a student; a student's files are never compared with each other.
    at_least : float
        See `AT_LEAST`; the larger of a pair's two shares counts.

    Attributes
    ----------
    exercise : str
    students : int
        Who has a file that was compared.
    groups : list of Group
    pairs : list of Pair
        In the order of the students' names. Of two students' attempts those that share most.
    skipped : list of (HandedIn, str)
        What is not compared, and why.
    """

    def __init__(
        self, exercise: str, stub: str, files: Iterable[HandedIn], at_least: float = AT_LEAST
    ) -> None:
        self.exercise = exercise
        self.skipped: list[tuple[HandedIn, str]] = []
        self._given = fingerprint(stub).hashes
        codes = self._codes(files)
        self.students = len(names_of(one for code in codes for one in code.files))
        common = _common(codes)
        familiar = self._given | set(common.tolist())
        self._rare = functools.lru_cache(KEPT)(lambda text: fingerprint(text, familiar))
        self.groups = sorted(self._groups(codes), key=lambda group: group.students)
        self.pairs = self._pairs(codes, common, at_least)

    def passages(self, left: HandedIn, right: HandedIn) -> list[Passage]:
        """Return what two files share, in the order of the left one."""
        return _passages(self._rare(text_of(left.content)), self._rare(text_of(right.content)))

    def own(self, file: HandedIn) -> list[Passage]:
        """Return what a file has that isn't the stub's."""
        whole = fingerprint(text_of(file.content), self._given)
        return _passages(whole, whole)

    def _codes(self, files: Iterable[HandedIn]) -> list[_Code]:
        """Bring together what differs in names and comments only, in the order of students."""
        texts: dict[str, list[HandedIn]] = defaultdict(list)
        for one in sorted(files):
            text = text_of(one.content)
            problem = _too_large(one.content, text)
            if problem:
                self.skipped.append((one, problem))
            else:
                texts[text].append(one)
        codes: dict[str, _Code] = {}
        for text, copy in texts.items():
            whole = fingerprint(text, self._given)
            own = np.array(sorted(whole.hashes), dtype=np.int64)
            codes.setdefault(whole.filtered_code, _Code([], own)).copies.append(copy)
        return list(codes.values())

    def _groups(self, codes: Iterable[_Code]) -> Iterator[Group]:
        for code in codes:
            if len(code.students) == 1:
                continue
            if self._rare(code.text).token_coverage >= ENOUGH:
                yield Group(code.copies)
            elif fingerprint(code.text, self._given).token_coverage >= ENOUGH:
                # Many have this code, but hardly by chance with the same names and remarks.
                same = (copy for copy in code.copies if len(names_of(copy)) > 1)
                yield from (Group([copy]) for copy in same)

    def _pairs(self, codes: list[_Code], common: np.ndarray, at_least: float) -> list[Pair]:
        best: dict[frozenset[frozenset[str]], Pair] = {}
        for one, other in _candidates(codes, common, at_least):
            left, right = codes[one], codes[other]
            if left.students <= right.students or right.students <= left.students:
                continue
            shared, shares, _ = compare_files(self._rare(left.text), self._rare(right.text))
            if shared < ENOUGH or max(shares) < at_least:
                continue
            of_left, of_right = map(float, shares)
            pair = Pair(left.files, right.files, of_left, of_right, int(shared))
            who = frozenset((left.students, right.students))
            if who not in best or best[who].shared < pair.shared:
                best[who] = pair
        return sorted(best.values(), key=lambda pair: (pair.left, pair.right))


def names_of(files: Iterable[HandedIn]) -> list[str]:
    """Return the students, sorted."""
    return sorted({one.student for one in files})


def text_of(content: bytes) -> str:
    """Return a module's text, with a mark in place of each byte that is none in UTF-8."""
    text = content.decode("utf-8-sig", errors="replace")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(line.rstrip() for line in lines)


def _too_large(content: bytes, text: str) -> str:
    lines = text.split("\n")
    if len(content) > MAX_BYTES:
        return f"it has more than {MAX_BYTES // 1000} kB"
    if len(lines) > MAX_LINES:
        return f"it has more than {MAX_LINES} lines"
    long = next((number for number, line in enumerate(lines, 1) if len(line) > MAX_LINE), None)
    return f"line {long} has more than {MAX_LINE} characters" if long else ""


def fingerprint(text: str, without: Iterable[int] = ()) -> CodeFingerprint:
    """Return all fingerprints of a module, but for some.

    copydetect's own winnowing would keep only some, which depend on Python's random hashes,
    and where it takes out boilerplate it loses passages that a file has twice.
    """
    if text.startswith("\n"):
        text = f"#{text}"  # or the tokenizer drops the line, and all numbers are wrong
    whole = CodeFingerprint("", PASSAGE, 1, language="python", fp=io.StringIO(text))
    whole.hashes -= set(without)
    whole.hash_idx = {one: whole.hash_idx[one] for one in whole.hashes}
    whole.token_coverage = get_token_coverage(whole.hash_idx, whole.k, len(whole.filtered_code))
    return whole


def _common(codes: Iterable[_Code]) -> np.ndarray:
    """Return the fingerprints that so many have that they are the exercise's own."""
    by_holder: dict[str, list[np.ndarray]] = defaultdict(list)
    for code in codes:
        for copy in code.copies:
            by_holder[copy[0].student].append(code.fingerprints)
    each = [np.unique(np.concatenate(own)) for own in by_holder.values()]
    found, holders = _counts(each)
    return found[holders > max(MANY, len(each) // SHARE)]


def _counts(each: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Return all fingerprints, and in how many of the arrays each one is."""
    return np.unique(np.concatenate([np.array([], np.int64), *each]), return_counts=True)


def _candidates(
    codes: Iterable[_Code], common: np.ndarray, at_least: float
) -> Iterator[tuple[int, int]]:
    """Yield the pairs that may share enough, by an index of who has which fingerprint.

    A changed character costs both files the fingerprints of all passages that it is in,
    though it is one character; so a quarter of the share is enough to have a closer look.
    """
    rare = [np.setdiff1d(code.fingerprints, common, assume_unique=True) for code in codes]
    found, holders = _counts(rare)
    several = found[holders > 1]
    index: dict[int, list[int]] = defaultdict(list)
    for number, own in enumerate(rare):
        indexed = np.intersect1d(own, several, assume_unique=True).tolist()
        shared = Counter(other for one in indexed for other in index[one])
        for other, count in sorted(shared.items()):
            if 4 * count >= at_least * min(own.size, rare[other].size):
                yield other, number
        for one in indexed:
            index[one].append(number)


def _passages(left: CodeFingerprint, right: CodeFingerprint) -> list[Passage]:
    here, there = _Lines(left), _Lines(right)
    passages: list[tuple[list[slice], list[slice]]] = []
    for start, other, length in _runs(left, right):
        one, two = slice(start, start + length), slice(other, other + length)
        if passages:
            before_one, before_two = (runs[-1] for runs in passages[-1])
            if here.near(before_one, one) and there.near(before_two, two):
                passages[-1][0].append(one)
                passages[-1][1].append(two)
                continue
        passages.append(([one], [two]))
    return [Passage(here.excerpt(ones), there.excerpt(twos)) for ones, twos in passages]


def _runs(left: CodeFingerprint, right: CodeFingerprint) -> Iterator[tuple[int, int, int]]:
    """Yield where code that both have begins in each, and how long it is, as in the left one."""
    matching = {key: frozenset(right.hash_idx[key]) for key in left.hashes & right.hashes}
    found = [(at, key) for key in matching for at in left.hash_idx[key]]
    start = other = length = 0
    for at, key in sorted(found):
        if length and at <= start + length and other + at - start in matching[key]:
            length = at - start + PASSAGE
            continue
        if length:
            yield start, other, length
        start, length = at, PASSAGE
        places = right.hash_idx[key][:PLACES]
        other = max(places, key=lambda place: _goes_on(left, start, right, place))
    if length:
        yield start, other, length


def _goes_on(left: CodeFingerprint, at: int, right: CodeFingerprint, place: int) -> int:
    """Return for how many characters two files are the same from two places on."""
    one = left.filtered_code[at : at + FAR]
    other = right.filtered_code[place : place + FAR]
    same = (n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b)
    return next(same, min(len(one), len(other)))


class _Lines:
    """The lines of a file, and the characters of its code that are in each."""

    def __init__(self, whole: CodeFingerprint) -> None:
        self.text = whole.raw_code.split("\n")
        # copydetect says for some characters how many before them were taken out; where it
        # has a class's name it says too little.
        known = whole.offsets[:, 0]
        removed = np.maximum.accumulate(whole.offsets[:, 1])
        code = np.arange(len(whole.filtered_code))
        place = np.searchsorted(known, code).clip(max=len(known) - 1)
        ends = np.cumsum([len(line) + 1 for line in self.text[:-1]])
        self.of = np.searchsorted(ends, code + removed[place], side="right")

    def near(self, before: slice, after: slice) -> bool:
        """Return whether one run of characters follows another closely."""
        return bool(0 <= self.of[after.start] - self.of[before.stop - 1] <= GAP)

    def excerpt(self, runs: Iterable[slice]) -> list[Line]:
        """Return the lines of some runs of characters, and few others between them."""
        match = sorted({int(line) for run in runs for line in self.of[run]})
        shown = set(match)
        for line, after in zip(match, match[1:], strict=False):
            shown |= set(range(line, after)) if after - line <= GAP else set()
        return [Line(number + 1, self.text[number], number in match) for number in sorted(shown)]
