"""Build the website: `python docs/build.py [--out site]`.

1. A number in prose that is neither an input nor computed nor sourced is refused (see
   `number_lint.py`); `--lint` only lists these.
2. The pages are woven: their code is run, and its results are filled in (see `weave.py`).
3. mkdocs makes the site of them; any warning is a failure.
4. Every formula becomes MathML, so that pages show mathematics without a script.
5. Every page is read once more: each link must lead somewhere, and nothing may be loaded from
   another host.
6. What the button "run it here" loads is added.

Anything wrong ends the build with a list of what and where.

`--page course/losses` does it for one page alone, to look at while writing it.
"""

import argparse
import html
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import unquote, urlsplit
from xml.etree.ElementTree import Element, tostring

from latex2mathml.converter import convert_to_element

import runhere
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
            run_mkdocs(Path(pages), out, strict=not options.page)
        formulas = render_formulas(out)
        render_search_index(out)
        count = len(list(out.rglob("*.html"))) if options.page else check_pages(out)
        browser = runhere.add_to(out, options.pyodide)
    except (BuildError, PageError, runhere.Unfit) as error:
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


# --- 4. The formulas ------------------------------------------------------------------------------

# What the arithmatex extension leaves of a formula: \(inline\) or \[display\].
FORMULA = re.compile(
    r'<(?P<tag>span|div) class="arithmatex">\s*\\[(\[](?P<tex>.*?)\\[)\]]\s*</(?P=tag)>', re.DOTALL
)
# The same in the search index, which has no tags around it.
BARE_FORMULA = re.compile(r"\\[(\[](?P<tex>.*?)\\[)\]]", re.DOTALL)
EXERCISE = re.compile(
    r'<div class="task exercise"[^>]*?data-equations="(?P<eq>[^"]*)"[^>]*?id="(?P<id>[^"]*)"'
)
TAG = re.compile(r"\\tag\{([^{}]*)\}\s*$")
ENVIRONMENT = re.compile(r"\\begin\{([^{}]*)\}")
ENVIRONMENTS = {"aligned", "cases", "matrix", "pmatrix", "bmatrix"}
CHILDREN = {"mfrac": 2, "mroot": 2, "msub": 2, "msup": 2, "munder": 2, "mover": 2}
CHILDREN |= {"msubsup": 3, "munderover": 3}
SCRIPTS = {"msub", "msup", "msubsup", "munder", "mover", "munderover"}
ROWS = {"math", "mrow", "mtd", "mstyle", "msqrt"}
SIGNS = ("+", "\N{MINUS SIGN}")
ORDINARY = ("|", "\N{DOUBLE VERTICAL LINE}", "/", "\N{PARTIAL DIFFERENTIAL}", "!")
CLOSING = (")", "]", "}", *ORDINARY)
ODOT = "\N{CIRCLED DOT OPERATOR}"
PRIME = "\N{PRIME}"
THIN_SPACE = "0.167em"


def render_formulas(site: Path) -> int:
    """Replace the TeX on every page by MathML; return how many formulas there were."""
    problems: list[str] = []
    count = 0
    for page in sorted(site.rglob("*.html")):
        source = page.read_text("utf-8")
        exercises = {
            number: box["id"] for box in EXERCISE.finditer(source) for number in box["eq"].split()
        }

        def render(
            match: re.Match[str], page: Path = page, exercises: dict[str, str] = exercises
        ) -> str:
            tex = html.unescape(match["tex"]).strip()
            try:
                return display(tex, exercises) if match["tag"] == "div" else inline(tex)
            except BuildError as error:
                problems.append(f"{page.relative_to(site)}: {error}\n    {tex}")
                return match[0]

        text, found = FORMULA.subn(render, source)
        if found:
            page.write_text(text, "utf-8")
        count += found
    if problems:
        raise BuildError("\n".join(["formulas that can't be rendered:", *problems]))
    return count


def render_search_index(site: Path) -> None:
    """Replace the TeX in the texts that the search shows, and leave out their blocks of code."""

    def render(match: re.Match[str]) -> str:
        tex = html.unescape(match["tex"]).strip()
        number = TAG.search(tex)
        return f"({number[1]})" if number else html.escape(words(mathml(tex, "inline")))

    path = site / "search" / "search_index.json"
    index = json.loads(path.read_text("utf-8"))
    for entry in index["docs"]:
        text = re.sub(r"<pre.*?</pre>", "", entry["text"], flags=re.DOTALL)
        parts = re.split(r"(<code>.*?</code>)", text, flags=re.DOTALL)
        parts[::2] = [BARE_FORMULA.sub(render, part) for part in parts[::2]]
        entry["text"] = "".join(parts)
    path.write_text(json.dumps(index, separators=(",", ":")), "utf-8")


def inline(tex: str) -> str:
    """Return a formula within a line of text."""
    return tostring(mathml(tex, "inline"), encoding="unicode")


def display(tex: str, exercises: dict[str, str]) -> str:
    r"""Return a formula on a line of its own; `\tag{1.1}` at its end numbers it.

    If the page has an exercise for the equation, a link leads from the one to the other.
    """
    math = tostring(mathml(TAG.sub("", tex), "block"), encoding="unicode")
    formula = f'<div class="formula">{math}</div>'
    number = TAG.search(tex)
    if not number:
        return f'<div class="equation">{formula}</div>'
    name = number[1]
    links = (
        f'<a class="equation-number" href="#eq-{name}" aria-label="Equation {name}">({name})</a>'
    )
    if name in exercises:
        links += f'<a href="#{exercises[name]}" aria-label="Write it: equation {name}">write it</a>'
    side = f'<div class="equation-side">{links}</div>'
    return f'<div class="equation" id="eq-{name}">{formula}{side}</div>'


def mathml(tex: str, style: str) -> Element:
    """Turn TeX into the MathML that browsers agree on, or raise `BuildError`."""
    if "\\tag" in tex:
        raise BuildError(r"\tag{...} belongs at the end of a formula between $$ and $$")
    for name in ENVIRONMENT.findall(tex):
        if name not in ENVIRONMENTS:
            raise BuildError(f"environment {name}, not one of {', '.join(sorted(ENVIRONMENTS))}")
    source = tex.replace("{aligned}", "{align*}")
    source = re.sub(r"\\mathrm\{([A-Za-z]+)\}", r"\\text{\1}", source)
    try:
        math = convert_to_element(source, xmlns="", display=style)
    except Exception as error:
        raise BuildError(f"TeX error: {str(error) or type(error).__name__}") from error
    del math.attrib["xmlns"]
    for element in math.iter():
        element.text = html.unescape(element.text or "")
    for element in list(math.iter()):
        refuse_leftovers(element)
        space_out(element)
    return math


def words(element: Element) -> str:
    """Return a formula as one line of characters: p_i, x^2, 1/n."""
    sign = {"mfrac": "/", "msub": "_", "munder": "_", "msup": "^"}.get(element.tag, "")
    return (element.text or "") + sign.join(words(child) for child in element)


def refuse_leftovers(element: Element) -> None:
    """Raise `BuildError` where the converter passed on what it didn't understand."""
    if element.tag != "mo" and (odd := re.search(r"\\[a-zA-Z]*|[{}&$#]", element.text or "")):
        raise BuildError(f"not understood: {odd[0]}")
    if len(element) != CHILDREN.get(element.tag, len(element)):
        raise BuildError(f"an argument is missing or one too many ({element.tag})")
    if element.get("linebreak"):
        raise BuildError(r"\\ breaks a line only inside an environment such as aligned")
    if element.get("mathvariant", "normal") != "normal":
        raise BuildError("browsers don't show this letter style: use \\mathbf, \\mathrm or \\text")


def space_out(element: Element) -> None:
    """Give operators the space and size that TeX gives them, where browsers differ."""
    if element.tag == "msup" and element[1].text == PRIME:  # raised already, and small if again
        element.tag = "mrow"
    if element.tag in SCRIPTS:
        for script in element[1:]:
            for operator in script.iter("mo"):
                close_up(operator)
    if element.tag == "mo" and (element.text in ORDINARY or is_name(element)):
        close_up(element)
    if element.text == ODOT:  # Firefox would enlarge it like a sum
        element.set("largeop", "false")
    if element.tag in ROWS:
        space_out_row(element)


def space_out_row(row: Element) -> None:
    """Set signs and the names of functions apart from, or close to, their neighbors."""
    children = list(row)
    if len(children) == 1 and children[0].tag == "mo":  # {,} in 1{,}000: an ordinary character
        close_up(children[0])
    for left, right in pairwise(children):
        if is_operator(left) and right.text in SIGNS:  # the sign of a number, not a sum
            right.set("form", "prefix")
        if (is_name(left) and right.tag not in ("mo", "mspace")) or (
            is_name(right) and not is_operator(left)
        ):
            row.insert(list(row).index(right), Element("mspace", width=THIN_SPACE))


def is_operator(element: Element) -> bool:
    """Say whether an element is an operator that something must follow."""
    return element.tag == "mo" and (element.text or "") not in CLOSING


def is_name(element: Element) -> bool:
    """Say whether an element is the name of a function, such as log or max with a subscript."""
    while element.tag in SCRIPTS:
        element = element[0]
    name = element.text or ""
    return element.tag in ("mi", "mo") and name.isalpha() and len(name) > 1


def close_up(operator: Element) -> None:
    """Leave no space around an operator."""
    operator.set("lspace", "0")
    operator.set("rspace", "0")


# --- 5. The checks --------------------------------------------------------------------------------

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
    elif parts.fragment and target in pages and anchor not in pages[target].ids:
        yield f"{url} leads to a page without that anchor"


def is_elsewhere(url: str) -> bool:
    """Say whether a browser would ask another host for an address."""
    parts = urlsplit(url.strip())
    return bool(parts.netloc) or parts.scheme not in ("", "data")


if __name__ == "__main__":
    sys.exit(main())
