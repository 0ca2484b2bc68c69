"""Python in the browser: what a site gives, and what a learner meets who presses the button."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import shutil
import threading
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

import runhere
from autograder.catalogue import EXERCISES
from autograder.learner.browser import answer
from conftest import ROOT, Run, package, program, solution

WRONG = solution("losses").replace(
    "np.mean((predictions - targets) ** 2)", "np.sum((predictions - targets) ** 2)"
)
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A page</title>
<link rel="icon" href="data:,"><link rel="stylesheet" href="assets/run.css">
<script defer src="assets/run.js"></script></head><body><main class="md-typeset"><h1>A page</h1>
<div class="exercise" data-function="losses.mse_loss">
<pre><code>pytest exercises/test_losses.py -k mse_loss
autograder hint losses.mse_loss</code></pre></div>
<div class="exercise" data-function="backprop.Network.backward"></div>
</main></body></html>"""
PATIENCE = 300_000  # milliseconds: Python starts in ten seconds, on a busy machine in many more


# --- The learner's side, with NumPy ---------------------------------------------------------------


def ask(work: Path, wanted: str, **texts: str) -> dict[str, Any]:
    told: list[str] = []
    work.mkdir(exist_ok=True)
    request = json.dumps({"wanted": wanted, "texts": texts})
    said: dict[str, Any] = json.loads(
        answer(
            request, str(work), str(ROOT / "exercises"), lambda title, seconds: told.append(title)
        )
    )
    assert len(told) == said["checks"]
    return said


def test_the_feedback_is_that_of_pytest(tmp_path: Path, check_exercises: Run) -> None:
    said = ask(tmp_path / "work", "losses", losses=WRONG)
    assert len(said["wrong"]) == 1
    assert "It looks like a sum where a mean belongs" in said["wrong"][0]["text"]
    assert len(said["holds"]) == said["checks"] - 1
    done = check_exercises(tmp_path / "work", "exercises", "-k", "test_losses", "--hints")
    assert said["wrong"][0]["text"] in done.stdout
    assert said["wrong"][0]["hint"].split(".")[0][:30] in done.stdout


@pytest.mark.parametrize("name", [name for name in EXERCISES if name != "mnist_project"])
def test_the_reference_is_right_and_a_stub_is_not_attempted(name: str, tmp_path: Path) -> None:
    function = EXERCISES[name].functions[-1]
    right = ask(tmp_path / "a", f"{name}.{function}", **{name: solution(name)})
    assert len(right["holds"]) == right["checks"] > 0
    nothing = ask(tmp_path / "b", f"{name}.{function}")
    assert nothing["holds"] == nothing["wrong"] == []
    assert len(nothing["waiting"]) == 1


def test_what_is_printed_is_shown_and_kept_short(tmp_path: Path) -> None:
    text = WRONG.replace("    return np.sum", "    print('x' * 9000)\n    return np.sum")
    said = ask(tmp_path / "work", "losses.mse_loss", losses=text)
    assert set(said["wrong"][0]["printed"]) == {"x"}
    assert len(said["wrong"][0]["printed"]) == 2000


# --- The site's files -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def course() -> dict[str, bytes]:
    return runhere.course_files(ROOT)


def test_the_archive_holds_the_learners_side_alone(course: dict[str, bytes]) -> None:
    for name in EXERCISES:
        assert course[f"exercises/{name}.py"] == (ROOT / f"exercises/{name}.py").read_bytes()
    for kept in ("grading", "authoring", "release", "solutions", "pytest"):
        assert not [path for path in course if kept in path]
    assert runhere.archive(course) == runhere.archive(dict(reversed(course.items())))
    assert len(runhere.archive(course)) < 800_000


def test_a_line_of_a_solution_stops_the_build(tmp_path: Path) -> None:
    for folder in ("solutions", "exercises"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    hints = tmp_path / "exercises" / "hints" / "losses.toml"
    line = next(row for row in solution("losses").splitlines() if "np.mean((predictions" in row)
    hints.write_text(hints.read_text("utf-8") + f"# {line}\n", "utf-8")
    with pytest.raises(
        runhere.Unfit, match=r"hints/losses\.toml holds line \d+ of solutions/losses"
    ):
        runhere.course_files(tmp_path)


@pytest.fixture(scope="module")
def pyodide(tmp_path_factory: pytest.TempPathFactory) -> Path:
    program("npm")  # it delivers Pyodide
    folder = tmp_path_factory.mktemp("npm") / "pyodide"
    runhere.get_runtime(folder)
    return folder


def test_only_the_published_files_are_taken(pyodide: Path, tmp_path: Path) -> None:
    other = tmp_path / "pyodide"
    shutil.copytree(pyodide, other)
    assert runhere.copy_runtime(other, tmp_path / "without") is False
    (other / runhere.WHEEL).write_bytes(b"another file")
    with pytest.raises(runhere.Unfit, match="it is not the published file"):
        runhere.copy_runtime(other, tmp_path / "wrong")
    with pytest.raises(runhere.Unfit, match="it is not the published file"):
        runhere.get_wheel(other, (other / runhere.WHEEL).as_uri())
    (other / "pyodide.asm.wasm").unlink()
    with pytest.raises(runhere.Unfit, match=r"lacks pyodide\.asm\.wasm"):
        runhere.copy_runtime(other, tmp_path / "incomplete")


def test_the_deployment_gets_python_before_it_builds() -> None:
    steps = (ROOT / ".github/workflows/site.yml").read_text("utf-8")
    assert 0 < steps.index("make pyodide") < steps.index("make site PYODIDE=")


# --- The page -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    site = tmp_path_factory.mktemp("site")
    (site / "index.html").write_text(PAGE, "utf-8")
    (site / "assets").mkdir()
    for path in (ROOT / "docs/assets").glob("run*"):
        shutil.copy(path, site / "assets")
    return site


@contextlib.contextmanager
def served(site: Path) -> Iterator[str]:
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *arguments: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(site)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/index.html"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def page(browser: Any, site: Path) -> Iterator[Any]:
    with served(site) as address:
        page = browser.new_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(address)
        yield page
        page.close()
        assert said == []


def checked(page: Any) -> str:
    page.wait_for_selector(".run-buttons .md-button--primary:enabled", timeout=PATIENCE)
    return str(page.inner_text(".run-status"))


def test_a_site_without_python_keeps_the_editor(page: Any, site: Path) -> None:
    assert runhere.add_to(site) == "the editor without Python"
    page.get_by_role("button", name="Run it here").first.press("Enter")
    editor = page.get_by_label("losses.py", exact=True)
    page.wait_for_function(
        "document.activeElement !== null && !!document.querySelector('textarea').value"
    )
    assert editor.input_value() == (ROOT / "exercises/losses.py").read_text("utf-8")

    editor.fill("def f(x):")
    editor.press("Enter")
    editor.press_sequentially("return x")
    assert editor.input_value() == "def f(x):\n    return x"
    editor.press("Control+a")
    editor.press("Tab")
    assert editor.input_value() == "    def f(x):\n        return x"
    editor.press("Shift+Tab")
    assert editor.input_value() == "def f(x):\n    return x"
    editor.press("Escape")
    editor.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Check mse_loss"

    page.keyboard.press("Enter")
    assert checked(page) == "Python can't be loaded."
    said = page.inner_text(".run-results")
    assert "built without Python for the browser" in said
    assert "pytest exercises/test_losses.py -k mse_loss" in said

    page.reload()  # what was written is still there, also in another exercise's absence
    page.get_by_role("button", name="Run it here").first.click()
    page.wait_for_function("!!document.querySelector('textarea').value")
    assert page.get_by_label("losses.py", exact=True).input_value() == "def f(x):\n    return x"
    page.get_by_role("button", name="Run it here").last.click()
    page.wait_for_function("document.querySelector('textarea').value.includes('class Network')")
    assert page.locator("textarea").count() == 1


def test_axe_finds_no_fault_in_the_open_editor(page: Any, site: Path) -> None:
    axe = package("axe_playwright_python.sync_playwright")
    runhere.add_to(site)
    page.get_by_role("button", name="Run it here").first.click()
    page.wait_for_function("!!document.querySelector('textarea').value")
    page.get_by_role("button", name="Check all of losses").click()
    assert checked(page) == "Python can't be loaded."
    found = axe.Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []


def with_wheel(site: Path, pyodide: Path, lock_names_it: bool) -> None:
    """Build a site whose wheel is the stand-in, and say whether Pyodide's lock names that one."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as wheel:
        wheel.write(ROOT / "tests/named_numpy.py", "numpy/__init__.py")
        info = "numpy-2.4.6.dist-info"
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: numpy\nVersion: 2.4.6\n")
        wheel.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(f"{info}/RECORD", "")
    runhere.add_to(site, pyodide)
    folder = site / "run" / "pyodide"
    (folder / runhere.WHEEL).write_bytes(packed.getvalue())
    if lock_names_it:
        path = folder / "pyodide-lock.json"
        lock = json.loads(path.read_bytes())
        lock["packages"]["numpy"]["sha256"] = hashlib.sha256(packed.getvalue()).hexdigest()
        path.write_text(json.dumps(lock), "utf-8")
    (site / "run" / "contents.json").write_text('{"python": true, "numpy": true}', "utf-8")


def check(page: Any, text: str) -> None:
    page.locator("textarea").fill(text)
    page.get_by_role("button", name="Check mse_loss").click()


PLAIN = """
from autograder.core.compare import EXACT, compare
from autograder.core.plain import decode, encode, plain
data = {"seen": ["raises ValueError", None, True, 0.1 + 0.2], "none": (1, "two")}
print(decode(encode(plain(data))))
print(compare(plain(data), plain({**data, "none": (1, "three")}), EXACT))
print(compare(plain(data), plain(data), EXACT))
missing.name
"""


def test_the_core_runs_in_pyodide_and_can_be_stopped(page: Any, site: Path, pyodide: Path) -> None:
    with_wheel(site, pyodide, lock_names_it=True)
    page.get_by_role("button", name="Run it here").first.click()
    page.wait_for_function("!!document.querySelector('textarea').value")
    check(page, "x = 1\n")
    page.get_by_role("button", name="Stop").click()  # while Python is still loading
    assert checked(page).startswith("Stopped.")

    check(page, PLAIN)
    assert checked(page) == "0 of 2 checks hold."
    feedback = page.locator(".run-results > pre").inner_text()
    assert "it raised NameError" in feedback
    assert "losses.py, line 8   missing.name" in feedback
    assert "1 more check, for the same reason" in feedback
    page.get_by_text("What your code printed").click()
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.suppress(NameError):
        exec(PLAIN)
    assert printed.getvalue().strip() == page.locator("details pre").inner_text().strip()

    check(page, "def mse_loss(a, b:\n")  # the same Python, a new text
    assert checked(page) == "0 of 2 checks hold."
    assert "SyntaxError" in page.locator(".run-results > pre").inner_text()

    page.clock.install()
    check(page, "while True:\n    pass\n")
    page.wait_for_function(
        "document.querySelector('.run-status').textContent.startsWith('Checking')", timeout=PATIENCE
    )
    page.clock.fast_forward(31_000)
    assert checked(page).startswith("Stopped after 30 seconds at: the mean over all entries")


def test_a_wheel_with_another_checksum_is_refused(page: Any, site: Path, pyodide: Path) -> None:
    with_wheel(site, pyodide, lock_names_it=False)
    page.get_by_role("button", name="Run it here").first.click()
    page.wait_for_function("!!document.querySelector('textarea').value")
    check(page, "x = 1\n")
    assert checked(page) == "Python can't be loaded."
    said = page.inner_text(".run-results")
    assert "it is not the published file" in said
    assert "pytest exercises/test_losses.py -k mse_loss" in said
