"""What the fences of a page become: code that is run, quizzes, exercises, interactive figures."""

import html
import importlib
import re
from collections.abc import Callable
from textwrap import indent
from typing import TYPE_CHECKING, Any

import tasks
from pages import Fence, PageError

if TYPE_CHECKING:
    from session import Session

RAW = "as-it-is"


def raw(source: str, *_: Any, **__: Any) -> str:
    """Return what stands in an `as-it-is` fence: HTML that Markdown doesn't touch."""
    return source


def block(language: str, text: str) -> str:
    """Return a fence that no line of the text can close."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    marks = "`" * max(3, longest + 1)
    return f"{marks}{language}\n{text}\n{marks}\n"


# --- Code that is run

TABS = ("Result", "Source")


def python(fence: Fence, session: "Session") -> str:
    """Run a block with `exec="true"`; show its source and what it printed, as its options say."""
    options = dict(fence.options)
    if options.pop("exec", "") != "true":
        return fence.text
    printed = session.run(fence.body, fence.line + 1)
    as_html, language = options.pop("html", "") == "true", options.pop("result", "")
    place = options.pop("source", "")
    options.pop("session", None)
    if place and options.pop("varies", "") != "true":
        session.shown.append((fence.line, printed))
    result = printed + "\n" if printed else ""
    if printed and as_html:
        result = block(RAW, printed)
    elif printed and language:
        result = block(f"{{.{language} .result}}", printed)
    shown = "".join(f' {key}="{value}"' for key, value in options.items())
    source = block(f"python{shown}", fence.body.rstrip("\n"))
    return indent(_placed(source, result, place) + "\n", fence.indent)


def _placed(source: str, result: str, place: str) -> str:
    if place == "":
        return result
    if place == "above":
        return f"{source}\n{result}"
    if place == "below":
        return f"{result}\n{source}"
    if place == "tabbed-right":
        tabs = zip(TABS, (result, source), strict=True)
        return "".join(f'=== "{title}"\n\n{indent(text, "    ")}\n' for title, text in tabs)
    raise ValueError(f'source="{place}": not above, below or tabbed-right')


# --- Interactive figures


def play(fence: Fence, session: "Session") -> str:
    """Embed the interactive figure `docs/play/NAME.py`: its picture, which a script brings to life.

    The module's `static(**options)` returns the picture as SVG or HTML, and a caption as text. Its
    `SCRIPTS` are the scripts that it needs, as paths in `docs/assets`.
    """
    if not fence.words:
        raise PageError(f"line {fence.line}: a play fence needs the name of a figure")
    try:
        module = importlib.import_module(f"play.{fence.words[0]}")
    except ModuleNotFoundError:
        raise ValueError(f"no figure {fence.words[0]} in docs/play") from None
    picture, caption = module.static(**fence.options)
    attributes = {"class": "play", "data-play": fence.words[0]}
    attributes |= {f"data-{key}": value for key, value in fence.options.items()}
    opening = "".join(f' {key}="{html.escape(value)}"' for key, value in attributes.items())
    scripts = [script for script in module.SCRIPTS if script not in session.scripts]
    session.scripts += scripts
    tags = "".join(f'<script defer src="{session.top}assets/{path}"></script>' for path in scripts)
    figure = f"<figure{opening}>\n{picture}\n<figcaption>{html.escape(caption)}</figcaption>"
    return indent(block(RAW, f"{figure}\n</figure>\n{tags}"), fence.indent)


FENCES: dict[str, Callable[[Fence, "Session"], str]] = {
    "python": python,
    "play": play,
    "quiz": tasks.quiz,
    "order": tasks.order,
    "exercise": tasks.exercise,
}
"""What makes Markdown of a fence, by its language; other fences stay as they are."""
