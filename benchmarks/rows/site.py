"""How long the website takes to build, and what its pages weigh."""

from __future__ import annotations

import gzip
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.machine import environment
from benchmarks.measure import ROOT, Cost, Effort, Goal, Measured, Row, Samples, cost, say

LEFT_OUT = (".git", ".venv", ".cache", ".nox", "build", "site", "demo", "results", "__pycache__")
NAMED = re.compile(r'<(?:link|script|img)\b[^>]*?\b(?:href|src)="?([^"\s>]+)"?[^>]*>')
LOADED = ("<script", "<img", 'rel="stylesheet"', "rel=stylesheet", 'rel="icon"', "rel=icon")
COLD, WARM = "from nothing", "again, with nothing changed"
HEAVIEST = "the heaviest page"


def loaded(page: Path) -> Iterator[Path]:
    """Yield the files that a browser loads with a page, the page first."""
    yield page
    for tag in NAMED.finditer(page.read_text(encoding="utf-8")):
        if any(mark in tag[0] for mark in LOADED):
            path = urlsplit(tag[1]).path
            if path and not tag[1].startswith("data:"):
                yield (page.parent / path).resolve()


def weight(page: Path) -> float:
    """Return the kB (1,000 bytes) of a page and what it loads, each file compressed."""
    files = dict.fromkeys(path for path in loaded(page) if path.is_file())
    return sum(len(gzip.compress(path.read_bytes(), 6, mtime=0)) for path in files) / 1000


def site(effort: Effort) -> Measured:
    """Build the website in a copy of the project, twice, and weigh its pages."""
    samples = Samples()
    with tempfile.TemporaryDirectory() as name:
        copy = Path(name) / "project"
        shutil.copytree(ROOT, copy, symlinks=True, ignore=shutil.ignore_patterns(*LEFT_OUT))
        out = Path(name) / "site"

        def build() -> Cost:
            variables = environment(PYTHONPATH=str(copy))
            return cost([sys.executable, "docs/build.py", "--out", str(out)], copy, variables)

        for case in (COLD, WARM):
            say(f"building the website {case}")
            used = build()
            samples.add(case, s=used.wall, CPU_s=used.processor)
        weights = {page: weight(page) for page in sorted(out.rglob("index.html"))}
        samples.add(HEAVIEST, kB=max(weights.values()))
        for page, kilobytes in weights.items():
            samples.add(page.parent.relative_to(out).as_posix(), kB=kilobytes)
    return Measured(samples.lines())


ROWS = (
    Row(
        "site",
        "The website",
        "Built with all checks, from nothing and once more: pages are kept until something changes "
        "that they depend on. A page weighs what a browser loads to show it, each file compressed.",
        site,
        (Goal(HEAVIEST, "kB", at_most=300.0),),
    ),
)
