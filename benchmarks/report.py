"""Tables of what was measured: for the terminal, and in Markdown for the website."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from benchmarks.measure import Goal, Line, Row
from benchmarks.results import Entry

Cells = list[str]


def number(value: float) -> str:
    """Return a number to three significant digits, or all of its whole ones."""
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) < 0.1 else f"{value:.3g}".rstrip(".")


def tables(entry: Entry) -> Iterator[list[Cells]]:
    """Yield a table for each unit, its head first."""
    for unit in dict.fromkeys(line.unit for line in entry.lines):
        lines = [line for line in entry.lines if line.unit == unit]
        base = lines[0]
        compared = bool(base.samples) and len(lines) > 1
        head = ["what", unit, "smallest to largest"]
        yield [
            head + ([f"times “{base.name}”", "smallest to largest"] if compared else []),
            *(_cells(line, base if compared else None) for line in lines),
        ]


def _cells(line: Line, base: Line | None) -> Cells:
    if not line.samples:
        cells = [line.name, "not measured", line.missing]
        return cells + ["", ""] * bool(base)
    cells = [line.name, number(line.middle), _spread(min(line.samples), max(line.samples))]
    if base is None:
        return cells
    if base is line or len(base.samples) != len(line.samples):
        return [*cells, "", ""]
    middle, least, most = line.times(base)
    return [*cells, number(middle), _spread(least, most)]


def _spread(least: float, most: float) -> str:
    return "" if least == most else f"{number(least)} to {number(most)}"


def verdict(goal: Goal, entry: Entry) -> tuple[str, bool | None, str]:
    """Return a goal in words, whether it was met (None: not measured), and what was reached."""
    limit = goal.at_most if goal.at_most is not None else goal.at_least
    assert limit is not None
    word = "at most" if goal.at_most is not None else "at least"
    amount = f"{number(limit)} times “{goal.against}”" if goal.against else f"{number(limit)}"
    text = f"“{goal.line}”: {word} {amount} ({goal.unit})"
    found = {(line.name, line.unit): line for line in entry.lines}
    line = found.get((goal.line, goal.unit))
    other = found.get((goal.against, goal.unit)) if goal.against else None
    if not line or not line.samples or (goal.against and (not other or not other.samples)):
        return text, None, "not measured"
    reached = line.times(other)[0] if other else line.middle
    met = reached <= limit if goal.at_most is not None else reached >= limit
    return text, met, number(reached)


def goal_lines(row: Row, entry: Entry) -> Iterator[str]:
    """Yield a sentence a goal: met, or by how much not and why."""
    for goal in row.goals:
        text, met, reached = verdict(goal, entry)
        if met is None:
            yield f"{text}: not measured"
        elif met:
            yield f"{text}: met, {reached}"
        else:
            yield f"{text}: missed, {reached}. {goal.why}".rstrip(". ") + "."


def when(entry: Entry) -> str:
    """Return when a row was measured, and how."""
    versions = [f"{name} {version}" for name, version in entry.versions.items()]
    beside = f"; {', '.join(versions)}" if versions else ""
    how = "" if entry.effort == "usual" else f", {entry.effort}"
    return f"{entry.date}{how}, in {entry.seconds} s; load before {entry.load}{beside}"


def text_of(row: Row, entry: Entry) -> str:
    """Return a row for the terminal."""
    parts = [row.title, *(_aligned(table) for table in tables(entry)), *goal_lines(row, entry)]
    return "\n".join([*parts, when(entry)])


def _aligned(table: Sequence[Cells]) -> str:
    widths = [max(len(cells[column]) for cells in table) for column in range(len(table[0]))]
    lines = [
        f"  {cells[0]:<{widths[0]}}"
        + "".join(f"  {cell:>{width}}" for cell, width in zip(cells[1:], widths[1:], strict=True))
        for cells in table
    ]
    return "\n".join(line.rstrip() for line in lines)


def markdown_of(row: Row, entry: Entry | None) -> str:
    """Return a row's section of the website's page."""
    parts = [f"## {row.title}", row.about]
    if entry is None:
        return "\n\n".join([*parts, f"Not measured yet: `python -m benchmarks {row.name}`."])
    parts += [_markdown(table) for table in tables(entry)]
    parts.append("\n".join(f"- {line}" for line in goal_lines(row, entry)))
    return "\n\n".join([*(part for part in parts if part), f"*Measured on {when(entry)}.*"])


def _markdown(table: Sequence[Cells]) -> str:
    head, *rows = table
    rule = ["---", *(["---:"] * (len(head) - 1))]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [head, rule, *rows])


def machines(entries: dict[str, Entry]) -> str:
    """Return a table of the machines that were measured on, and which rows on each."""
    groups: dict[tuple[tuple[str, str], ...], list[str]] = {}
    for name, entry in entries.items():
        groups.setdefault(tuple(entry.machine.items()), []).append(name)
    parts = []
    for machine, names in groups.items():
        which = "all rows" if len(groups) == 1 else ", ".join(names)
        parts.append(_markdown([["measured here", which], *([k, v] for k, v in machine)]))
    return "\n\n".join(parts)
