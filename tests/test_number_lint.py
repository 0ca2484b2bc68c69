"""The number lint: a number in prose is an input, computed, sourced or structural."""

from __future__ import annotations

import pytest

from conftest import ROOT
from number_lint import findings, lint
from weave import page_names

BLOCK = '```python exec="true" source="above" result="text"\nx = [0.5, 1_000, -3, 1e-5, 0.2]\n```\n'


def found(prose: str, block: str = BLOCK) -> list[tuple[int, str]]:
    text = f"# A page\n\n{prose}\n\n{block}"
    return [(one.line, one.number) for one in findings("page.md", text, {"1.1", "2.3"})]


FREE = {
    "an input": "With 0.5 and 1,000 and −3 and 0.00001 it is 0.50.",
    "an input in percent": "Of these, 20 % and 50% are kept.",
    "an expression": "It is `{python} 1 / 7` and `` `{python} 2/7` ``.",
    "a word": "Two of the three are wrong, and eleven are right.",
    "code": "Call `f(77)` or `net[88]`.",
    "a formula": r"So \(n = 77\), $x = 88$ and",
    "a display": "$$\n77 x = 88\n$$",
    "a footnote": "There are 60,000 of them[^lecun].",
    "a footnote's text": "[^lecun]: Somebody, 1998, pages 77 to 88.",
    "a link to the sources": "There are 60,000 ([why](../sources.md#mnist)).",
    "a chapter": "See chapter 77, chapters 3 and 4, section 6.2 and steps 13 to 15.",
    "an equation": "By (1.1) and [(2.3)](../backprop/index.md#eq-2.3) it holds.",
    "a list's marker": "13. First\n14. Second",
    "a title's marker": '??? question "13. What is it?"',
    "a link's target": "See [this](page-77.md#part-88) and ![it](77.png).",
    "a name": "float64 on x86, UTF-8, Python 3.11 and NumPy 1.26, `W1` and b77.",
    "a comment": "<!-- 77 -->",
    "a source": "## Sources\n\n- Somebody, 1998, pages 77 to 88.\n\n### More\n\n- And 1999.",
    "an attribute": "A paragraph.\n{: #eq-77 .big-88 }",
}
REFUSED = {
    "a result": ("The loss is 0.6931.", [(3, "0.6931")]),
    "a sign makes no input": ("It fell to -7.", [(3, "7")]),
    "on its own line": ("The loss\nwas 0.5 and\nis 0.6931.", [(5, "0.6931")]),
    "a heading": ("## About 77", [(3, "77")]),
    "an item": ("- one\n- or 77\n- or 78", [(4, "77"), (5, "78")]),
    "a table": ("| a | b |\n| --- | --- |\n| 0.5 | 77 |", [(5, "77")]),
    "a folded answer": ('??? success "Why 77"\n\n    Since 78.', [(3, "77"), (5, "78")]),
    "a paragraph beside a source": ("One[^a] is it.\n\nIt is 77.", [(5, "77")]),
    "percent": ("About 77 % are right.", [(3, "77")]),
    "a picture": ("![It falls to 77](x.png)", [(3, "77")]),
    "text in HTML": ("<p>It is 77.</p>", [(3, "77")]),
    "an unknown equation": ("By (7.7) it holds.", [(3, "7.7")]),
    "a made-up excuse": ("It is 77. <!-- numbers: ok -->", [(3, "77")]),
    "after the sources": ("## Sources\n\n1998\n\n## More\n\nIt is 77.", [(9, "77")]),
    "twice": ("It is 77, not 77.", [(3, "77"), (3, "77")]),
}


@pytest.mark.parametrize("name", FREE)
def test_is_free(name: str) -> None:
    assert found(FREE[name]) == []


@pytest.mark.parametrize("name", REFUSED)
def test_is_refused(name: str) -> None:
    prose, expected = REFUSED[name]
    assert found(prose) == expected


def test_what_a_page_hides_or_prints_is_no_input() -> None:
    assert found("It is 77.", '```python exec="true" result="text"\nprint(77)\n```\n')
    assert found("It is 77.", "```text\n77\n```\n")
    assert not found("It is 77.", "```sh\nrun --times 77\n```\n")
    assert not found(
        "It is 77.", '    ```python exec="true" source="below"\n    print(77)\n    ```\n'
    )


QUIZ = """```quiz id="q"
There are 7 of 70. What is {asked}?

- [ ] 77 | {wrong}
- [x] {right} | So it is.
```
"""


def test_the_question_of_a_quiz_gives_inputs_and_its_answers_do_not() -> None:
    assert not found("", QUIZ.format(asked="it", wrong="Not of 70.", right="`{python} 7 / 70`"))
    line = [(5, "0.1")]
    assert found("", QUIZ.format(asked="it", wrong="Not so.", right="0.1")) == line
    assert found("", QUIZ.format(asked="it", wrong="It is 0.1.", right="a tenth")) == line
    assert found("It is 7.", QUIZ.format(asked="it", wrong="No.", right="a tenth")) == [(3, "7")]


def test_every_page_is_clean() -> None:
    assert lint(ROOT, page_names()) == []
