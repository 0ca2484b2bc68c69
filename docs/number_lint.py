"""The number lint: each number in prose is an input, computed, sourced or structural.

A number is

- **an input** if it stands in a source block that the page shows, written in whatever way;
- **computed** if it is an expression, `` `{python} …` ``, which isn't a number yet when this looks;
- **sourced** if its paragraph has a footnote, `[^name]`, or links to the page of sources, or if it
  stands on that page, below a heading "Sources" or in a footnote;
- **structural** if it counts chapters, sections, equations, steps and the like, or versions.

Code and formulas are not prose. In a quiz the question gives the inputs, and wrong options are
wrong on purpose.
"""

import re
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple

import markdown

from pages import SPAN, Fence, Prose, parts
from tasks import read_quiz

SHOWN = {"above", "below", "tabbed-right"}
"""Where a block that is run shows its source."""

OUTPUT = {"", "text", "console", "markdown", "diff"}
"""Languages of blocks that aren't run and show no input."""


class Finding(NamedTuple):
    """A number that nobody vouches for."""

    page: str
    line: int
    number: str

    def __str__(self) -> str:
        """Say which it is, and where."""
        return f"{self.page}:{self.line}: {self.number}"


ADVICE = (
    "These stand in no source block that their page shows. Compute them, `{python} …`; or show the "
    "input in a block; or name the source, [^name]; or put the question into a quiz."
)


def lint(root: Path, names: Iterable[str]) -> list[Finding]:
    """Return the numbers in the prose of pages, files below the root, that nobody vouches for."""
    texts = {name: (root / name).read_text("utf-8") for name in names}
    tags = {
        tag for file in root.glob("course/**/*.md") for tag in TAG.findall(file.read_text("utf-8"))
    }
    return [found for name, text in texts.items() for found in findings(name, text, tags)]


def findings(page: str, text: str, equations: set[str]) -> Iterator[Finding]:
    """Yield the findings on a page, given as its author wrote it, and the course's equations."""
    if page.endswith(("/sources.md", "/sources/index.md")):
        return
    everything = list(parts(text))
    inputs = {value for part in everything if is_source(part) for value in values(part.text)}
    in_sources = False
    for part in everything:
        if isinstance(part, Fence):
            for line, prose, given in prose_of_task(part):
                for number in loose(prose, inputs | given, equations):
                    yield Finding(page, line, number)
            continue
        for line, block in blocks(part):
            if heading := re.match(r"(#+)\s+(.*)", block):
                in_sources = heading[2].strip() == "Sources" or (in_sources and heading[1] > "##")
            if in_sources or SOURCED.search(block):
                continue
            shown = hide(block)
            for number in loose(block, inputs, equations):
                place = shown.find(number)
                if place >= 0:
                    yield Finding(page, line + block.count("\n", 0, place), number)
                    shown = shown[:place] + " " * len(number) + shown[place + len(number) :]
                else:
                    yield Finding(page, line, number)


# --- What the page shows


def is_source(part: Prose | Fence) -> bool:
    """Say whether a part is code that the reader sees, not what a program printed."""
    if isinstance(part, Prose):
        return False
    if part.options.get("exec") == "true":
        return part.options.get("source") in SHOWN
    return part.language not in OUTPUT | {"quiz", "order", "exercise", "play"}


def prose_of_task(fence: Fence) -> Iterator[tuple[int, str, set[float]]]:
    """Yield the texts within a fence: the line, the Markdown, and the inputs it may use."""
    if fence.language == "quiz":
        quiz = read_quiz(fence.body)
        given = set(values(quiz.question))
        for option in quiz.options:
            told = {option.why} | ({option.text} if option.right else set())
            for text in sorted(told):
                yield fence.line, text, given
    elif fence.language == "order":
        yield fence.line, fence.body, set()


# --- Prose

TAG = re.compile(r"\\tag\{([^{}]*)\}")
SOURCED = re.compile(r"\[\^[^\]\s]+\]|\]\([^)]*sources(?:/index)?\.md[^)]*\)")
MARKER = re.compile(r"[ \t]*(?:[-*+]|\d+[.)])[ \t]+")
ADMONITION = re.compile(r'[ \t]*(?:!!!|\?\?\?\+?|===)[^"\n]*(?:"(?P<title>.*)")?[ \t]*')
NUMBERED = re.compile(r"\d+[.)][ \t]+")


def blocks(prose: Prose) -> Iterator[tuple[int, str]]:
    """Yield the paragraphs, items, tables and headings with their lines, without their markers."""
    block: list[str] = []
    start = prose.line
    for line, text in enumerate([*prose.text.splitlines(), ""], start=prose.line):
        admonition = ADMONITION.fullmatch(text)
        begins = not text.strip() or MARKER.match(text) or admonition
        if begins and block:
            yield start, "\n".join(block)
            block = []
        if not text.strip():
            continue
        if not block:
            start = line
        if admonition:
            yield line, NUMBERED.sub("", admonition["title"] or "", count=1)
            continue
        block.append(MARKER.sub("", text, count=1).strip() if begins else text.strip())


def hide(text: str) -> str:
    """Return Markdown with its code and formulas blanked, and everything in its place."""
    return SPAN.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)


class Text(HTMLParser):
    """The text of rendered Markdown, without its code."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self._code = 0
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note that code begins, and read what a picture says."""
        self._code += tag == "code"
        self.words += [f" {value or ''} " for name, value in attrs if name in ("alt", "title")]

    def handle_endtag(self, tag: str) -> None:
        """Note that code ends."""
        self._code -= tag == "code"

    def handle_data(self, data: str) -> None:
        """Keep what isn't code."""
        self.words.append(" ` " if self._code else data)


def words(block: str) -> str:
    """Return a block's text as its reader sees it, without code and formulas."""
    formulas = SPAN.sub(lambda m: m[0] if m["code"] else " • ", block)
    rendered = markdown.markdown(formulas, extensions=["attr_list", "tables"])
    return "".join(Text(rendered).words)


# --- Numbers

NUMBER = re.compile(
    r"(?<![\w.])(?<![\w.][-\N{NON-BREAKING HYPHEN}])"
    r"\d+(?:[,_\N{NARROW NO-BREAK SPACE}]\d{3})*(?:\.\d+)?(?:[eE][-+]?\d+)?"
    r"(?:(?=\s*%)|(?!\w))"
)
IN_CODE = re.compile(r"(?<![A-Za-z_\d.])(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
COUNTED = (
    "appendix chapter equation exercise figure level line option part question section step table"
)
ONE = r"\(?\d+(?:\.\d+)*\)?"
STRUCTURAL = re.compile(
    rf"\b(?:{'|'.join(COUNTED.split())})s?\s+{ONE}(?:(?:,|\s+(?:and|or|to|through)|\s*–)\s*{ONE})*",
    re.IGNORECASE,
)
PRODUCTS = "CC BY|Debian|Matplotlib|NumPy|Pyodide|Python|SHA|UTF|Ubuntu|Windows"
VERSION = re.compile(
    rf"\b(?:{PRODUCTS})[ \N{{NO-BREAK SPACE}}-]\d[\d.]*(?:\s+(?:and|or|to)\s+\d[\d.]+)?"
)


def values(text: str) -> Iterator[float]:
    """Yield the numbers in a text, as numbers; 1,000 and 1_000 and 1e3 are one and the same."""
    for match in IN_CODE.finditer(re.sub(r"(?<=\d)[,_](?=\d{3}(?!\d))", "", text)):
        yield float(match[0].replace("_", ""))
    for match in NUMBER.finditer(text):
        yield value(match[0])


def value(number: str) -> float:
    """Return a number as it is written in prose."""
    return float(re.sub(r"[^\d.eE+-]", "", number))


def loose(block: str, inputs: set[float], equations: set[str]) -> Iterator[str]:
    """Yield the numbers of a block that are neither inputs nor structural."""
    text = VERSION.sub(" ", STRUCTURAL.sub(" ", words(block)))
    text = re.sub(r"\((\d+\.\d+)\)", lambda m: " " if m[1] in equations else m[0], text)
    for match in NUMBER.finditer(text):
        number = value(match[0])
        percent = re.match(r"\s*%", text[match.end() :])
        if number not in inputs and not (percent and round(number / 100, 12) in inputs):
            yield match[0]
