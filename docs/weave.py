"""Weave the pages: run what they say, fill in the results, and leave plain Markdown.

Every page runs in a process of its own (see `session.py`). Its result is kept in `build/woven/`,
and used again while nothing has changed that it depended on: its text, the files that its code
read or imported, the folders that it listed, the installed packages and Python.
"""

import hashlib
import html
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import markdown
from mkdocs.utils import meta

from pages import PageError, Prose, parts

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ROOT / "docs"
KEPT = ROOT / "build" / "woven"
ALL = ("autograder", "course", "docs", "exercises", "solutions")
SECONDS = 3600
"""A page that takes longer hangs."""
DESCRIPTION = 160
"""About as many characters of a description are shown by a search engine."""


def environment() -> dict[str, str]:
    """Return the environment in which pages run, and mkdocs with them."""
    one_thread = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    folders = [str(ROOT / name) for name in ("solutions", "", "docs")]
    return os.environ | one_thread | {"PYTHONPATH": os.pathsep.join(folders), "MPLBACKEND": "Agg"}


def weave(out: Path, only: str = "") -> None:
    """Fill a folder with the pages and whatever stands beside them.

    Parameters
    ----------
    out : Path
    only : str
        One page alone, such as "course/losses".

    Raises
    ------
    PageError
        With what is wrong with each page.
    """
    pages = chosen(only)
    for path in sources():
        if path.suffix != ".md":
            copy = out / path.relative_to(SOURCES)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        outcomes = list(pool.map(outcome, pages))
    problems = [outcome["error"] for outcome in outcomes if "error" in outcome]
    if problems:
        raise PageError("\n\n".join(problems))
    for name, found in zip(pages, outcomes, strict=True):
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).write_text(finished(found["woven"], name, "notebook" in found), "utf-8")
        shutil.copyfile(SOURCES / name, out / source_name(name))
        if "notebook" in found:
            (out / name).with_suffix(".ipynb").write_text(found["notebook"], "utf-8")


def chosen(only: str = "") -> list[str]:
    """Return the pages, or one page alone, by the names that they have on the site."""
    pages = [path.relative_to(SOURCES).as_posix() for path in sources() if path.suffix == ".md"]
    if only:
        pages = [name for name in pages if name in (only, f"{only}.md", f"{only}/index.md")]
        if not pages:
            raise PageError(f"there is no page {only}")
    return pages


def page_names(only: str = "") -> list[str]:
    """Return the pages, or one page alone, by their files below the root."""
    return [(SOURCES / name).resolve().relative_to(ROOT).as_posix() for name in chosen(only)]


def hides(text: str) -> bool:
    """Say whether a page runs something unseen before a visible block: a reader can't do that."""
    unseen = False
    for part in parts(text):
        if isinstance(part, Prose):
            unseen = unseen or "`{python} " in part.text
        elif part.language == "python" and part.options.get("exec") == "true":
            if unseen and part.options.get("source"):
                return True
            unseen = unseen or not part.options.get("source")
    return False


def sources() -> Iterator[Path]:
    """Yield the files of the site, chapters included: `docs/course` leads to them."""
    for folder, folders, names in os.walk(SOURCES, followlinks=True):
        folders[:] = sorted(
            set(folders) - {"__pycache__", "play"}
        )  # play: what figures are made of
        yield from (Path(folder, name) for name in sorted(names) if not name.endswith(".py"))


# --- One page


def outcome(name: str, work: str = "weave") -> dict[str, Any]:
    """Return what becomes of a page.

    Parameters
    ----------
    name : str
    work : str
        "weave", or "read" to run only what a reader sees.

    Returns
    -------
    dict
        Under "woven" its text, and under "shown" what its visible blocks printed; or under "error"
        what went wrong.
    """
    page, kept = (SOURCES / name).resolve(), KEPT / work / f"{name}.json"
    if kept.exists():
        found: dict[str, Any] = json.loads(kept.read_text("utf-8"))
        if found["state"] == state(page, found):
            return found
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder, "result.json")
        command = [sys.executable, "-W", "error", "-c", "import session; session.main()"]
        command += [work, str(page), str(result)]
        try:
            done = subprocess.run(
                command,
                cwd=ROOT,
                env=environment(),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return {"error": f"{name}: not done after {SECONDS} seconds"}
        if not result.exists():
            return {"error": f"{name}: its process ended with {done.returncode}\n{done.stderr}"}
        found = json.loads(result.read_text("utf-8"))
    if "error" not in found:
        found["state"] = state(page, found)
        kept.parent.mkdir(parents=True, exist_ok=True)
        fresh = kept.with_suffix(f".{os.getpid()}")
        fresh.write_text(json.dumps(found), "utf-8")
        fresh.replace(kept)
    return found


def state(page: Path, found: dict[str, Any]) -> str:
    """Return a digest of all that a page depended on, as it is now."""
    digest = hashlib.sha256(f"{installed()}{page.read_text('utf-8')}".encode())
    files = {ROOT / name for name in found["files"]}
    if found["everything"]:
        files |= {file for name in ALL for file in (ROOT / name).rglob("*.*") if is_source(file)}
    for file in sorted(files):
        digest.update(f"{file.relative_to(ROOT).as_posix()}\n".encode())
        digest.update(file.read_bytes() if file.is_file() else b"gone")
    for folder in found["folders"]:
        listed = sorted(path.name for path in (ROOT / folder).glob("[!_.]*"))
        digest.update(f"{folder}: {listed}\n".encode())
    return digest.hexdigest()


def is_source(file: Path) -> bool:
    """Say whether somebody wrote a file."""
    return file.is_file() and "__pycache__" not in file.parts


@cache
def installed() -> str:
    """Return what is installed: Python and every package, with their versions."""
    return f"{sys.version}\n{sorted(f'{one.name} {one.version}' for one in distributions())}\n"


# --- What mkdocs is told about it


def finished(woven: str, name: str, has_notebook: bool = False) -> str:
    """Return a page with a description for search engines, and links to its source and notebook.

    The first link leads to the text that was woven. Where `DOWNHILL_EDIT` holds the address of an
    editor, such as `https://example.org/downhill/edit/main/{path}`, it leads there.
    """
    text, data = meta.get_data(woven)
    data.setdefault("description", description(text))
    header = "".join(f"{key}: {json.dumps(value)}\n" for key, value in data.items() if value)
    address = os.environ.get("DOWNHILL_EDIT", "")
    if address:
        path = (SOURCES / name).resolve().relative_to(ROOT).as_posix()
        link = f'<a href="{address.replace("{path}", path)}">Edit this page</a>'
    else:
        link = f'<a href="{Path(source_name(name)).name}">The source of this page</a>'
    if has_notebook:
        link += f' · <a href="{Path(name).stem}.ipynb" download>Open as notebook</a>'
    return f'---\n{header}---\n\n{text}\n\n<p class="edit" data-search-exclude>{link}</p>\n'


def source_name(name: str) -> str:
    """Return the file under which the site has a page's source."""
    return name.removesuffix(".md") + ".txt"


def description(text: str) -> str:
    """Return the first sentences of a page that has no `description` in its header."""
    _, _, rest = text.partition("\n# ") if not text.startswith("# ") else text.partition("# ")
    for paragraph in re.split(r"\n\s*\n", rest.partition("\n")[2].strip()):
        shown = markdown.markdown(paragraph)
        if shown.startswith("<p>") and "\\(" not in shown:
            words = " ".join(html.unescape(re.sub(r"<[^>]+>", "", shown)).split())
            sentences = re.split(r"(?<=[.!?]) ", words)
            chosen = sentences.pop(0)
            while sentences and len(chosen) + len(sentences[0]) < DESCRIPTION:
                chosen += " " + sentences.pop(0)
            return chosen
    return ""
