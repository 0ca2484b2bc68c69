"""The website: built strictly from the chapters, complete, and asking nobody for anything."""

from __future__ import annotations

import html
import re
import shutil
import sys
from pathlib import Path

import pytest
from markdown.extensions.toc import slugify

from autograder.catalogue import EXERCISES
from conftest import ROOT, run


def page(site: Path, name: str) -> str:
    return (site / name).read_text(encoding="utf-8")


def words(site: Path, name: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", page(site, name)))


def test_every_chapter_is_there_with_its_equations(site: Path) -> None:
    first = {
        "schedules": "9.1",
        "trainer": "9.5",
        "generalization": "10.1",
    }  # one chapter, two pages
    for number, name in enumerate(EXERCISES, start=1):
        text = page(site, f"course/{name}/index.html")
        assert "<h1 id=" in text
        if name != "overfitting":
            assert f'id="eq-{first.get(name, f"{number}.1")}"' in text
            assert "<math" in text
        assert f"pytest exercises/test_{name}.py" in words(site, f"course/{name}/index.html")


def test_equations_exercises_checks_and_code_link_to_each_other(site: Path) -> None:
    boxes = 0
    for exercise in EXERCISES.values():
        text = page(site, f"course/{exercise.name}/index.html")
        equations = dict(re.findall(r'class="equation" id="eq-([\d.]+)">(.*?)</div></div>', text))
        for box in re.findall(r'<div class="task exercise".*?</ol>', text, re.DOTALL):
            boxes += 1
            title, *items = box.split("<li ")
            for part in (title, *items):
                (own,) = re.findall(r'id="([^"]*)"', part)
                for number in re.findall(r'href="#eq-([\d.]+)"', part):
                    assert f'href="#{own}"' in equations[number], (exercise.name, number, own)
            assert f'href="../../code/{exercise.name}.txt#:~:text=' in title
        for check in exercise.checks:
            (item,) = re.findall(rf'<li id="check-{check.id}">.*?</li>', text)
            assert f'#{slugify(check.read, "-")}">' in item
            assert f"text=def%20{check.name}%28" in item
        # And back: no equation leads to what doesn't lead to it.
        for number, equation in equations.items():
            for name in re.findall(r'href="#((?:check|exercise)-[^"]*)"', equation):
                _, _, part = text.partition(f'id="{name}"')
                assert f'href="#eq-{number}"' in re.split("<li |</ol>", part)[0], (number, name)
    assert boxes == sum(len(exercise.functions) for exercise in EXERCISES.values())


def test_the_numbers_of_the_hand_trace_are_the_true_ones(site: Path) -> None:
    text = words(site, "course/backprop/index.html")
    for number in ("0.6704", "0.7349", "0.6913", "0.7208"):
        assert number in text
    for once_printed in ("0.6706", "0.7352", "0.6914", "0.7253"):
        assert once_printed not in text


def test_pages_show_a_real_failure(site: Path) -> None:
    for name in ("index.html", "course/losses/index.html"):
        assert "wrong value for (4, 3) arrays" in page(site, name)


def test_no_page_loads_anything_from_another_host(site: Path) -> None:
    for path in site.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        for loaded in (
            'src="http',
            "src='http",
            'src="//',
            'rel="stylesheet" href="http',
            "@import",
        ):
            assert loaded not in text, path


BROKEN = {
    "a block that raises": '```python exec="true"\n1 / 0\n```\n',
    "an expression that raises": "It is `{python} 1 / 0`.\n",
    "two quizzes of one name": 2 * '```quiz id="q"\nIs it?\n- [x] a | b\n- [ ] c | d\n```\n\n',
    "a link to nowhere": "[x](nowhere.md)\n",
    "an anchor to nowhere": "[x](#nowhere)\n",
    "a passage to nowhere": "[x](code/losses.txt#:~:text=def%20nowhere)\n",
    "a formula with an unknown command": "$\\nosuchcommand{x}$\n",
    "a picture from another host": '<img src="https://example.org/x.png" alt="x">\n',
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_page_fails_the_build(name: str, tmp_path: Path) -> None:
    pytest.importorskip("mkdocs", reason="the site extra is not installed")
    pages = tmp_path / "docs"
    shutil.copytree(ROOT / "docs", pages, ignore=shutil.ignore_patterns("*.md", "course"))
    config = (ROOT / "mkdocs.yml").read_text(encoding="utf-8").partition("\nnav:")[0]
    (tmp_path / "mkdocs.yml").write_text(config, encoding="utf-8")
    (pages / "index.md").write_text(f"# Fine\n\n$x$\n\n{BROKEN[name]}", encoding="utf-8")
    done = run(sys.executable, str(pages / "build.py"), "--out", str(tmp_path / "site"))
    assert done.returncode == 1, done.stdout
    (pages / "index.md").write_text("# Fine\n\n$x$\n", encoding="utf-8")
    done = run(sys.executable, str(pages / "build.py"), "--out", str(tmp_path / "site"))
    assert done.returncode == 0, done.stdout + done.stderr
