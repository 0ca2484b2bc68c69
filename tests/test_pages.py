"""Pages: what stands in them is run in order, once, and shown as it came out."""

from __future__ import annotations

import re
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import markdown
import pytest

from conftest import ROOT, run
from fences import FENCES
from formulas import render_formulas
from pages import Fence

WEAVE = """
import sys
from pathlib import Path
from weave import weave
weave(Path(sys.argv[1]))
"""


class Book:
    """A small site in a folder of its own, woven as the real one is."""

    def __init__(self, folder: Path) -> None:
        self.root, self.out = folder, folder / "out"
        shutil.copytree(ROOT / "docs", folder / "docs", ignore=shutil.ignore_patterns("*.md"))
        (folder / "solutions").mkdir()
        self.write("docs/page.md", "# A page\n")

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def weave(self, text: str = "") -> str:
        """Weave the page, or return what is said to be wrong with it."""
        if text:
            self.write("docs/page.md", text)
        done = run(sys.executable, "-c", WEAVE, str(self.out), PYTHONPATH=str(self.root / "docs"))
        if done.returncode:
            return done.stderr.partition("PageError: ")[2] or done.stderr
        return (self.out / "page.md").read_text(encoding="utf-8")


@pytest.fixture
def book(tmp_path: Path) -> Book:
    return Book(tmp_path / "book")


SHOWN = """\
# A page

One block sets a name.

```python exec="true" source="above" result="text"
x = 6 * 7
print("```", x)
```

1.  In a list:

    ```python exec="true" html="true"
    print(f"<svg>{x}</svg>")
    ```

It is `{python} x`, not `x`, and \\(a_1 = `{python} x / 2`\\); `{python} "*_$"` is text.

````markdown
```python exec="true"
raise SystemExit("shown, not run: `{python} 1 / 0`")
```
````
"""


def test_results_stand_where_they_were_asked_for(book: Book) -> None:
    text = book.weave(SHOWN)
    assert '```python\nx = 6 * 7\nprint("```", x)\n```' in text.replace("````", "```")
    assert "````{.text .result}\n``` 42\n````" in text
    assert "    ```as-it-is\n    <svg>42</svg>\n    ```" in text
    assert r"It is 42, not `x`, and \(a_1 = 21.0\); \*\_\$ is text." in text
    assert SHOWN[SHOWN.index("````markdown") :] in text
    assert 'description: "One block sets a name."' in text
    assert (book.out / "page.txt").read_text(encoding="utf-8") == SHOWN


def test_an_error_names_the_page_the_line_and_what_was_called(book: Book) -> None:
    book.write("docs/1.md", "# One\n\nIt is `{python} nothing`.\n")
    book.write("docs/2.md", "# Two\n\n```text\nnever closed\n")
    book.write("docs/3.md", "# Three\n\n`{python} __import__('warnings').warn('w')`\n")
    said = book.weave("# A page\n\n```python exec='true'\ndef f():\n    return 1 / 0\n\nf()\n```\n")
    assert "docs/1.md, line 3: " in said
    assert "docs/2.md, line 3: this fence is never closed" in said
    assert "UserWarning: w" in said
    told = said[said.index("docs/page.md") :]
    assert told.startswith("docs/page.md, line 4: Traceback")
    assert 'File "docs/page.md", line 7, in <module>\n    f()' in told
    assert 'File "docs/page.md", line 5, in f\n    return 1 / 0' in told
    assert told.rstrip().endswith("ZeroDivisionError: division by zero")


# Prints something new in every run, and reads something.
READING = """\
# A page

```python exec="true"
import random
{reads}
print(random.getrandbits(64))
```
"""
PAGES = {
    "imports": "import shared",
    "opens": "from pathlib import Path; Path('data.txt').read_text()",
    "lists": "from pathlib import Path; list(Path('listed').iterdir())",
    "starts": "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import other'])",
    "nothing": "",
}
CHANGES = [
    ({"solutions/shared.py": "X = 2", "data.txt": "there"}, {"imports", "opens", "starts"}),
    ({"solutions/other.py": "X = 2", "listed/two.txt": ""}, {"lists", "starts"}),
    ({"docs/nothing.md": READING.format(reads="X = 3")}, {"nothing", "starts"}),
]


def test_a_page_is_run_again_only_if_something_changed_that_it_read(book: Book) -> None:
    for name in ("solutions/shared.py", "solutions/other.py", "data.txt", "listed/one.txt"):
        book.write(name, "")
    for name, reads in PAGES.items():
        book.write(f"docs/{name}.md", READING.format(reads=reads))

    def shown() -> set[tuple[str, str]]:
        book.weave()
        return {(name, (book.out / f"{name}.md").read_text(encoding="utf-8")) for name in PAGES}

    before = shown()
    assert shown() == before
    for files, again in CHANGES:
        for name, text in files.items():
            book.write(name, text)
        after = shown()
        assert {name for name, _ in after - before} == again
        before = after


QUIZ = """\
# A page

```python exec="true"
n = 4
```

```quiz id="doubled"
Every error doubles. What becomes of \\(|e|^2\\)?

- [ ] It is `{python} n / 2` times
  as large. | No, and \\(a | b\\) is no bar.
- [x] It is `{python} n` times as large. | Each square is.
```
"""


def test_a_quiz_is_a_question_with_folded_answers(book: Book) -> None:
    text = book.weave(QUIZ)
    assert '<div class="task quiz" id="quiz-doubled" data-right="1" markdown="1">' in text
    assert "1.  It is 2.0 times as large.\n1.  It is 4 times as large.\n" in text
    answers = text.partition("<summary>Answers</summary>")[2]
    assert r"1.  **Wrong.** No, and \(a | b\) is no bar." in answers
    assert "1.  **Right.** Each square is." in answers


REFUSED = {
    'quiz id="q"\n- [x] a | b\n- [ ] c | d\n': "a quiz begins with its question",
    'quiz id="q"\nIs it?\n- [x] a | b\n': "wrong ones",
    'quiz id="q"\nIs it?\n- [ ] a | b\n': "right options",
    'quiz id="q"\nIs it?\n- [x] a | b\n- [ ] c\n': "each option has the form",
    "quiz\nIs it?\n- [x] a | b\n- [ ] c | d\n": 'needs an id="like-this"',
    'order id="o"\none\ntwo\n': "three steps or more",
    "exercise losses.nothing\n": "no function losses.nothing",
    "exercise nothing.at_all\n": "no exercise nothing",
    "play nothing\n": "no figure nothing",
    'python exec="true" source="under"\n1\n': 'source="under"',
}


def test_a_fence_that_cannot_be_read_is_refused(book: Book) -> None:
    for number, fence in enumerate(REFUSED):
        book.write(f"docs/{number}.md", f"# A page\n\n```{fence}```\n")
    said = book.weave().split("\n\n")
    assert len(said) == len(REFUSED)
    for number, (says, told) in enumerate(zip(REFUSED.values(), said, strict=True)):
        assert told.startswith(f"docs/{number}.md, line 3: ")
        assert says in told


def test_steps_are_shown_in_another_order_always_the_same(book: Book) -> None:
    steps = ["Draw a batch.", "Run it forward.", "Run it backward.", "Take the step."]
    fence = '```order id="loop"\nOne update:\n\n' + "\n".join(steps) + "\n```\n"
    text = book.weave(f"# A page\n\n{fence}")
    shown, _, answer = text.partition("<summary>Answer</summary>")
    assert [line[4:] for line in answer.splitlines() if line.startswith("1. ")] == steps
    mixed = [line[4:] for line in shown.splitlines() if line.startswith("-   ")]
    assert sorted(mixed) == sorted(steps)
    assert mixed != steps
    places = " ".join(str(steps.index(step)) for step in mixed)
    assert f'data-places="{places}"' in shown


def test_an_exercise_shows_its_checks_and_how_to_run_them(book: Book) -> None:
    boxes = '```exercise losses.mse_loss eq="1.1"\n```\n\n```exercise losses.softmax\n```\n'
    text = book.weave(f"# A page\n\n{boxes}")
    assert 'id="exercise-losses.mse_loss"' in text
    assert "equation [(1.1)](#eq-1.1): 12 points" in text
    assert "](course/losses/index.md#mean-squared-error) (8 points)" in text
    assert "{: #check-losses.mse_loss_is_a_mean_of_squares }" in text
    assert "](code/losses.txt#:~:text=def%20mse_loss%28)" in text
    assert "](code/checks/losses.txt#:~:text=def%20mse_loss_is_a_mean_of_squares%28)" in text
    assert "pytest exercises/test_losses.py -k mse_loss\n" in text
    assert "autograder hint losses.mse_loss\n" in text
    assert '-k "softmax_is_over_the_last_axis or softmax_survives_large_logits"\n' in text


def test_an_equation_its_exercise_and_its_checks_link_to_each_other(tmp_path: Path) -> None:
    fence = Fence(
        1,
        "",
        "",
        "exercise",
        ("losses.mse_loss",),
        {"eq": "1.1 1.2"},
        "mse_loss_refuses_unequal_shapes: 1.2\n",
    )
    session: Any = SimpleNamespace(page="course/losses/index.md", top="../../")
    box = FENCES["exercise"](fence, session)
    rendered = markdown.markdown(box, extensions=["attr_list", "md_in_html"])
    assert 'href="#mean-squared-error"' in rendered
    numbers = ("1.1", "1.2", "1.3")
    equations = [f'<div class="arithmatex">\\[x \\tag{{{number}}}\\]</div>' for number in numbers]
    page = tmp_path / "page.html"
    page.write_text("".join([*equations, rendered]), encoding="utf-8")
    assert render_formulas(tmp_path) == 3
    _, first, second, third = re.split('class="equation"', page.read_text(encoding="utf-8"))
    assert 'href="#exercise-losses.mse_loss"' in first
    assert 'href="#exercise-losses.mse_loss"' in second
    mean, refusal = "check-losses.mse_loss_is_a_mean_of_squares", "check-losses.mse_loss_refuses"
    assert (f'href="#{mean}' in first, f'href="#{refusal}' in first) == (True, False)
    assert (f'href="#{mean}' in second, f'href="#{refusal}' in second) == (True, True)
    third, _, box = third.partition('id="exercise-losses.mse_loss"')
    assert "href=" in third
    assert 'href="#exercise' not in third
    assert 'href="#check' not in third
    assert box.count('href="#eq-1.1"') == 2
    assert box.count('href="#eq-1.2"') == 3

    wrong = replace(fence, body="mse_loss_is_a_mean_of_squares: 1.3\n")
    with pytest.raises(ValueError, match="not a check of the function and equations"):
        FENCES["exercise"](wrong, session)


PLAY = '''
"""A figure for a test."""
SCRIPTS = ("toy.js",)
def static(size):
    return f"<svg>{size}</svg>", "a < b"
'''


def test_a_figure_to_play_with_is_its_picture_and_its_script(book: Book) -> None:
    book.write("docs/play/toy.py", PLAY)
    text = book.weave('# A page\n\n```play toy size="5"\n```\n\n```play toy size="6"\n```\n')
    assert '<figure class="play" data-play="toy" data-size="5">\n<svg>5</svg>' in text
    assert "<figcaption>a &lt; b</figcaption>" in text
    assert text.count('<script defer src="assets/toy.js"></script>') == 1
