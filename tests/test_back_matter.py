"""The pages beside the chapters: what they list is there, and nothing is missing from them.

That their links lead somewhere is checked by the build.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache

import pytest

from conftest import ROOT

COURSE = ROOT / "course"
LINK = re.compile(r"\]\(\.\./(\w+)/index\.md(?:#[\w-]+)?\)")


@cache
def page(name: str) -> str:
    return (COURSE / name / "index.md").read_text(encoding="utf-8")


def terms() -> list[tuple[str, str, str]]:
    """Return the terms of the glossary, each with its meaning and the chapter it leads to."""
    entries = re.findall(
        r"^([^\n#]+?) \{ #[\w-]+ \}\n:   (.*?)(?=\n\n|\Z)", page("glossary"), re.S | re.M
    )
    return [(term, meaning, LINK.findall(meaning)[-1]) for term, meaning in entries]


def symbols() -> list[tuple[str, str, str]]:
    """Return the symbols of the notation, each with its name in code and its chapter."""
    rows = re.findall(r"^\| \\\((.+?)\\\) \|.*\| ([^|]*) \| ([^|]*) \|$", page("notation"), re.M)
    return [(symbol, code.strip(), LINK.findall(where)[0]) for symbol, code, where in rows]


@pytest.mark.parametrize(("term", "meaning", "chapter"), terms())
def test_every_term_is_used_where_it_is_introduced(term: str, meaning: str, chapter: str) -> None:
    words = term.removesuffix(" unit").lower()
    assert words in " ".join(page(chapter).lower().split())


def test_a_term_is_there_once_and_in_order() -> None:
    listed = [term.lower() for term, _, _ in terms()]
    assert len(listed) == len(set(listed)) > 50
    training = listed[: listed.index("check")]
    assert training == sorted(training)


@pytest.mark.parametrize(("symbol", "code", "chapter"), symbols())
def test_every_symbol_is_used_where_it_says(symbol: str, code: str, chapter: str) -> None:
    text = page(chapter)
    formulas = re.findall(r"\\\(.*?\\\)|\$\$.*?\$\$", text, re.S)
    assert any(symbol in formula for formula in formulas), f"{symbol} is in no formula of {chapter}"
    for name in re.findall(r"`([^`]+)`", code):
        assert name in text, f"{name} is not in {chapter}"


def test_every_symbol_of_an_equation_is_listed() -> None:
    listed = " ".join(symbol for symbol, _, _ in symbols())
    for chapter in sorted(path.parent.name for path in COURSE.glob("*/index.md")):
        for equation in re.findall(r"\$\$([^$]*?)\\tag", page(chapter)):
            for greek in re.findall(
                r"\\(?:alpha|beta|gamma|delta|Delta|epsilon|eta|theta|lambda|mu|sigma)\b", equation
            ):
                assert greek in listed, f"{greek} in {chapter}"


def test_every_footnote_leads_to_a_source() -> None:
    known = set(re.findall(r"^  \{: #([\w-]+) \}$", page("sources"), re.M))
    assert len(known) > 40
    for path in COURSE.glob("*/index.md"):
        for name in re.findall(r"sources/index\.md#([\w-]+)", path.read_text(encoding="utf-8")):
            assert name in known, f"{path}: {name}"


LABS = {"000": 16, "001": 22, "002": 17, "003": 17, "004": 16}
"""How many capabilities each of the five labs had."""


def test_every_capability_has_a_place() -> None:
    text = (ROOT / "docs/capabilities.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\d{3})\.(\d+)` \| (.+?) \| (.+) \|$", text, re.MULTILINE)
    assert Counter(lab for lab, *_ in rows) == LABS
    assert [(lab, int(n)) for lab, n, *_ in rows] == [
        (lab, n) for lab, count in LABS.items() for n in range(1, count + 1)
    ]
    solutions = "\n".join(
        file.read_text(encoding="utf-8") for file in (ROOT / "solutions").glob("*.py")
    )
    for lab, number, capability, where in rows:
        assert capability.strip(), f"{lab}.{number}"
        assert re.search(r"\]\((?:course/\w+/index|instructors)\.md(?:#[\w-]+)?\)", where), (
            f"{lab}.{number}"
        )
        for name in re.findall(r"`(\w+)`", where):
            assert re.search(rf"^ *(?:def|class) {name}\b", solutions, re.MULTILINE), name
