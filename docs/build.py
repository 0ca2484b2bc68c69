"""Build the website: `python docs/build.py [--out site]`.

1. A number in prose that is neither an input nor computed nor sourced is refused (see
   `number_lint.py`); `--lint` only lists these.
2. The pages are woven: their code is run, and its results are filled in (see `weave.py`).
3. mkdocs makes the site of them; any warning is a failure.
4. Every formula becomes MathML, so that pages show mathematics without a script.
5. The search gets a small index, which is loaded when it is wanted.
6. Every page is read once more: each link must lead somewhere, and nothing may be loaded from
   another host.
7. What the button "run it here" loads is added.

Anything wrong ends the build with a list of what and where.

`--page course/losses` does it for one page alone, to look at while writing it.
"""

import argparse
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import unquote, urlsplit

import listings
import runhere
from formulas import FormulaError, render_formulas, render_text
from number_lint import ADVICE, lint
from pages import PageError
from play.bundle import bundle
from weave import environment, page_names, weave

ROOT = Path(__file__).resolve().parents[1]


class BuildError(Exception):
    """The site must not be published; the message says why."""


def main() -> int:
    """Build the site and say how it went, in one line or in a list of problems."""
    parser = argparse.ArgumentParser(description="Build and check the website.")
    parser.add_argument("--out", type=Path, default=ROOT / "site", help="the folder to fill")
    parser.add_argument("--page", default="", help="this page alone, such as course/losses")
    parser.add_argument("--pyodide", type=Path, help="Pyodide's files, see docs/runhere.py")
    parser.add_argument("--lint", action="store_true", help="only list what the number lint finds")
    options = parser.parse_args()
    if options.lint:
        found = lint(ROOT, page_names(options.page))
        print(*found, *[ADVICE] * bool(found), f"{len(found)} found", sep="\n")
        return 1 if found else 0
    out, start = options.out.resolve(), time.perf_counter()
    try:
        with TemporaryDirectory() as pages:
            refuse_numbers(page_names(options.page))
            weave(Path(pages), options.page)
            (Path(pages) / "assets" / "play.js").write_text(bundle(), "utf-8")
            listings.write(Path(pages))
            run_mkdocs(Path(pages), out, strict=not options.page)
        formulas = render_formulas(out)
        render_search_index(out)
        defer_search(out)
        count = len(list(out.rglob("*.html"))) if options.page else check_pages(out)
        browser = runhere.add_to(out, options.pyodide)
    except (BuildError, FormulaError, PageError, runhere.Unfit) as error:
        print(error, file=sys.stderr)
        return 1
    print(
        f"{out}: {count} pages, {formulas} formulas, {browser}, {time.perf_counter() - start:.1f} s"
    )
    return 0


def refuse_numbers(names: list[str]) -> None:
    """Raise `BuildError` if a page states a number that nobody vouches for."""
    found = lint(ROOT, names)
    if found:
        raise BuildError("\n".join(["numbers out of nowhere:", *map(str, found), ADVICE]))


# --- 3. The site ----------------------------------------------------------------------------------


def run_mkdocs(pages: Path, out: Path, strict: bool = True) -> None:
    """Fill `out` with the site of woven pages."""
    if out.exists() and any(out.iterdir()) and not (out / "404.html").exists():
        raise BuildError(f"{out} holds something other than a built site: not touched")
    # Not --quiet: it also keeps --strict from counting the warnings.
    command = [sys.executable, "-m", "mkdocs", "build", "--site-dir", str(out)]
    result = subprocess.run(
        command + ["--strict"] * strict,
        cwd=ROOT,
        env=environment() | {"DOWNHILL_PAGES": str(pages), "NO_MKDOCS_2_WARNING": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if result.returncode:
        lines = [line for line in result.stdout.splitlines() if not line.startswith("INFO")]
        raise BuildError("\n".join(["mkdocs failed:", *lines]))


# --- 5. The search --------------------------------------------------------------------------------


def render_search_index(site: Path) -> None:
    """Replace the TeX in the texts that the search shows, and leave out their blocks of code."""
    path = site / "search" / "search_index.json"
    index = json.loads(path.read_text("utf-8"))
    for entry in index["docs"]:
        entry["text"] = render_text(re.sub(r"<pre.*?</pre>", "", entry["text"], flags=re.DOTALL))
    path.write_text(json.dumps(index, separators=(",", ":")), "utf-8")


def defer_search(site: Path) -> None:
    """Let a page load the index when its reader opens the search, and not before.

    The theme does so by itself for pages read without a server, and asks whether these are.
    """
    (script,) = (site / "assets" / "javascripts").glob("bundle.*.min.js")
    text, asks = script.read_text("utf-8"), 'location.protocol!=="file:"),'
    if text.count(asks) != 1:
        raise BuildError("the theme's script loads the search in another way: see defer_search")
    script.write_text(text.replace(asks, "!1),"), "utf-8")


# --- 6. The checks --------------------------------------------------------------------------------

# Relations of <link> that only describe the page; a browser loads every other kind.
DESCRIBING = {"alternate", "author", "canonical", "help", "license", "next", "prev", "search"}
CSS_URL = re.compile(r"""url\(\s*["']?([^"')]+)|@import\s+["']([^"']+)""")
TEX_DELIMITER = re.compile(r"\\[(\[]|\$\$")


class Page(HTMLParser):
    """What a built page contains, links to and loads."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.ids: set[str] = set()
        self.repeated_ids: set[str] = set()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.raw_tex: list[str] = []
        self._verbatim: list[str] = []  # the open elements whose text isn't prose
        self.feed(path.read_text("utf-8"))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element's id, its link and what it loads."""
        attributes = {name: value or "" for name, value in attrs}
        if tag in ("code", "pre", "script", "style"):
            self._verbatim.append(tag)
        if "id" in attributes:
            self.repeated_ids |= self.ids & {attributes["id"]}
            self.ids.add(attributes["id"])
        if tag == "a" and "href" in attributes:
            self.links.append(attributes["href"])
        self.loads.extend(loaded_by(tag, attributes))

    def handle_endtag(self, tag: str) -> None:
        """Note that an element ends."""
        if self._verbatim and self._verbatim[-1] == tag:
            self._verbatim.pop()

    def handle_data(self, data: str) -> None:
        """Look for style sheets within the page, and for TeX that nobody rendered."""
        if self._verbatim and self._verbatim[-1] == "style":
            self.loads.extend(css_urls(data))
        elif not self._verbatim and TEX_DELIMITER.search(data):
            self.raw_tex.append(data.strip())


def loaded_by(tag: str, attributes: dict[str, str]) -> Iterator[str]:
    """Yield the addresses that a browser asks for as soon as it meets an element."""
    names = ["src", "poster"]
    if tag == "link" and not set(attributes.get("rel", "").lower().split()) <= DESCRIBING:
        names.append("href")
    if tag in ("image", "use", "feimage"):
        names += ["href", "xlink:href"]
    if tag == "object":
        names.append("data")
    yield from (attributes[name] for name in names if name in attributes)
    for candidate in attributes.get("srcset", "").split(","):
        yield from candidate.split()[:1]
    if attributes.get("http-equiv", "").lower() == "refresh":
        yield attributes.get("content", "").partition("=")[2]
    yield from css_urls(attributes.get("style", ""))


def css_urls(css: str) -> Iterator[str]:
    """Yield the addresses that a style sheet loads."""
    for match in CSS_URL.finditer(css):
        yield match[1] or match[2]


def check_pages(site: Path) -> int:
    """Check every page and style sheet of the built site; return how many pages it has."""
    pages = {path: Page(path) for path in sorted(site.rglob("*.html"))}
    problems = [
        f"{page.path.relative_to(site)}: {problem}"
        for page in pages.values()
        for problem in problems_of(page, pages, site)
    ]
    problems += shared_tasks(pages.values(), site)
    for path in sorted(site.rglob("*.css")):
        for url in css_urls(path.read_text("utf-8")):
            if is_elsewhere(url):
                problems.append(f"{path.relative_to(site)}: loads {url} from another host")
    if problems:
        raise BuildError("\n".join(["the built site is not sound:", *problems]))
    return len(pages)


def shared_tasks(pages: Iterable[Page], site: Path) -> Iterator[str]:
    """Yield the tasks of a page that another page has as well: they would share their answers."""
    seen: dict[str, Path] = {}
    for page in pages:
        for name in sorted(page.ids):
            if (
                name.startswith(("quiz-", "order-"))
                and seen.setdefault(name, page.path) != page.path
            ):
                first = seen[name].relative_to(site)
                yield f"{page.path.relative_to(site)}: {name} is on {first} already"


def problems_of(page: Page, pages: dict[Path, Page], site: Path) -> Iterator[str]:
    """Yield what is wrong with a page, one sentence each."""
    for tex in page.raw_tex:
        yield f"TeX that is no formula (a blank line around $$ helps): {tex}"
    for name in sorted(page.repeated_ids):
        yield f"two elements have the id {name}"
    for url in page.loads:
        if is_elsewhere(url):
            yield f"loads {url} from another host"
    if page.path == site / "404.html":  # shown at any address, so its links start at the root
        return
    for url in [*page.links, *page.loads]:
        if not urlsplit(url).scheme and not is_elsewhere(url):
            yield from problems_of_link(url, page, pages)


def problems_of_link(url: str, page: Page, pages: dict[Path, Page]) -> Iterator[str]:
    """Yield what is wrong with a link within the site."""
    parts = urlsplit(url)
    if parts.path.startswith("/"):
        yield f"{url} works only at the root of a host: link with a relative path"
        return
    target = (page.path.parent / unquote(parts.path)).resolve() if parts.path else page.path
    if target.is_dir():
        target /= "index.html"
    anchor = unquote(parts.fragment).partition("?")[0]  # what follows is the state of a figure
    if not target.is_file():
        yield f"{url} leads nowhere"
    elif anchor.startswith(listings.TEXT):
        if anchor.removeprefix(listings.TEXT) not in target.read_text("utf-8"):
            yield f"{url} leads to a text that isn't there"
    elif parts.fragment and target in pages and anchor not in pages[target].ids:
        yield f"{url} leads to a page without that anchor"


def is_elsewhere(url: str) -> bool:
    """Say whether a browser would ask another host for an address."""
    parts = urlsplit(url.strip())
    return bool(parts.netloc) or parts.scheme not in ("", "data")


if __name__ == "__main__":
    sys.exit(main())
