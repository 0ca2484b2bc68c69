"""What a page asks of its reader: quizzes, steps to order, and the exercises of the course.

All of it can be read without a script. `assets/tasks.js` makes forms of the quizzes.
"""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from markdown.extensions.toc import slugify

import listings
from autograder.catalogue import EXERCISES
from autograder.core.exercise import Check
from pages import SPAN, Fence, PageError, plain, substitute

if TYPE_CHECKING:
    from session import Session

COURSE = Path(__file__).resolve().parents[1] / "course"


# --- A quiz


@dataclass(frozen=True)
class Option:
    """One of the answers to choose from, and what is to be said to who chose it."""

    right: bool
    text: str
    why: str


@dataclass(frozen=True)
class Quiz:
    """A question and its options.

    Attributes
    ----------
    question : str
        In Markdown, as are the texts of the options.
    options : list of Option
    """

    question: str
    options: list[Option]


MARKED = re.compile(r"- \[(?P<mark>[ xX])\] ", re.MULTILINE)


def read_quiz(body: str) -> Quiz:
    """Read the body of a quiz fence.

    Raises
    ------
    ValueError
        If there is no question, no wrong or no right option, or one that says nothing about itself.
    """
    starts = [match for match in MARKED.finditer(body) if _at_margin(body, match.start())]
    ends = [match.start() for match in starts[1:]] + [len(body)]
    question = body[: starts[0].start()].strip() if starts else ""
    options = []
    for match, end in zip(starts, ends, strict=True):
        text, why = _divided(" ".join(body[match.end() : end].split()))
        options.append(Option(match["mark"] != " ", text, why))
    if not question:
        raise ValueError("a quiz begins with its question; the options follow, as `- [ ] …`")
    if len({option.right for option in options}) < 2:
        raise ValueError("a quiz needs right options, `- [x] …`, and wrong ones, `- [ ] …`")
    for option in options:
        if not option.text or not option.why:
            raise ValueError("each option has the form `- [ ] answer | why it is right or wrong`")
    return Quiz(question, options)


def _at_margin(body: str, position: int) -> bool:
    return position == 0 or body[position - 1] == "\n"


def _divided(text: str) -> tuple[str, str]:
    """Divide at the first bar between spaces that is in no code and no formula."""
    hidden = SPAN.sub(lambda match: "." * len(match[0]), text)
    bar = hidden.find(" | ")
    return (text[:bar].strip(), text[bar + 3 :].strip()) if bar >= 0 else (text, "")


def quiz(fence: Fence, session: "Session") -> str:
    """Show a question with its options, and the answers folded."""
    name, task = identity(fence), read_quiz(_computed(fence, session))
    right = [number for number, option in enumerate(task.options) if option.right]
    title = "Quick check"
    if "recall" in fence.options:
        title = f"Recall: {chapter_link(fence.options['recall'], session)}"
    options = "\n".join(f"1.  {option.text}" for option in task.options)
    answers = "\n".join(
        f"1.  **{'Right' if option.right else 'Wrong'}.** {option.why}" for option in task.options
    )
    return f"""
<div class="task quiz" id="{name}" data-right="{" ".join(map(str, right))}" markdown="1">

**{title}**
{{: .task-title }}

{task.question}

{options}

<details class="task-answers" markdown="1"><summary>Answers</summary>

{answers}

</details>

</div>

"""


def identity(fence: Fence) -> str:
    """Return the id of a task's element."""
    if fence.indent:
        raise PageError(f"line {fence.line}: a {fence.language} fence begins at the margin")
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", fence.options.get("id", "")):
        raise PageError(f'line {fence.line}: a {fence.language} needs an id="like-this"')
    return f"{fence.language}-{fence.options['id']}"


def _computed(fence: Fence, session: "Session") -> str:
    return substitute(fence.body, fence.line + 1, session.value)


def chapter_link(chapter: str, session: "Session") -> str:
    """Return a link to a chapter from the page, under the chapter's own title."""
    lines = (COURSE / chapter / "index.md").read_text("utf-8").splitlines()
    title = next(line.removeprefix("# ") for line in lines if line.startswith("# "))
    return f"[{title}]({session.top}course/{chapter}/index.md)"


# --- Steps to order


def order(fence: Fence, session: "Session") -> str:
    """Show steps in a wrong order, always the same one, and the right order folded."""
    name = identity(fence)
    prompt, _, lines = _computed(fence, session).rpartition("\n\n")
    steps = [line.strip() for line in lines.splitlines() if line.strip()]
    if len(set(steps)) < max(3, len(steps)):
        raise PageError(f"line {fence.line}: three steps or more, one a line, no two alike")
    mixed = shuffled(steps, name)
    places = " ".join(str(steps.index(step)) for step in mixed)
    shown = "\n".join(f"-   {step}" for step in mixed)
    answer = "\n".join(f"1.  {step}" for step in steps)
    return f"""
<div class="task order" id="{name}" data-places="{places}" markdown="1">

**Put in order**
{{: .task-title }}

{prompt.strip() or "Which comes first, and what follows?"}

{shown}

<details class="task-answers" markdown="1"><summary>Answer</summary>

{answer}

</details>

</div>

"""


def shuffled(steps: list[str], name: str) -> list[str]:
    """Return steps in an order that the name decides, and that isn't the right one."""
    mixed = sorted(steps, key=lambda step: hashlib.sha256(f"{name} {step}".encode()).digest())
    return mixed if mixed != steps else mixed[1:] + mixed[:1]


# --- An exercise of the course


def _counted(points: int) -> str:
    return f"{points} point" + "s" * (points != 1)


def exercise(fence: Fence, session: "Session") -> str:
    """Show what is to be written, what it is checked for, and the commands that help.

    A line of the body, `backward_through_one_layer: 2.3 2.4`, says which of the equations a check
    is about if it isn't all of them.
    """
    name, _, function = "".join(fence.words).partition(".")
    if name not in EXERCISES:
        raise ValueError(f"no exercise {name}: {', '.join(EXERCISES)}")
    checks = [check for check in EXERCISES[name].checks if check.function == function]
    if not checks:
        raise ValueError(f"no function {name}.{function}; see `autograder checks`")
    points = sum(check.points for check in checks)
    equations = fence.options.get("eq", "").split()
    about = _about(fence.body, checks, equations)
    source = f", equation {' and '.join(map(_equation, equations))}" if equations else ""
    stub = f"[`exercises/{name}.py`]({session.top}{listings.of_function(name, function)})"
    tested = "\n".join(_tested(check, about[check.name], session) for check in checks)
    return f"""
<div class="task exercise" id="exercise-{name}.{function}" data-function="{name}.{function}"
markdown="1">

**Write `{function}`** in {stub}{source}: {_counted(points)}
{{: .task-title }}

{tested}

```sh
pytest exercises/test_{name}.py -k {selection(checks)}
autograder hint {name}.{function}
autograder practice bug {name}.{function}
```

</div>

"""


def _about(body: str, checks: list[Check], equations: list[str]) -> dict[str, list[str]]:
    """Return the equations of each check, by its name."""
    about = {check.name: equations for check in checks}
    for line in body.split("\n"):
        name, _, some = line.partition(":")
        if line.strip() and (name not in about or not set(some.split()) <= set(equations)):
            raise ValueError(f"{line}: not a check of the function and equations of the exercise")
        if line.strip():
            about[name] = some.split()
    return about


def _tested(check: Check, equations: list[str], session: "Session") -> str:
    """Return a check as an item of a list: its section, its equations, its code."""
    title = f"[{plain(check.title)}]({_section(check, session)}) ({_counted(check.points)})"
    label = f"The code of {check.name}"
    code = f'[code]({session.top}{listings.of_check(check)}){{: aria-label="{label}" }}'
    return (
        f"1.  {' · '.join([title, *map(_equation, equations), code])}\n    {{: #check-{check.id} }}"
    )


def _equation(number: str) -> str:
    return f"[({number})](#eq-{number})"


def selection(checks: list[Check]) -> str:
    """Return what `pytest -k` has to be given to run these checks of a function and no others."""
    name = checks[0].function.rpartition(".")[2]
    if [check for check in EXERCISES[checks[0].exercise].checks if name in check.name] == checks:
        return name
    names = " or ".join(check.name for check in checks)
    return names if len(checks) == 1 else f'"{names}"'


def _section(check: Check, session: "Session") -> str:
    """Return the address of the section that teaches what a check looks at."""
    page = f"course/{check.exercise}/index.md"
    here = "" if session.page == page else f"{session.top}{page}"
    return f"{here}#{slugify(check.read, '-')}"
