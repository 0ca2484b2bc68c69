"""The files of a release that are written for it: instructions and settings."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from autograder.catalogue import EXERCISES
from autograder.release.wheelhouse import platform

GITIGNORE = """\
__pycache__/
*.egg-info/
.venv/
.cache/
.pytest_cache/
.autograder/progress.json
"""

GITATTRIBUTES = """\
* text=auto eol=lf
*.whl binary
"""

WORKFLOW = """\
# GitHub Classroom: every push is checked, and the feedback is in the summary of the run.
name: classroom
on:
  push:
  workflow_dispatch:

permissions:
  contents: read

jobs:
  feedback:
    runs-on: ubuntu-latest
    timeout-minutes: 15
    steps:
      - uses: actions/checkout@v5
      - uses: actions/setup-python@v6
        with:
          python-version: "3.11"
      - name: Install
        run: python -m pip install -e .
      - name: Check the exercises
        shell: bash
        run: python -m pytest exercises/ --color=no | tee feedback.txt
      - name: Feedback
        if: always()
        shell: bash
        run: sed 's/^/    /' feedback.txt >> "$GITHUB_STEP_SUMMARY"
"""

DEVCONTAINER = (
    json.dumps(
        {
            "name": "Downhill",
            "image": "python:3.11",
            "postCreateCommand": "python -m pip install -e .",
            "customizations": {
                "vscode": {
                    "extensions": ["ms-python.python"],
                    "settings": {
                        "python.testing.pytestEnabled": True,
                        "python.testing.pytestArgs": ["exercises"],
                    },
                }
            },
        },
        indent=2,
    )
    + "\n"
)


def pyproject(course: Mapping[str, object]) -> str:
    """Return the `pyproject.toml` of a class.

    Parameters
    ----------
    course : mapping
        The table `project` of the course's own.
    """
    return f"""\
# `pip install -e .` needs nothing but this folder: see autograder/editable.py.
[build-system]
requires = []
build-backend = "autograder.editable"
backend-path = ["."]

[project]
name = "downhill-class"
version = {json.dumps(course["version"])}
description = "The exercises of Downhill, a course on training neural networks in NumPy"
requires-python = {json.dumps(course["requires-python"])}
dependencies = {json.dumps(course["dependencies"])}

[project.scripts]
autograder = "autograder.cli:main"

[tool.pytest.ini_options]
testpaths = ["exercises"]
pythonpath = ["."]
"""


def readme(exercises: Sequence[str], chapters: bool, practice: bool, wheels: bool) -> str:
    """Return the instructions for learners.

    Parameters
    ----------
    exercises : sequence of str
    chapters, practice, wheels : bool
        Whether the website, the solutions and the wheelhouse are there.
    """
    parts = [_begin(exercises), _set_up(wheels), _work(exercises), _files(exercises, chapters)]
    if practice:
        parts.append(_practice(exercises))
    return "\n".join([*parts, HAND_IN, RIGHTS])


def _begin(exercises: Sequence[str]) -> str:
    return f"""\
# Downhill: exercises

You write how a neural network is trained, function by function, in NumPy. The work is in the folder
`exercises`, and begins with `{exercises[0]}.py`. When something is wrong, you are told what was
called, what came back, what was expected and, if it is a known mistake, which one.
"""


def _set_up(wheels: bool) -> str:
    offline = "--no-index --find-links wheelhouse " if wheels else ""
    install = f"-m pip install {offline}-e ."
    note = WITHOUT_NETWORK.format(platform=platform()) if wheels else WITH_NETWORK
    return f"""\
## Set up

You need Python 3.11 or later. Open a terminal in this folder, and type three lines.

Windows:

    py -m venv .venv
    .venv\\Scripts\\python {install}
    .venv\\Scripts\\python -m pytest exercises/

macOS:

    python3 -m venv .venv
    .venv/bin/python {install}
    .venv/bin/python -m pytest exercises/

Linux:

    python3 -m venv .venv
    .venv/bin/python {install}
    .venv/bin/python -m pytest exercises/

The last line checks your work; at first it says that nothing is attempted yet.

{note}"""


WITH_NETWORK = """\
After the second line nothing needs a network any more. In a GitHub codespace, or another editor
that knows development containers, all is installed already: `python -m pytest exercises/`.
"""

WITHOUT_NETWORK = """\
None of them needs a network: what is installed is in `wheelhouse/`, for {platform}.
On another system, leave `--no-index --find-links wheelhouse` out of the second line, which then
needs a network.
"""


def _work(exercises: Sequence[str]) -> str:
    first = EXERCISES[exercises[0]]
    function = f"{first.name}.{first.functions[0]}"
    return f"""\
## Work

Open a file, read what a function has to do, and write it in place of `raise NotImplementedError`.
Then type the third line again. These help, too (on Windows with `.venv\\Scripts\\python`):

| | |
| --- | --- |
| `.venv/bin/python -m pytest exercises/ -k {first.name}` | checks one file |
| `.venv/bin/python -m autograder watch` | checks whenever you save |
| `.venv/bin/python -m autograder hint {function}` | gives a hint |
| `.venv/bin/python -m autograder progress` | says where you stand |
| `.venv/bin/python -m autograder observe {first.checks[0].id}` | shows every call of a check |
"""


def _files(exercises: Sequence[str], chapters: bool) -> str:
    rows = [
        f"| `exercises/{name}.py` | {_chapter(name, chapters)} | {EXERCISES[name].points} |"
        for name in exercises
    ]
    where = THE_WEBSITE if chapters else WHERE_CHAPTERS
    table = "\n".join(["| file | chapter | points |", "| --- | --- | ---: |", *rows])
    return f"## The exercises\n\n{table}\n{where}"


THE_WEBSITE = """
The chapters, their figures and the playground are in `website/`: open `website/index.html` in a
browser, without a network. For the search, type `python -m http.server -d website`, and open
<http://localhost:8000>.
"""

WHERE_CHAPTERS = """
The chapters are on the website of the course. Where a message says `course/losses/index.md`, it
means the chapter of that name there.
"""


def _chapter(name: str, chapters: bool) -> str:
    title = EXERCISES[name].title
    return f"[{title}](website/course/{name}/index.html)" if chapters else title


def _practice(exercises: Sequence[str]) -> str:
    first = EXERCISES[exercises[0]]
    function = f"{first.name}.{first.functions[0]}"
    return f"""\
## Practice

| | |
| --- | --- |
| `.venv/bin/python -m autograder practice order {function}` | lines to put in order |
| `.venv/bin/python -m autograder practice blank {function}` | a blank to fill |
| `.venv/bin/python -m autograder practice bug {function}` | a mistake to find |
| `.venv/bin/python -m autograder solution {function}` | a solution, once you have your own |

They are made from `solutions/`. Reading there first takes away what you came for.
"""


HAND_IN = """\
## Hand in

- **On GitHub Classroom:** commit your work and push it. Each push is checked; the feedback is under
  *Actions*, in the summary of the run. A red cross means that something is still open.
- **Otherwise:** pack the folder `exercises` into a `.zip` file, and hand that in as your instructor
  says.

Only your modules are read, under the names that they have here. They are graded by the same checks
on other numbers than those you see, so a result that is written down instead of computed earns
nothing.
"""

RIGHTS = """\
## License

Code is under the [MIT License](LICENSE), text and figures are under [CC BY 4.0](LICENSE-TEXT).
"""
