"""The numbered equations of the chapters, gathered for the pages that list them all."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

COURSE = Path(__file__).resolve().parents[1] / "course"
DISPLAY = re.compile(r"^\$\$((?:(?!\$\$).)*?)\\tag\{([\d.]+)\}\s*\$\$$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Equation:
    """An equation of a chapter.

    Attributes
    ----------
    number : str
        As in "(1.1)", without the parentheses.
    tex : str
    folder : str
        The chapter's, such as "losses".
    """

    number: str
    tex: str
    folder: str


def equations() -> list[Equation]:
    """Return all numbered equations, in their order."""
    found = [equation for page in COURSE.glob("*/index.md") for equation in _of(page)]
    return sorted(found, key=lambda one: [int(part) for part in one.number.split(".")])


def _of(page: Path) -> Iterator[Equation]:
    for match in DISPLAY.finditer(page.read_text(encoding="utf-8")):
        yield Equation(match[2], " ".join(match[1].split()), page.parent.name)


def quick_reference(rows: str) -> str:
    """Return every equation as Markdown, with what is said about it, by chapter.

    Parameters
    ----------
    rows : str
        A line for each equation: number | name | shapes | how to think of it in NumPy.
        A line that begins with # is the heading of what follows.

    Raises
    ------
    ValueError
        If an equation has no line, or a line no equation.
    """
    known = {equation.number: equation for equation in equations()}
    lines: list[str] = []
    for row in filter(None, rows.strip().splitlines()):
        if row.startswith("#"):
            lines += [row, ""]
            continue
        number, name, shapes, idea = (part.strip() for part in row.split(" | "))
        if number not in known:
            raise ValueError(f"no chapter has an equation ({number}), or it is listed twice")
        equation = known.pop(number)
        link = f"[({number})](../{equation.folder}/index.md#eq-{number})"
        lines += [f"**{name}** {link}", "", "$$", equation.tex, "$$", "", f"{shapes}. {idea}", ""]
    if known:
        raise ValueError(f"nothing is said about the equations {', '.join(known)}")
    return "\n".join(lines)
