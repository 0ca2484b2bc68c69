"""One Markdown file a student: what is right, what is wrong, and where to read."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from autograder.catalogue import EXERCISES, find_check
from autograder.core.compare import KINDS
from autograder.core.explain import Verdict, by_cause, render

FOLDER = "feedback"
RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


def write(
    exercises: dict[str, Any], students: Iterable[dict[str, Any]], out: Path
) -> dict[str, Path]:
    """Write the feedback of every student and return the paths.

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
    taken: set[str] = set()
    paths = {}
    for student in students:
        name = file_name(student["student"])
        if name.casefold() in taken:
            name = f"{name}-{_short_digest(student['student'])}"
        taken.add(name.casefold())
        path = folder / f"{name}.md"
        path.write_text(text(student, exercises), encoding="utf-8", newline="\n")
        paths[student["student"]] = path
    return paths


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


def text(student: dict[str, Any], exercises: dict[str, Any]) -> str:
    """Return the feedback for one student, in Markdown."""
    total = sum(exercise["points"] for exercise in exercises.values())
    lines = [f"# Feedback for {_inline(student['student'])}", ""]
    lines += [f"**{student['total']} of {total} points.**", ""]
    lines += [f"- {_inline(problem)}" for problem in student["problems"]]
    lines += [""] if student["problems"] else []
    lines += ["| exercise | points |", "| --- | --- |"]
    for name, exercise in exercises.items():
        earned = student["exercises"][name]
        said = f"{earned or 0} of {exercise['points']}"
        said += ", not handed in" if earned is None else ""
        lines.append(f"| {name} | {said} |")
    for name, exercise in exercises.items():
        if student["exercises"][name] is not None:
            lines += _exercise(name, {id: student["checks"][id] for id in exercise["checks"]})
    return "\n".join(lines) + "\n"


def _exercise(name: str, checks: dict[str, dict[str, Any]]) -> list[str]:
    lines = ["", f"## {EXERCISES[name].title} ({name}.py)", ""]
    seeds = {id: check["seed"] for id, check in checks.items()}
    verdicts = [_verdict(id, check) for id, check in checks.items()]
    right = [verdict for verdict in verdicts if verdict.outcome == "correct"]
    waiting = [verdict for verdict in verdicts if verdict.outcome == "not attempted"]
    wrong = [verdict for verdict in verdicts if verdict not in right + waiting]
    lines += [f"- ✓ `{v.check.function}`: {v.check.title} ({v.points})" for v in right]
    lines += [""] if right else []
    told: set[str] = set()
    for first, *others in by_cause(wrong):
        lines += [*_fenced(_block(first, len(others))), ""]
        if first.lesson and first.mistake not in told:
            told.add(first.mistake)
            lines += [_inline(first.lesson), ""]
        if first.outcome in KINDS or first.outcome == "crashed":
            again = f"python -m autograder observe {first.check.id} --seed {seeds[first.check.id]}"
            lines += [f"To see this draw on your own code: `{again}`", ""]
    if waiting:
        functions = ", ".join(dict.fromkeys(verdict.check.function for verdict in waiting))
        lines += [f"Not attempted: {_inline(functions)}", ""]
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


def _block(verdict: Verdict, also: int) -> str:
    printed = verdict.printed.rstrip().splitlines()[:8]
    more = ["  Your code printed", *(f"    {line}" for line in printed)] if printed else []
    return "\n".join([render(verdict, also=also), *more])


def _fenced(block: str) -> list[str]:
    """Return a code block whose fence is longer than any run of backticks inside."""
    longest = max((len(run) for run in re.findall("`+", block)), default=0)
    fence = "`" * max(3, longest + 1)
    return [f"{fence}text", block, fence]


def _inline(text: str) -> str:
    """Return a student's text with everything escaped that Markdown or HTML would obey."""
    return re.sub(r"([\\`*_{}\[\]<>()#+!|&~-])", r"\\\1", " ".join(text.split()))
