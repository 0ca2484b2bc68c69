"""What a student gets: what is right, what is wrong, and where to read.

As Markdown, and as an HTML page that needs nothing but itself.
"""

from __future__ import annotations

import hashlib
import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.catalogue import EXERCISES, find_check
from autograder.core.compare import KINDS
from autograder.core.explain import Verdict, by_cause, render
from autograder.reports import pages

FOLDER = "feedback"
RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
PRINTED = 8
"""Lines that are shown of what a student's code printed."""

VALUES = {"We ran", "You returned", "We expected", "It raised", "In", "It became", "It was"}
"""Labels of what is code or a value; what stands beside the others is prose."""


@dataclass(frozen=True)
class Told:
    """A failed check, and what is told with it.

    Attributes
    ----------
    verdict : Verdict
    also : int
        How many other checks failed for the same reason.
    printed : tuple of str
        The first lines of what the code printed.
    lesson : str
        Nothing if it was told before.
    again : str
        The command that runs the same draw; nothing if that would show nothing.
    """

    verdict: Verdict
    also: int
    printed: tuple[str, ...]
    lesson: str
    again: str


@dataclass(frozen=True)
class Part:
    """The feedback on an exercise that was handed in.

    Attributes
    ----------
    name, title : str
        Of the exercise and of its chapter.
    right : list of Verdict
    wrong : list of Told
    waiting : list of str
        The functions that were not attempted.
    """

    name: str
    title: str
    right: list[Verdict]
    wrong: list[Told]
    waiting: list[str]


def write(exercises: dict[str, Any], students: Iterable[dict[str, Any]], out: Path) -> None:
    """Write the feedback of every student, as Markdown and as HTML beside it.

    Parameters
    ----------
    exercises : dict
        See `results.possible`.
    students : iterable of dict
        Taken one at a time.
    out : Path
    """
    folder = out / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    students, named = itertools.tee(students)
    names = distinct_file_names(student["student"] for student in named)
    for student, name in zip(students, names, strict=True):
        for ending, made in ((".md", text), (".html", page)):
            path = folder / f"{name}{ending}"
            path.write_text(made(student, exercises), encoding="utf-8", newline="\n")


def distinct_file_names(students: Iterable[str]) -> Iterator[str]:
    """Yield a file name for each student, also apart where capitals don't count.

    Examples
    --------
    >>> list(distinct_file_names(["ada", "Ada"]))
    ['ada', 'Ada-99a563ab']
    """
    taken: set[str] = set()
    for student in students:
        name = file_name(student)
        if name.casefold() in taken:
            name = f"{name}-{_short_digest(student)}"
        taken.add(name.casefold())
        yield name


def file_name(student: str) -> str:
    """Return a name that every file system takes; two students never share one.

    Examples
    --------
    >>> file_name("ada")
    'ada'
    """
    safe = re.sub(r"[^\w.@+ -]", "_", student).strip(". ")[:80]
    changed = safe != student or not safe or RESERVED.fullmatch(safe)
    return f"{safe}-{_short_digest(student)}" if changed else safe


def _short_digest(student: str) -> str:
    return hashlib.sha256(student.encode()).hexdigest()[:8]


def page(student: dict[str, Any], exercises: dict[str, Any]) -> str:
    """Return the feedback for one student, as an HTML page."""
    return pages.render(
        "feedback.html",
        student=student["student"],
        total=student["total"],
        possible=_possible(exercises),
        problems=student["problems"],
        exercises=[
            (name, student["exercises"][name], exercise["points"])
            for name, exercise in exercises.items()
        ],
        parts=parts(student, exercises),
        values=VALUES,
    )


def text(student: dict[str, Any], exercises: dict[str, Any]) -> str:
    """Return the feedback for one student, in Markdown."""
    lines = [f"# Feedback for {_inline(student['student'])}", ""]
    lines += [f"**{student['total']} of {_possible(exercises)} points.**", ""]
    lines += [f"- {_inline(problem)}" for problem in student["problems"]]
    lines += [""] if student["problems"] else []
    lines += ["| exercise | points |", "| --- | --- |"]
    for name, exercise in exercises.items():
        earned = student["exercises"][name]
        said = f"{earned or 0} of {exercise['points']}"
        said += ", not handed in" if earned is None else ""
        lines.append(f"| {name} | {said} |")
    for part in parts(student, exercises):
        lines += _part(part)
    return "\n".join(lines) + "\n"


def parts(student: dict[str, Any], exercises: dict[str, Any]) -> Iterator[Part]:
    """Yield the feedback on each exercise that was handed in."""
    for name, exercise in exercises.items():
        if student["exercises"][name] is None:
            continue
        checks = {id: student["checks"][id] for id in exercise["checks"]}
        verdicts = [_verdict(id, check) for id, check in checks.items()]
        right = [verdict for verdict in verdicts if verdict.outcome == "correct"]
        waiting = [verdict for verdict in verdicts if verdict.outcome == "not attempted"]
        settled = ("correct", "not attempted")
        wrong = [verdict for verdict in verdicts if verdict.outcome not in settled]
        yield Part(
            name,
            EXERCISES[name].title,
            right,
            list(_told(wrong, {id: check.get("seed", 0) for id, check in checks.items()})),
            list(dict.fromkeys(verdict.check.function for verdict in waiting)),
        )


def _told(wrong: list[Verdict], seeds: dict[str, int]) -> Iterator[Told]:
    known: set[str] = set()
    for first, *others in by_cause(wrong):
        lesson = first.lesson if first.mistake not in known else ""
        known.add(first.mistake)
        shows = first.outcome in KINDS or first.outcome == "crashed"
        again = f"python -m autograder observe {first.check.id} --seed {seeds[first.check.id]}"
        printed = tuple(first.printed.rstrip().splitlines()[:PRINTED])
        yield Told(first, len(others), printed, lesson, again if shows else "")


def _possible(exercises: dict[str, Any]) -> int:
    return sum(exercise["points"] for exercise in exercises.values())


def _part(part: Part) -> list[str]:
    lines = ["", f"## {part.title} ({part.name}.py)", ""]
    lines += [f"- ✓ `{v.check.function}`: {v.check.title} ({v.points})" for v in part.right]
    lines += [""] if part.right else []
    for told in part.wrong:
        lines += [*_fenced(_block(told)), ""]
        lines += [_inline(told.lesson), ""] if told.lesson else []
        if told.again:
            lines += [f"To see this draw on your own code: `{told.again}`", ""]
    if part.waiting:
        lines += [f"Not attempted: {_inline(', '.join(part.waiting))}", ""]
    return lines[:-1]


def _verdict(check_id: str, record: dict[str, Any]) -> Verdict:
    check = find_check(check_id)
    return Verdict(
        check,
        record["outcome"],
        record.get("headline", check.title),
        tuple((label, said) for label, said in record.get("explanation", [])),
        record.get("printed", ""),
        record.get("mistake", ""),
        record.get("lesson", ""),
    )


def _block(told: Told) -> str:
    more = ["  Your code printed", *(f"    {line}" for line in told.printed)]
    return "\n".join([render(told.verdict, also=told.also), *(more if told.printed else [])])


def _fenced(block: str) -> list[str]:
    """Return a code block whose fence is longer than any run of backticks inside."""
    longest = max((len(run) for run in re.findall("`+", block)), default=0)
    fence = "`" * max(3, longest + 1)
    return [f"{fence}text", block, fence]


def _inline(text: str) -> str:
    """Return a student's text with everything escaped that Markdown or HTML would obey."""
    return re.sub(r"([\\`*_{}\[\]<>()#+!|&~-])", r"\\\1", " ".join(text.split()))
