"""Every page of the site in a browser: light and dark, wide and narrow, below a sub-path.

Nothing but a server for files on this machine can be reached: any other request is a finding.
"""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import unquote, urlsplit

import markdown
import pytest

from autograder.authoring.worksheet import Worksheets
from autograder.release.solution_text import SolutionText
from autograder.release.website import website
from autograder.reports import worksheet
from conftest import ROOT
from fences import FENCES
from pages import Fence
from weave import page_names

PAGES = sorted(name.removeprefix("docs/").removesuffix(".md") + ".html" for name in page_names())
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
LIGHT = 300_000
"""Bytes, compressed, that a page may weigh with all that it loads when it is opened."""

UNFOLD = "document.querySelectorAll('details').forEach((one) => (one.open = true))"
CHOOSE = """([button, scheme]) => {
    const chosen = document.body.dataset.mdColorScheme === scheme;
    if (!chosen) document.querySelector(button).click();
    return chosen;
}"""
BUTTONS = {"light": ["#__palette_0", "default"], "dark": ["#__palette_1", "slate"]}
LOOKS = [("light", WIDE), ("light", NARROW), ("dark", NARROW), ("dark", WIDE)]
"""In an order that changes one thing at a time: a page takes its time to be laid out anew."""

DRAWN = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
"""Waits until the page has done what it does when its size changes."""

COLORS = ["color-contrast", "link-in-text-block"]
NO_COLORS = {"rules": {rule: {"enabled": False} for rule in COLORS}}
THIN = """() => {
    const seen = new Set();
    for (const one of document.querySelectorAll(".highlight code span, math")) {
        const around = one.parentElement.closest("[class]");
        const block = one.closest(".highlight, .admonition, .task, details, table");
        const kind = [one.className, around.className, block?.className].join();
        if (seen.has(kind)) one.style.display = "none";
        seen.add(kind);
    }
}"""
"""Leaves one word of code of each kind, and one formula: the others have the same colors, and axe
takes thrice as long to measure them."""


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    """Return the address of the site, which isn't at the root of its server."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *arguments: Any) -> None:
            pass

    root = site.parents[1]
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(root)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/{site.relative_to(root).as_posix()}"
    server.shutdown()
    thread.join()
    server.server_close()


@dataclass
class Visit:
    """What was found on a page.

    Attributes
    ----------
    violations, overflows, said, elsewhere : list of str
        What axe found, where the page scrolls sideways, what the console said, and what was asked
        of other hosts.
    loaded : set of str
        The addresses of all that the page loaded.
    description : str
    edit : int
        How many links to its source it has.
    """

    violations: list[str] = field(default_factory=list)
    overflows: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)
    loaded: set[str] = field(default_factory=set)
    description: str = ""
    edit: int = 0


@pytest.fixture(scope="module")
def visits(browser: Any, address: str) -> Iterator[Any]:
    """Return a function that visits a page, once."""
    context = browser.new_context(viewport=WIDE, color_scheme="light", reduced_motion="reduce")
    yield cache(partial(visit, context, address))
    context.close()


def visit(context: Any, address: str, name: str) -> Visit:
    seen, tab = Visit(), context.new_page()

    def route(route: Any) -> None:
        if route.request.url.startswith(address):
            seen.loaded.add(route.request.url)
            route.continue_()
        else:
            seen.elsewhere.append(route.request.url)
            route.abort()

    tab.route("**/*", route)
    tab.on("console", lambda message: seen.said.append(message.text))
    tab.on("pageerror", lambda error: seen.said.append(str(error)))
    tab.goto(f"{address}/{name}", wait_until="load")
    seen.description = tab.locator("meta[name=description]").get_attribute("content") or ""
    seen.edit = tab.locator(".edit a:not([download])").count()
    tab.evaluate(UNFOLD)
    for scheme, size in LOOKS:
        where = show(tab, scheme, size)
        wider = tab.evaluate("document.documentElement.scrollWidth - innerWidth")
        if wider > 0:
            seen.overflows.append(f"{where}: by {wider} pixels")
        if scheme == "light":
            seen.violations += [f"{where}: {one}" for one in axe(tab, NO_COLORS)]
    tab.evaluate(THIN)
    for scheme, size in reversed(LOOKS):
        where = show(tab, scheme, size)
        options = {"runOnly": COLORS} if scheme == "light" else {}
        seen.violations += [f"{where}: {one}" for one in axe(tab, options)]
    tab.close()
    return seen


def show(tab: Any, scheme: str, size: Any) -> str:
    """Show a page in one of its looks; return which."""
    tab.wait_for_function(CHOOSE, arg=BUTTONS[scheme])
    tab.set_viewport_size(size)
    tab.evaluate(DRAWN)
    return f"{scheme}, {size['width']} wide"


def axe(tab: Any, options: dict[str, Any]) -> list[str]:
    """Return what axe finds."""
    from axe_playwright_python.base import AXE_FILE_PATH

    if not tab.evaluate("'axe' in window"):
        tab.evaluate(AXE_FILE_PATH.read_text(encoding="utf-8"))
    options = {"resultTypes": ["violations"], "preload": False, **options}
    found = tab.evaluate("(options) => axe.run(options)", options)["violations"]
    told = [(one["id"], node) for one in found for node in one["nodes"][:5]]
    return [f"{rule}: {node['html'][:200]} {node['failureSummary'][:200]}" for rule, node in told]


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(visits: Any, name: str) -> None:
    assert visits(name).violations == []


@pytest.mark.parametrize("name", PAGES)
def test_the_page_never_scrolls_sideways(visits: Any, name: str) -> None:
    assert visits(name).overflows == []


@pytest.mark.parametrize("name", PAGES)
def test_the_console_is_silent_and_no_other_host_is_asked(visits: Any, name: str) -> None:
    assert visits(name).said == []
    assert visits(name).elsewhere == []


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_light(visits: Any, site: Path, address: str, name: str) -> None:
    top = urlsplit(address).path + "/"
    files = {unquote(urlsplit(url).path).removeprefix(top) for url in visits(name).loaded}
    sizes = {file: weight(site / file) for file in files}
    assert sum(sizes.values()) < LIGHT, sorted(sizes.items(), key=lambda one: -one[1])[:8]


@cache
def weight(file: Path) -> int:
    return len(gzip.compress(file.read_bytes(), 6))


def test_each_page_has_its_own_description_and_a_link_to_its_source(visits: Any) -> None:
    descriptions = {name: visits(name).description for name in PAGES}
    assert min(map(len, descriptions.values())) > 20, descriptions
    assert len(set(descriptions.values())) == len(PAGES), descriptions
    assert [name for name in PAGES if visits(name).edit != 1] == []


def test_formulas_and_answers_are_there_without_a_script(browser: Any, address: str) -> None:
    context = browser.new_context(java_script_enabled=False, viewport=NARROW)
    tab = context.new_page()
    tab.goto(f"{address}/course/backprop/index.html")
    formulas = tab.locator(".md-content math")
    assert formulas.count() > 20
    for index in range(5):
        box = formulas.nth(index).bounding_box()
        assert box
        assert min(box["width"], box["height"]) > 5
    tab.locator("summary").first.click()
    assert tab.locator("details[open]").first.inner_text().strip()
    context.close()


TASKS = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Tasks</title>
<link rel="icon" href="data:,"><script defer src="/some/where/assets/tasks.js"></script></head>
<body><main class="md-typeset"><h1>Tasks</h1>{tasks}</main></body></html>"""
QUIZ = """Every error doubles. What becomes of the loss?
- [ ] It *doubles*. | No: errors are squared.
- [x] It is four times as large. | Each square is.
"""
BOTH = """Which of these are even?
- [x] two | It is.
- [ ] three | It is odd.
- [x] four | It is.
"""
STEPS = "Draw a batch.\nRun it forward.\nRun it backward.\nTake the step.\n"


def test_a_class_reads_the_site_in_a_folder(browser: Any, site: Path, tmp_path: Path) -> None:
    """As `autograder release --with-course` gives it: no solution, no server, nothing broken."""
    files = website(site, ROOT)
    assert SolutionText(ROOT / "solutions").leaks(files) == []
    for name, data in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)
    said: list[str] = []
    tab = browser.new_page(viewport=WIDE)
    tab.on("console", lambda message: said.append(message.text))
    tab.on("pageerror", lambda error: said.append(str(error)))
    tab.goto((tmp_path / "website" / "index.html").as_uri())
    tab.get_by_role("link", name="1 · Loss functions").first.click()
    assert tab.locator("h1").inner_text().startswith("Loss functions")
    assert "{python}" not in tab.inner_text("main")
    assert tab.get_by_role("button", name="Run it here").count() == 0
    assert said == []
    tab.close()


@pytest.mark.parametrize("paper", ["A4", "Letter"])
@pytest.mark.parametrize("key", [False, True])
def test_a_worksheet_is_two_sides_of_paper(browser: Any, paper: str, key: bool) -> None:
    worksheets = Worksheets(ROOT / "solutions")
    sheets = [
        (sheet, worksheets.trace(sheet), worksheets.slips(sheet) if key else [])
        for sheet in map(worksheets.sheet, ("ada", "Maximilian-Alexander of a long name " * 2))
    ]
    tab = browser.new_page()
    tab.set_content(worksheet.page(sheets, key))
    printed = tab.pdf(format=paper)
    assert printed.count(b"/Type /Page\n") == 4
    tab.close()


@pytest.fixture
def tasks_page(browser: Any, address: str, site: Path) -> Iterator[Any]:
    session: Any = SimpleNamespace(value=None, top="")
    fences = [
        Fence(1, "", "", language, (), {"id": name}, body)
        for language, name, body in (
            ("quiz", "one", QUIZ),
            ("quiz", "two", BOTH),
            ("order", "three", STEPS),
        )
    ]
    text = "".join(FENCES[fence.language](fence, session) for fence in fences)
    rendered = markdown.markdown(text, extensions=["attr_list", "md_in_html"])
    (site.parent / "tasks.html").write_text(TASKS.format(tasks=rendered), "utf-8")
    context = browser.new_context()
    tab = context.new_page()
    tab.goto(f"{address}/../tasks.html")
    yield tab
    context.close()


def test_a_quiz_is_answered_with_the_keyboard_and_remembered(tasks_page: Any) -> None:
    tab, quiz = tasks_page, tasks_page.locator("#quiz-one")
    status = quiz.get_by_role("status")
    assert quiz.get_by_role("group", name="Every error doubles.").count() == 1
    quiz.get_by_role("radio").first.focus()
    tab.keyboard.press("Space")
    tab.keyboard.press("Enter")
    assert status.inner_text() == "Not yet. No: errors are squared."
    tab.keyboard.press("ArrowDown")
    assert status.inner_text() == ""
    tab.keyboard.press("Enter")
    assert status.inner_text() == "Right. Each square is."
    assert "Solved on this page: 1 of 3" in tab.inner_text(".task-score")

    tab.reload()
    assert quiz.get_by_role("radio", name="It is four times as large.").is_checked()
    assert status.inner_text().startswith("Right.")
    tab.get_by_role("button", name="Forget my answers").click()
    assert status.inner_text() == ""
    assert quiz.locator("input:checked").count() == 0
    assert "Solved on this page: 0 of 3" in tab.inner_text(".task-score")
    assert tab.evaluate("localStorage.length") == 0
    assert axe(tab, {}) == []


def test_several_answers_can_be_right(tasks_page: Any) -> None:
    quiz = tasks_page.locator("#quiz-two")
    status, press = quiz.get_by_role("status"), quiz.get_by_role("button", name="Check").click
    press()
    assert status.inner_text() == "Not yet. Choose an answer first."
    quiz.get_by_label("two").check()
    press()
    assert status.inner_text() == "Not yet. That is right, but there is more."
    quiz.get_by_label("three").check()
    press()
    assert status.inner_text() == "Not yet. It is odd."
    quiz.get_by_label("three").uncheck()
    quiz.get_by_label("four").check()
    press()
    assert status.inner_text().startswith("Right.")


def test_steps_are_put_in_order_with_the_keyboard(tasks_page: Any) -> None:
    task = tasks_page.locator("#order-three")
    steps = STEPS.splitlines()
    assert task.locator(".task-step").all_inner_texts() != steps
    for place, step in enumerate(steps):
        while task.locator(".task-step").all_inner_texts().index(step) > place:
            task.get_by_role("button", name=f"Move up: {step}").press("Enter")
            assert tasks_page.evaluate("document.activeElement.ariaLabel") == f"Move up: {step}"
        task.get_by_role("button", name="Check").click()
        said = task.get_by_role("status").inner_text()
        assert said.startswith(
            "Right." if task.locator(".task-step").all_inner_texts() == steps else "Not yet."
        )
    assert said == "Right. Each step stands where it belongs."


def test_the_search_finds_something(browser: Any, address: str) -> None:
    tab = browser.new_page()
    tab.goto(f"{address}/instructors.html")
    tab.get_by_role("textbox", name="Search").click()
    tab.get_by_text("Type to start searching").wait_for(timeout=120_000)
    tab.get_by_role("textbox", name="Search").press_sequentially("softmax")
    link = tab.locator(".md-search-result__link").first
    link.wait_for(timeout=120_000)
    link.click()
    tab.wait_for_url("**/course/**")
    assert tab.url.startswith(address)
    assert "softmax" in tab.inner_text("article").lower()
    tab.close()
