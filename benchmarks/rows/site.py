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
from benchmarks.measure import ROOT, Effort, Goal, Measured, Row, Samples, cost, say

NAMED = re.compile(r'<(?:link|script|img)\b[^>]*?\b(?:href|src)="?([^"\s>]+)"?[^>]*>')
LOADED = ("<script", "<img", 'rel="stylesheet"', "rel=stylesheet", 'rel="icon"', "rel=icon")
ANEW, KEPT = "every page run anew", "every page kept"
AUDITS = """
from pathlib import Path
from autograder.authoring.kept import kept_audit
from autograder.catalogue import EXERCISES
for name in EXERCISES:
    kept_audit(Path("solutions"), name)
"""
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
    """Build the website twice, its pages anew and as they are kept, and weigh them."""
    samples = Samples()
    with tempfile.TemporaryDirectory() as name:
        out = Path(name) / "site"
        command = [sys.executable, "docs/build.py", "--out", str(out)]
        say("the audits, if they aren't kept")
        cost([sys.executable, "-c", AUDITS], ROOT, environment())
        shutil.rmtree(ROOT / "build" / "woven", ignore_errors=True)
        for case in (ANEW, KEPT):
            say(f"building the website: {case}")
            used = cost(command, ROOT, environment())
            samples.add(case, s=used.wall, CPU_s=used.processor)
        pages = [path for path in sorted(out.rglob("*.html")) if path.name != "404.html"]
        weights = {page: weight(page) for page in pages}
        samples.add(HEAVIEST, kB=max(weights.values()))
        for page, kilobytes in weights.items():
            path = page.relative_to(out).with_suffix("").as_posix()
            samples.add(path.removesuffix("/index"), kB=kilobytes)
    return Measured(samples.lines())


ROWS = (
    Row(
        "site",
        "The website",
        "Built with all checks: every page run anew, and once more with every page kept. The "
        "autograder's audits, which the tests share, are kept in both. A page weighs what a "
        "browser loads to show it, each file compressed.",
        site,
        (Goal(HEAVIEST, "kB", at_most=300.0),),
    ),
)
