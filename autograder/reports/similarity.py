"""`similar.html` and `similar.csv`: where students' files share code that few others have.

Both say that these are places to look and no verdict. Their order is that of the names.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.catalogue import EXERCISES
from autograder.reports import pages, shared_code
from autograder.reports.gradebook import dead
from autograder.reports.shared_code import Comparison, Group, HandedIn, Pair, Passage

PAGE, TABLE = "similar.html", "similar.csv"
SHOWN = 200
"""Places of an exercise that the page shows; the table has them all."""

LINES = 150
"""Lines of a file that are shown in one place."""

LONG = 160
"""Characters of a line that are shown."""

HEADER = (
    "exercise",
    "what",
    "one",
    "other",
    "share of one's code",
    "share of the other's code",
    "note",
)
NOTE = "a place to look, not a verdict"


@dataclass(frozen=True)
class Unread:
    """A file, or a whole submission, that is not compared."""

    student: str
    file: str
    why: str


@dataclass(frozen=True)
class Place:
    """Something to look at: a group that has the same code, or a pair that shares some.

    Attributes
    ----------
    found : Group or Pair
    left : HandedIn
        A file of it.
    right : HandedIn or None
        Another student's with another text, if there is one.
    passages : list of Passage
        What they share, as far as it is shown.
    hidden : int
        How many more lines they share.
    """

    found: Group | Pair
    left: HandedIn
    right: HandedIn | None
    passages: list[Passage]
    hidden: int


def write(
    comparisons: Sequence[Comparison], unread: Iterable[Unread], at_least: float, out: Path
) -> None:
    """Write the page and the table.

    Parameters
    ----------
    comparisons : sequence of Comparison
    unread : iterable of Unread
        What couldn't be read, to say so.
    at_least : float
        What the pairs have in common at least.
    out : Path
        A folder.
    """
    unread = [*unread, *(one for each in comparisons for one in _skipped(each))]
    unread.sort(key=lambda one: (one.student, one.file))
    html = page(comparisons, unread, at_least)
    (out / PAGE).write_text(html, encoding="utf-8", newline="\n")
    with (out / TABLE).open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        writer.writerows([dead(cell) for cell in row] for row in rows(comparisons, unread))


def page(comparisons: Sequence[Comparison], unread: Sequence[Unread], at_least: float) -> str:
    """Return the page; parameters as for `write`."""
    return pages.render(
        "similar.html",
        exercises=[
            (one, EXERCISES[one.exercise].title, _shown(one), len(one.groups) + len(one.pairs))
            for one in comparisons
            if one.students
        ],
        unread=unread,
        at_least=at_least,
        rules=shared_code,
        long=LONG,
        same=same,
        share=share,
        table=TABLE,
    )


def rows(comparisons: Iterable[Comparison], unread: Iterable[Unread]) -> Iterator[Sequence[str]]:
    """Yield the rows of the table."""
    for one in comparisons:
        for group in one.groups:
            yield one.exercise, same(group), "; ".join(group.students), "", "", "", NOTE
        for pair in one.pairs:
            names = ("; ".join(shared_code.names_of(side)) for side in (pair.left, pair.right))
            shares = share(pair.of_left), share(pair.of_right)
            yield one.exercise, "shared passages", *names, *shares, NOTE
    for left_out in unread:
        exercise = left_out.file.removesuffix(".py")
        yield exercise, "not compared", left_out.student, "", "", "", f"because {left_out.why}"


def same(group: Group) -> str:
    """Say what is the same in a group."""
    return "the same file" if len(group.copies) == 1 else "the same but for names and remarks"


def share(of: float) -> str:
    """Return a share for people.

    Examples
    --------
    >>> share(0.666), share(0.9999)
    ('67%', '>99%')
    """
    return pages.percent(round(10_000 * of), 10_000)


def _skipped(comparison: Comparison) -> Iterator[Unread]:
    for one, why in comparison.skipped:
        yield Unread(one.student, f"{comparison.exercise}.py", why)


def _shown(comparison: Comparison) -> list[Place]:
    """Return the groups, and the pairs that share most, both in the order of the names."""
    groups = comparison.groups[:SHOWN]
    most = sorted(comparison.pairs, key=lambda pair: -pair.shared)[: SHOWN - len(groups)]
    pairs = sorted(most, key=lambda pair: (pair.left, pair.right))
    found: list[Group | Pair] = [*groups, *pairs]
    return [_place(comparison, one) for one in found]


def _place(comparison: Comparison, found: Group | Pair) -> Place:
    if isinstance(found, Pair):
        left, others = found.left[0], found.right
    else:
        left, others = found.copies[0][0], [one for copy in found.copies[1:] for one in copy]
    right = next((one for one in others if one.student != left.student), None)
    passages = comparison.passages(left, right) if right else comparison.own(left)
    shown: list[Passage] = []
    room = LINES
    for passage in passages:
        shown += [Passage(passage.left[:room], passage.right[:room])] if room > 0 else []
        room -= max(len(passage.left), len(passage.right))
    return Place(found, left, right, shown, max(0, -room))
