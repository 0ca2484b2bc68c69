"""A page's Markdown taken apart: its fences, the prose between them, and what prose computes."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass


class PageError(Exception):
    """A page that can't be published; the message says where and why."""


@dataclass(frozen=True)
class Prose:
    """What stands between two fences.

    Attributes
    ----------
    line : int
        Its first line on the page, counted from 1.
    text : str
        As it stands there.
    """

    line: int
    text: str


@dataclass(frozen=True)
class Fence:
    """A block between two lines of backticks.

    Attributes
    ----------
    line : int
        The line of its header, counted from 1.
    text : str
        The whole block as it stands there.
    indent : str
        What every line of it begins with.
    language : str
        The first word of the header.
    words : tuple of str
        The other words of the header.
    options : dict of str to str
        What the header says in the form `key="value"`.
    body : str
        The lines between, without the indent.
    """

    line: int
    text: str
    indent: str
    language: str
    words: tuple[str, ...]
    options: dict[str, str]
    body: str


OPENING = re.compile(r"(?P<indent>[ \t]*)(?P<marks>`{3,}|~{3,})[ \t]*(?P<header>[^`]*?)\s*")
WORD = re.compile(r"""(?P<key>[\w-]+)=(?P<quote>["'])(?P<value>.*?)(?P=quote)|(?P<word>\S+)""")


def parts(text: str) -> Iterator[Prose | Fence]:
    """Yield the parts of a page in order; joined, their texts are the page again.

    Raises
    ------
    PageError
        If a fence is never closed.
    """
    lines = text.splitlines(keepends=True)
    prose, number = 0, 0  # where the prose before this line began, and this line
    while number < len(lines):
        opening = OPENING.fullmatch(lines[number])
        if not opening:
            number += 1
            continue
        if prose < number:
            yield Prose(prose + 1, "".join(lines[prose:number]))
        end = _closing(lines, number, opening)
        yield _fence(number, lines[number : end + 1], opening)
        prose = number = end + 1
    if prose < number:
        yield Prose(prose + 1, "".join(lines[prose:number]))


def _closing(lines: list[str], start: int, opening: re.Match[str]) -> int:
    """Return where the block ends that begins at `start`."""
    for number in range(start + 1, len(lines)):
        if lines[number].rstrip() == opening["indent"] + opening["marks"]:
            return number
    raise PageError(f"line {start + 1}: this fence is never closed: {lines[start].strip()}")


def _fence(number: int, lines: list[str], opening: re.Match[str]) -> Fence:
    indent = opening["indent"]
    words, options = [], {}
    for match in WORD.finditer(opening["header"]):
        if match["key"]:
            options[match["key"]] = match["value"]
        else:
            words.append(match["word"])
    body = "".join(line.removeprefix(indent) for line in lines[1:-1])
    language = words[0] if words else ""
    return Fence(number + 1, "".join(lines), indent, language, tuple(words[1:]), options, body)


# A code span, which may hold an expression, or a formula, which may hold several.
SPAN = re.compile(
    r"""
    (?<![\\`]) (?P<ticks>`+) (?!`) (?P<code>(?:(?!\n[ \t]*\n).)+?) (?<!`) (?P=ticks) (?!`)
    | \\\( .+? \\\) | \\\[ .+? \\\] | (?<![\\$]) \$\$ .+? \$\$
    | (?<![\\$]) \$ (?=[^\s$]) [^$]*? (?<=[^\s\\]) \$ (?!\d)
    """,
    re.DOTALL | re.VERBOSE,
)
MARK = "{python} "
EXPRESSION = re.compile(r"(?<!`)`\{python\} ([^`]+)`(?!`)")
# What Markdown would read as more than the character.
SPECIAL = re.compile(r"[\\`*_{}\[\]#$]")


def substitute(text: str, line: int, value: Callable[[str, int], str]) -> str:
    r"""Put the values of expressions in their places.

    Parameters
    ----------
    text : str
        Markdown; `` `{python} loss` `` in it stands for the value of `loss`. Outside of formulas
        the value is plain text: nothing in it is Markdown.
    line : int
        Where the text begins on the page.
    value : callable
        Returns the value of an expression on a line, as text.
    """

    def at(position: int) -> int:
        return line + text.count("\n", 0, position)

    def span(match: re.Match[str]) -> str:
        code = match["code"]
        if code is None:  # a formula
            return EXPRESSION.sub(
                lambda inner: value(inner[1], at(match.start() + inner.start())), match[0]
            )
        if match["ticks"] == "`" and code.startswith(MARK):
            return plain(value(code.removeprefix(MARK), at(match.start())))
        return match[0]

    return SPAN.sub(span, text)


def plain(text: str) -> str:
    """Return Markdown that shows a text as it is."""
    text = text.replace("&", "&amp;").replace("<", "&lt;")
    return SPECIAL.sub(r"\\\g<0>", text)
