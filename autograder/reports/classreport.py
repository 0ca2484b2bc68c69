"""The class report: what a class can do, what it can't yet, and what to teach again.

One pass over the students, of whom nothing is kept but counts and sums: ten thousand
need no more memory than twenty.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.catalogue import EXERCISES, find_check
from autograder.core.observe import OUTCOMES
from autograder.reports import pages
from autograder.reports.pages import counted, number, percent, signed

FILE = "class.html"
TO_TEACH = 5
HARDEST = 10
ENOUGH = 5
"""Students who must have tried a check before it is called hard."""

WEAK = 0.1
"""A check that discriminates less tells strong students and weak ones hardly apart."""

LISTED = 200
"""Names in a list; the gradebook has them all."""

BANDS = 10
DRAWN = 15
"""Mistakes that are drawn; the table has them all."""

ENDED = frozenset(OUTCOMES) - {"seen", "not attempted"}
"""Outcomes without an observation."""


@dataclass
class CheckCount:
    """What became of a check in the class.

    Attributes
    ----------
    id, function, title : str
    points : int
    right, wrong, waiting : int
        Students for whom it holds, for whom it doesn't, and who didn't attempt it.
    """

    id: str
    function: str
    title: str
    points: int
    right: int = 0
    wrong: int = 0
    waiting: int = 0
    _rest: int = 0
    _rest_squared: int = 0
    _rest_if_right: int = 0

    def add(self, outcome: str, rest: int) -> None:
        """Count a student.

        Parameters
        ----------
        outcome : str
        rest : int
            The student's points for everything else.
        """
        if outcome == "not attempted":
            self.waiting += 1
            return
        self._rest += rest
        self._rest_squared += rest * rest
        if outcome == "correct":
            self.right += 1
            self._rest_if_right += rest
        else:
            self.wrong += 1

    @property
    def attempted(self) -> int:
        """How many students attempted it."""
        return self.right + self.wrong

    @property
    def discrimination(self) -> float | None:
        """The point-biserial correlation with the rest of the points.

        Among those who attempted it; None if it is the same for all of them, or the
        rest is. All sums are whole numbers, so nothing is lost in a large class.
        """
        n = self.attempted
        spread = n * self._rest_squared - self._rest**2
        if not (self.right and self.wrong and spread):
            return None
        covariance = n * self._rest_if_right - self.right * self._rest
        return covariance / math.sqrt(self.right * self.wrong * spread)


@dataclass
class Topic:
    """Something that went wrong for several students and can be taught.

    Attributes
    ----------
    kind : str
        "mistake", a known one; "section", what is wrong in no known way in what a
        section of the course teaches; "file", handed in so that nothing in it runs.
    exercise, name : str
        The name is the mistake's id, or the section.
    looks_like, lesson : str
        Of the mistake.
    read : str
        What to read: the chapter and the section.
    students, points : int
        How many it concerns, and what it costs them together.
    checks : Counter
        Students by the id of the failed check.
    """

    kind: str
    exercise: str
    name: str
    read: str
    looks_like: str = ""
    lesson: str = ""
    students: int = 0
    points: int = 0
    checks: Counter[str] = field(default_factory=Counter)


@dataclass
class ExerciseCount:
    """What became of an exercise in the class.

    Attributes
    ----------
    name, title : str
    points : int
        What can be earned.
    checks : list of CheckCount
    handed_in, unwritten, complete : int
        Students who handed it in; of them, who attempted nothing in it, and who have
        all points.
    earned : int
        Points of all students together.
    """

    name: str
    title: str
    points: int
    checks: list[CheckCount]
    handed_in: int = 0
    unwritten: int = 0
    complete: int = 0
    earned: int = 0


class Tally:
    """The counts of a class.

    Parameters
    ----------
    exercises : dict
        See `results.possible`.

    Attributes
    ----------
    exercises : list of ExerciseCount
    students, present : int
        All of them, and those who handed something in.
    totals : Counter
        How many of those who handed something in have so many points.
    absent, unwritten : list of (str, str)
        Who handed nothing in, and who only what nothing was written in: name and
        problems. No more than `LISTED`.
    n_unwritten : int
    wrong, lost : int
        Failed checks, and what they cost, over all students.
    topics : dict
        The topics by kind, exercise and name.
    seconds : list of float
        Processor time of each submission, sorted: measured, so that no two reports
        have the same.
    """

    def __init__(self, exercises: dict[str, Any]) -> None:
        self.exercises = [
            ExerciseCount(
                name,
                EXERCISES[name].title,
                exercise["points"],
                [CheckCount(id, **facts) for id, facts in exercise["checks"].items()],
            )
            for name, exercise in exercises.items()
        ]
        self.students = self.present = self.n_unwritten = self.wrong = self.lost = 0
        self.totals: Counter[int] = Counter()
        self.absent: list[tuple[str, str]] = []
        self.unwritten: list[tuple[str, str]] = []
        self.topics: dict[tuple[str, str, str], Topic] = {}
        self.seconds: list[float] = []

    @property
    def possible(self) -> int:
        """What can be earned in all."""
        return sum(exercise.points for exercise in self.exercises)

    @property
    def checks(self) -> list[CheckCount]:
        """The checks of all exercises."""
        return [check for exercise in self.exercises for check in exercise.checks]

    def add(self, student: dict[str, Any]) -> None:
        """Count a student's record."""
        self.students += 1
        row = (student["student"], "; ".join(student["problems"]))
        if all(points is None for points in student["exercises"].values()):
            self.absent += [row] if len(self.absent) < LISTED else []
            return
        self.present += 1
        self.totals[student["total"]] += 1
        if all(check["outcome"] == "not attempted" for check in student["checks"].values()):
            self.n_unwritten += 1
            self.unwritten += [row] if len(self.unwritten) < LISTED else []
        for exercise in self.exercises:
            self._add_exercise(exercise, student)

    def _add_exercise(self, exercise: ExerciseCount, student: dict[str, Any]) -> None:
        earned = student["exercises"][exercise.name]
        if earned is None:
            return
        checks = student["checks"]
        outcomes = {checks[check.id]["outcome"] for check in exercise.checks}
        exercise.handed_in += 1
        exercise.earned += earned
        exercise.complete += earned == exercise.points
        exercise.unwritten += outcomes == {"not attempted"}
        met = set()
        for check in exercise.checks:
            found = checks[check.id]
            check.add(found["outcome"], student["total"] - found["points"])
            if found["outcome"] in ("correct", "not attempted"):
                continue
            topic = self._topic(check.id, found, broken=outcomes <= ENDED)
            cost = check.points - found["points"]  # an instructor may have given some
            topic.points += cost
            topic.checks[check.id] += 1
            met.add((topic.kind, topic.exercise, topic.name))
            self.wrong += 1
            self.lost += cost
        for key in met:
            self.topics[key].students += 1

    def _topic(self, check_id: str, found: dict[str, Any], broken: bool) -> Topic:
        check = find_check(check_id)
        if broken:
            topic = Topic("file", check.exercise, "", "")
        elif found.get("mistake"):
            said = dict(found["explanation"])
            read = said["Read"].removeprefix("course: ")
            words = (said["It looks like"], found["lesson"])
            topic = Topic("mistake", check.exercise, found["mistake"], read, *words)
        else:
            read = f'{check.chapter}, "{check.read}"'
            topic = Topic("section", check.exercise, check.read, read)
        return self.topics.setdefault((topic.kind, topic.exercise, topic.name), topic)

    def to_teach(self) -> list[Topic]:
        """Return the topics that cost the class most points, at most `TO_TEACH`."""
        ranked = sorted(
            self.topics.values(), key=lambda t: (-t.points, -t.students, t.exercise, t.name)
        )
        return ranked[:TO_TEACH]

    def mistakes(self) -> list[Topic]:
        """Return the known mistakes that were made, the most frequent first."""
        made = [topic for topic in self.topics.values() if topic.kind == "mistake"]
        return sorted(made, key=lambda t: (-t.students, -t.points, t.name))

    def hardest(self) -> list[CheckCount]:
        """Return the checks that the smallest share of those who tried got right.

        At most `HARDEST`, and none that fewer than `ENOUGH` tried or all got right.
        """
        tried = [check for check in self.checks if check.attempted >= ENOUGH and check.wrong]
        return sorted(tried, key=lambda c: (c.right / c.attempted, -c.attempted))[:HARDEST]


def tally(
    exercises: dict[str, Any], students: Iterable[dict[str, Any]], seconds: Iterable[float] = ()
) -> Tally:
    """Count a class, a student at a time.

    Parameters
    ----------
    exercises : dict
        See `results.possible`.
    students : iterable of dict
    seconds : iterable of float
        Processor time of each submission.
    """
    counts = Tally(exercises)
    counts.seconds = sorted(seconds)
    for student in students:
        counts.add(student)
    return counts


def write(
    exercises: dict[str, Any],
    students: Iterable[dict[str, Any]],
    out: Path,
    seconds: Iterable[float] = (),
) -> Path:
    """Write the class report and return its path; parameters as for `tally`."""
    path = out / FILE
    path.write_text(page(tally(exercises, students, seconds)), encoding="utf-8", newline="\n")
    return path


def page(counts: Tally) -> str:
    """Return the class report, as an HTML page."""
    hardest, mistakes = counts.hardest(), counts.mistakes()
    points = list(bands(counts.totals, counts.possible))
    times = list(time_bands(counts.seconds))
    return pages.render(
        "class.html",
        counts=counts,
        topics=counts.to_teach(),
        attempted=any(check.attempted for check in counts.checks),
        handed_in={exercise.name: exercise.handed_in for exercise in counts.exercises},
        check_of={check.id: check for check in counts.checks},
        spread=spread(counts),
        bands=points,
        point_bars=_bars(points),
        conclusions={exercise.name: conclusion(exercise) for exercise in counts.exercises},
        check_bars={exercise.name: list(_check_bars(exercise)) for exercise in counts.exercises},
        mistakes=mistakes,
        mistake_bars=_bars([(i, m.students) for i, m in enumerate(mistakes[:DRAWN], 1)]),
        on_mistakes=on_mistakes(counts),
        on_time=on_time(counts.seconds),
        times=times,
        time_bars=_bars(times),
        hardest=hardest,
        hardest_bars=list(_hardest_bars(hardest)),
        on_hardest=on_hardest(hardest),
        enough=ENOUGH,
    )


Bar = tuple[object, list[tuple[str, float]], str]
"""A label, the parts (a style and a share of the width each), and what stands at the end."""


def _bars(counts: Sequence[tuple[object, int]]) -> list[Bar]:
    most = max((count for _, count in counts), default=0) or 1
    return [(label, [("plain", count / most)], number(count)) for label, count in counts]


def _check_bars(exercise: ExerciseCount) -> Iterator[Bar]:
    n = exercise.handed_in or 1
    for i, check in enumerate(exercise.checks, 1):
        shares = (check.right / n, check.wrong / n, check.waiting / n)
        parts = list(zip(("solid", "hatched", "open"), shares, strict=True))
        yield i, parts, percent(check.right, check.attempted)


def _hardest_bars(hardest: list[CheckCount]) -> Iterator[Bar]:
    if all(check.discrimination is None for check in hardest):
        return
    for i, check in enumerate(hardest, 1):
        value = check.discrimination or 0.0
        parts = [("plain" if value > 0 else "hatched", abs(value))]
        yield i, parts, signed(check.discrimination)


def spread(counts: Tally) -> str:
    """Say in a sentence how the points are distributed."""
    n = counts.present
    if not n:
        return "Nobody has handed anything in yet."
    points = sorted(counts.totals.items())
    middle, low = _at_rank(points[::-1], (n + 1) // 2), _at_rank(points, (n + 3) // 4)
    high = _at_rank(points[::-1], (n + 3) // 4)
    return (
        f"Half of the {counted(n, 'student')} who handed something in have {middle} of "
        f"{counts.possible} points or more; a quarter have {low} or fewer, a quarter {high} or "
        "more."
    )


def _at_rank(points: Iterable[tuple[int, int]], rank: int) -> int:
    """Return the points at a rank, counted from where the counts begin."""
    for value, students in points:
        rank -= students
        if rank <= 0:
            return value
    raise ValueError("there are not so many students")


def bands(totals: Counter[int], possible: int) -> Iterator[tuple[str, int]]:
    """Yield bands of points and the number of students in each, the highest first."""
    width = max(1, -(-possible // BANDS))
    last = possible if width == 1 else -(-possible // width) - 1
    students: Counter[int] = Counter()
    for points, count in totals.items():
        students[min(points // width, last)] += count
    for band in range(last, -1, -1):
        low = band * width
        high = possible if band == last else low + width - 1
        yield f"{low}–{high}" if high > low else f"{low}", students[band]


def conclusion(exercise: ExerciseCount) -> str:
    """Say in a sentence how the checks of an exercise went."""
    tried = [check for check in exercise.checks if check.attempted]
    if not tried:
        return "Nobody has attempted a check of it yet."
    hardest = min(tried, key=lambda check: check.right / check.attempted)
    if hardest.wrong:
        place = exercise.checks.index(hardest) + 1
        mostly = sum(10 * check.right >= 9 * check.attempted for check in tried)
        said = (
            f"The hardest is check {place} ({hardest.function}: {hardest.title}), right for "
            f"{percent(hardest.right, hardest.attempted)} of those who attempted it. The pass "
            f"rate is 90% or more for {mostly} of {counted(len(tried), 'check')}."
        )
    else:
        said = "Every check that was attempted holds for everybody who attempted it."
    untried = len(exercise.checks) - len(tried)
    return said + (f" Nobody attempted {counted(untried, 'check')}." if untried else "")


def on_mistakes(counts: Tally) -> str:
    """Say in a sentence what the most frequent known mistake is."""
    mistakes = counts.mistakes()
    if not mistakes:
        return "No known mistake was recognized."
    first = mistakes[0]
    handed_in = next(e.handed_in for e in counts.exercises if e.name == first.exercise)
    named = sum(mistake.checks.total() for mistake in mistakes)
    return (
        f"The most frequent is “{first.looks_like}”: {number(first.students)} of "
        f"{number(handed_in)} who handed {first.exercise} in. Of "
        f"{counted(counts.wrong, 'wrong result')}, {percent(named, counts.wrong)} show a known "
        "mistake."
    )


def time_bands(seconds: Sequence[float]) -> Iterator[tuple[str, int]]:
    """Yield how many submissions took up to so many seconds, each limit ten times the last."""
    low = 0.0
    for limit in (0.01, 0.1, 1.0, 10.0, math.inf):
        label = f"up to {limit:g} s" if limit < math.inf else "longer"
        yield label, sum(low <= one < limit for one in seconds)
        low = limit


def on_time(seconds: Sequence[float]) -> str:
    """Say in a sentence how much processor time submissions took, in seconds, sorted."""
    if not seconds:
        return "No submission has been run."
    half, most = seconds[(len(seconds) - 1) // 2], seconds[-1]
    tenth = seconds[-(-9 * len(seconds) // 10) - 1]
    return (
        f"Half of {counted(len(seconds), 'submission')} took up to {half:.2g} s of processor time, "
        f"nine of ten up to {tenth:.2g} s, the longest {most:.2g} s. A submission that takes far "
        "longer than the others has a loop that hardly ends: see the checks that were too slow."
    )


def on_hardest(hardest: list[CheckCount]) -> str:
    """Say in a sentence which check is hardest, and how many hardly discriminate."""
    if not hardest:
        return ""
    first = hardest[0]
    said = (
        f"The hardest is {first.function}: {first.title}, right for "
        f"{percent(first.right, first.attempted)} of {counted(first.attempted, 'student')} who "
        "attempted it."
    )
    known = [check.discrimination for check in hardest if check.discrimination is not None]
    weak = sum(value < WEAK for value in known)
    if known:
        said += f" Discrimination is below {WEAK} for {weak} of {counted(len(known), 'check')}."
    return said
