"""The process of one page: it runs what the page says, and notes what that depended on.

`weave.py` starts it afresh for every page.
"""

import contextlib
import io
import json
import os
import sys
import traceback
from pathlib import Path
from types import ModuleType
from typing import Any

from fences import FENCES
from notebooks import has_blocks, notebook
from pages import Fence, PageError, Prose, parts, substitute

ROOT = Path(__file__).resolve().parents[1]


class Session:
    """The namespace of a page, in which its blocks and expressions run in order.

    Parameters
    ----------
    page : str
        The page's file, relative to the root.

    Attributes
    ----------
    top : str
        What leads from the page to the site's first page: "../../".
    scripts : list of str
        Those that the page has asked for, as paths in `docs/assets`.
    values : dict
        Of the expressions so far, by their text; the same text has the last value.
    shown : list of (int, str)
        What the blocks with a visible source printed, with their lines, but for those that say of
        themselves that it varies.
    """

    def __init__(self, page: str) -> None:
        self.page = page
        self.top = "../" * page.removeprefix("docs/").count("/")
        self.scripts: list[str] = []
        self.values: dict[str, str] = {}
        self.shown: list[tuple[int, str]] = []
        # What a page defines belongs to the main module, as if the page were a program.
        self._main = sys.modules["__main__"] = ModuleType("__main__")

    def run(self, source: str, line: int) -> str:
        """Run a block that begins on a line, and return what it printed."""
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            self._execute(source, line, "exec")
        return printed.getvalue().rstrip("\n")

    def value(self, expression: str, line: int) -> str:
        """Return the value of an expression on a line, as text."""
        shown = str(self._execute(expression.strip(), line, "eval"))
        self.values[expression] = shown
        return shown

    def _execute(self, source: str, line: int, mode: str) -> Any:
        try:
            # As many lines before it as on the page: then tracebacks quote the page.
            code = compile("\n" * (line - 1) + source, self.page, mode)
            return eval(code, vars(self._main))
        except (Exception, SystemExit) as error:
            raise PageError(f"line {line}: {self._told(error)}") from error

    def _told(self, error: BaseException) -> str:
        """Return the traceback from the page on."""
        trace = error.__traceback__
        while trace and trace.tb_frame.f_code.co_filename != self.page:
            trace = trace.tb_next
        shown = traceback.format_exception(type(error), error, trace, chain=False)
        return "".join(shown).rstrip()


def woven(text: str, session: Session) -> str:
    """Return a page with its results filled in."""
    done = []
    for part in parts(text):
        if isinstance(part, Prose):
            done.append(substitute(part.text, part.line, session.value))
        else:
            done.append(_rendered(part, session))
    return "".join(done)


def read(text: str, session: Session) -> str:
    """Run a page as its readers can: the blocks with a visible source, and nothing else."""
    for part in parts(text):
        if isinstance(part, Fence) and part.language == "python" and part.options.get("source"):
            _rendered(part, session)
    return ""


def _rendered(fence: Fence, session: Session) -> str:
    try:
        return FENCES[fence.language](fence, session) if fence.language in FENCES else fence.text
    except PageError:
        raise
    except Exception as error:  # of a fence, not of what it runs: say where it stands
        raise PageError(f"line {fence.line}: {type(error).__name__}: {error}") from error


# --- What it depended on


class Recorder:
    """Notes which of the project's files and folders the process reads.

    Attributes
    ----------
    files, folders : set of str
        Read or imported, and listed.
    everything : bool
        Another process was started, and nobody knows what that one read.
    """

    def __init__(self) -> None:
        self.files: set[str] = set()
        self.folders: set[str] = set()
        self.everything = False
        sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open" and isinstance(arguments[0], str):
            if not arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
                self.files.add(os.path.abspath(arguments[0]))  # noqa: PTH100 - cheap
        elif event in ("os.listdir", "os.scandir") and isinstance(arguments[0], str):
            # An import lists folders too; what it finds there is in `sys.modules`.
            if "importlib" not in sys._getframe(1).f_code.co_filename:
                self.folders.add(os.path.abspath(arguments[0]))  # noqa: PTH100
        elif event in ("subprocess.Popen", "os.fork", "os.posix_spawn"):
            self.everything = True

    def report(self) -> dict[str, Any]:
        """Return what was read, as plain data."""
        modules = (getattr(module, "__file__", None) for module in sys.modules.values())
        self.files.update(file for file in modules if file)
        return {
            "files": _of_the_project(self.files),
            "folders": _of_the_project(self.folders),
            "everything": self.everything,
        }


def _of_the_project(paths: set[str]) -> list[str]:
    """Return those below the root that somebody wrote, relative to it."""
    inside = (Path(path) for path in paths if Path(path).is_relative_to(ROOT))
    names = {path.relative_to(ROOT) for path in inside}
    made = {"__pycache__", "build", "site"}
    return sorted(
        name.as_posix()
        for name in names
        if not made.intersection(name.parts) and not any(p.startswith(".") for p in name.parts)
    )


def main() -> None:
    """Weave or read, as `argv[1]` says, the page `argv[2]`; write to `argv[3]` what came of it."""
    recorder = Recorder()
    work = {"weave": woven, "read": read}[sys.argv[1]]
    page, result = Path(sys.argv[2]), Path(sys.argv[3])
    session = Session(page.relative_to(ROOT).as_posix())
    outcome: dict[str, Any]
    try:
        text = page.read_text("utf-8")
        outcome = {"woven": work(text, session), "shown": session.shown, "values": session.values}
        if work is woven and session.page.startswith("course/") and has_blocks(text):
            outcome["notebook"] = notebook(text, lambda expression, _: session.values[expression])
    except PageError as error:
        outcome = {"error": f"{session.page}, {error}"}
    result.write_text(json.dumps(outcome | recorder.report()), "utf-8")
