"""The pages: every number right, every name harmless, readable by everybody."""

from __future__ import annotations

import doctest
import json
import re
import sys
import tracemalloc
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from markupsafe import escape

from autograder.catalogue import EXERCISES, find_check
from autograder.grading.engine import checks_of
from autograder.grading.grades import Adjustment, Attempt, compose
from autograder.grading.policy import Policy
from autograder.grading.results import possible
from autograder.reports import classreport, feedback, pages
from conftest import run

TWO = possible(checks_of(["losses", "backprop"]))
SUM = "losses.mse_loss_is_a_mean_of_squares"
SOFTMAX = "losses.softmax_survives_large_logits"
ONE_CHECK = possible(checks_of([SUM]))
HURT = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    'O\'Brien & "Söhne"',
    "\u202egnp.exe\u202c",
    "a\u2066b\u2069 \u200fc",
    "الطالبة سارة",
    "🎈 👩\u200d🚀",
    "x" * 300,
    "nul\0 esc\x1b[31m bell\a",
    "{{ 7 * 7 }} {% raw %}",
    "]]> --> </style></title>",
]


def record(name: str, failed: dict[str, Any], exercises: Any = TWO, **facts: Any) -> dict[str, Any]:
    """Return a student's record: `failed` says by check what is not correct."""
    handed_in = facts.get("handed_in", exercises)
    checks = {}
    for exercise, its in exercises.items():
        for id, check in its["checks"].items():
            found = {"outcome": "correct", "points": check["points"], "seed": 1}
            if id in failed or exercise not in handed_in:
                found = {"outcome": "not attempted", "points": 0, "seed": 1, **failed.get(id, {})}
            checks[id] = found
    earned = {
        exercise: sum(checks[id]["points"] for id in its["checks"])
        if exercise in handed_in
        else None
        for exercise, its in exercises.items()
    }
    return {
        "student": name,
        "problems": facts.get("problems", []),
        "total": sum(points or 0 for points in earned.values()),
        "exercises": earned,
        "checks": checks,
    }


def wrong(id: str, outcome: str = "wrong values", **facts: Any) -> dict[str, Any]:
    """Return what is recorded of a check that fails in no known way."""
    check = find_check(id)
    lines = [["We ran", check.ran], ["Read", f'course: {check.chapter}, "{check.read}"']]
    return {"outcome": outcome, "headline": outcome, "explanation": lines, **facts}


def mistaken(id: str, name: str, looks_like: str) -> dict[str, Any]:
    """Return what is recorded of a check that shows a known mistake."""
    found = wrong(id, mistake=name, lesson=f"You may think {name}. In fact not.")
    found["explanation"].insert(1, ["It looks like", looks_like])
    return found


def a_class(size: int, seed: int = 0) -> Iterator[dict[str, Any]]:
    """Yield a class of students of all kinds, one at a time."""
    rng = np.random.RandomState(seed)
    ids = [id for exercise in TWO.values() for id in exercise["checks"]]
    for i in range(size):
        strength = rng.uniform(0.3, 1.0)
        failed: dict[str, Any] = {}
        for id in ids:
            if rng.uniform() > strength:
                kinds = [{}, wrong(id), wrong(id, "crashed"), mistaken(id, "losses.sum", "a sum")]
                failed[id] = kinds[rng.randint(4)]
        handed_in = [name for name in TWO if rng.uniform() < 0.9]
        name = f"{HURT[i % len(HURT)]} {i}"
        yield record(name, failed, handed_in=handed_in, problems=[name] if i % 7 == 0 else [])


class Page(HTMLParser):
    """What the tests ask about a page; tags that don't match raise."""

    VOID = ("meta", "br", "wbr", "rect", "path")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.by_id: dict[str, str] = {}
        self.words: list[str] = []
        self._ids: list[str | None] = []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = dict(attrs)
        self.tags.append((tag, facts))
        id = facts.get("id")
        if id is not None:
            assert id not in self.by_id
            self.by_id[id] = ""
        if tag not in self.VOID:
            self.open.append(tag)
            self._ids.append(id)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
        self._ids.pop()

    def handle_data(self, data: str) -> None:
        for id in self._ids:
            if id is not None:
                self.by_id[id] += data
        if "style" not in self.open:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [facts for name, facts in self.tags if name == tag]


def report(students: list[dict[str, Any]], exercises: Any = TWO) -> str:
    return classreport.page(classreport.tally(exercises, students))


CLASS = list(a_class(60))
PAGES = {"class": report(CLASS), "student": feedback.page(CLASS[0], TWO)}
each_page = pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)


# --- what every page must be


@each_page
def test_a_page_needs_nothing_but_itself(page: str) -> None:
    parsed = Page(page)
    names = {name for name, _ in parsed.tags}
    assert not names & {"script", "link", "img", "iframe", "object", "base", "form", "image", "use"}
    for _, facts in parsed.tags:
        assert not {"src", "srcset", "style"} & set(facts)
        assert not [name for name in facts if name.startswith("on")]
        assert re.fullmatch(r"#[\w-]+", facts.get("href") or "#x")
    assert set(re.findall(r"url\((.)", page)) <= {"#"}
    assert "@import" not in page
    policy = next(m for m in parsed.of("meta") if m.get("http-equiv") == "Content-Security-Policy")
    assert policy["content"] == "default-src 'none'; style-src 'unsafe-inline'"


@each_page
def test_a_page_is_in_order(page: str) -> None:
    parsed = Page(page)
    assert page.startswith("<!DOCTYPE html>\n")
    assert parsed.of("html")[0]["lang"] == "en"
    assert len(parsed.of("main")) == len(parsed.of("title")) - len(parsed.of("svg")) == 1
    levels = [int(name[1]) for name, _ in parsed.tags if re.fullmatch(r"h\d", name)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in zip(levels, levels[1:], strict=False))
    for link in parsed.of("a"):
        assert str(link["href"])[1:] in parsed.by_id
    for pattern in re.findall(r"url\(#([\w-]+)\)", page):
        assert pattern in parsed.by_id
    assert len(parsed.of("caption")) == len(parsed.of("table"))
    assert all(cell["scope"] in ("row", "col") for cell in parsed.of("th"))


def test_a_plot_has_a_conclusion_in_words_and_a_table() -> None:
    parsed = Page(PAGES["class"])
    assert len(parsed.of("svg")) == len(TWO) + 3
    for plot in parsed.of("svg"):
        assert plot["role"] == "img"
        title, conclusion = (parsed.by_id[id] for id in str(plot["aria-labelledby"]).split())
        assert title.strip()
        assert re.search(r"\d", conclusion)
        assert parsed.text.count(conclusion) >= 2  # the same stands on the page
    for pair in PAGES["class"].split('<div class="pair">')[1:]:
        assert "<table>" in pair


def test_a_bar_is_as_long_as_its_share() -> None:
    kinds: list[dict[str, Any]] = [*[{}] * 7, *[{SUM: wrong(SUM)}] * 2, {SUM: {}}]
    page = report([record(f"s{i}", failed, ONE_CHECK) for i, failed in enumerate(kinds)], ONE_CHECK)
    plot = Page(
        next(svg for svg in re.findall("<svg.*?</svg>", page, re.DOTALL) if "Checks of" in svg)
    )
    bars = {str(bar["class"]): bar for bar in plot.of("rect") if bar["height"] == "13"}
    assert list(bars) == ["solid", "hatched", "open"]
    lengths = np.array([float(bar["width"] or 0) for bar in bars.values()])
    assert lengths / lengths.sum() == pytest.approx([0.7, 0.2, 0.1], abs=0.001)
    starts = [float(bar["x"] or 0) for bar in bars.values()]
    assert starts[1:] == pytest.approx(starts[0] + np.cumsum(lengths)[:-1], abs=0.11)
    assert "1 mse_loss: the mean over all entries of the squared difference 7 2 1 78%" in " ".join(
        re.sub("<[^>]*>", " ", page.replace("<wbr>", "").replace("</code>", "")).split()
    )


def luminance(color: str) -> float:
    channels = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def test_the_contrast_is_enough_in_light_and_dark() -> None:
    schemes = re.findall(r":root \{(.*?)\}", PAGES["class"], re.DOTALL)
    assert len(schemes) == 2
    for scheme in schemes:
        colors = dict(re.findall(r"--(\w+): (#\w{6});", scheme))
        assert set(colors) == {"paper", "panel", "ink", "soft", "line", "link", "right", "wrong"}
        for ground in ("paper", "panel"):
            for text in ("ink", "soft", "link", "right", "wrong"):
                dark, light = sorted((luminance(colors[ground]), luminance(colors[text])))
                assert (light + 0.05) / (dark + 0.05) >= 4.5, (ground, text)


@pytest.mark.parametrize("name", HURT, ids=ascii)
def test_a_name_is_shown_and_obeyed_by_nothing(name: str) -> None:
    crash = wrong(SUM, "crashed", headline=f"it raised {name}", printed=f"{name}\n" * 20)
    crash["explanation"][1:1] = [["It raised", name], ["In", f"losses.py, line 1   {name}"]]
    student = record(name, {SUM: crash}, problems=[f"{name}.zip is broken"])
    nobody = record(name, {}, handed_in=[], problems=[name])
    shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in name)
    plain = {tag for text in PAGES.values() for tag, _ in Page(text).tags}
    for page, times in ((feedback.page(student, TWO), 11), (report([nobody]), 2)):
        parsed = Page(page)
        assert parsed.text.count(" ".join(shown.split())) >= times
        assert {tag for tag, _ in parsed.tags} <= plain | {"pre", "ul", "li"}
        assert all(c.isprintable() or c == "\n" for c in page)
        assert f"<bdi>{escape(shown)}</bdi>" in page


def test_the_same_class_gives_the_same_bytes(tmp_path: Path) -> None:
    (tmp_path / "class.json").write_text(json.dumps([TWO, CLASS]), encoding="utf-8")
    code = (
        "import json, sys, pathlib; from autograder.reports import classreport, feedback\n"
        "exercises, students = json.load(open(sys.argv[1]))\n"
        "out = pathlib.Path(sys.argv[2]); out.mkdir()\n"
        "classreport.write(exercises, students, out)\n"
        "feedback.write(exercises, students, out)\n"
    )
    made = []
    for seed in ("1", "2"):
        done = run(
            sys.executable, "-c", code, str(tmp_path / "class.json"), str(tmp_path / seed),
            PYTHONHASHSEED=seed,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        files = (tmp_path / seed).rglob("*.html")
        made.append({path.name: path.read_bytes() for path in files})
    assert made[0] == made[1]
    assert len(made[0]) == len(CLASS) + 1
    assert made[0]["class.html"].decode() == PAGES["class"]


def test_small_words() -> None:
    assert doctest.testmod(pages).failed == 0
    assert doctest.testmod(pages).attempted >= 5
    for whole in (1, 7, 200, 3000):
        assert pages.percent(0, whole) == "0%"
        assert pages.percent(whole, whole) == "100%"
        for part in range(1, whole):
            assert pages.percent(part, whole) not in ("0%", "100%")


# --- feedback


def test_markdown_and_html_say_the_same() -> None:
    for student in CLASS:
        markdown, page = feedback.text(student, TWO), Page(feedback.page(student, TWO)).text
        assert f"{student['total']} of 200 points" in page
        for title in re.findall(r"^## (.*)$", markdown, re.MULTILINE):
            assert title in page
        assert page.count("✗") == markdown.count("✗")
        assert page.count("✓") == markdown.count("✓")
        assert page.count("Not attempted") == markdown.count("Not attempted")
        for command in re.findall(r"`(python -m autograder .*?)`", markdown):
            assert command in page
        for id, check in student["checks"].items():
            if check["outcome"] == "correct" and student["exercises"][id.split(".")[0]] is not None:
                assert f"{find_check(id).title} ({check['points']})" in page


def test_a_lesson_is_told_once() -> None:
    same = [id for id in TWO["losses"]["checks"] if "mse" in id]
    failed = {id: mistaken(id, "losses.sum", "a sum") for id in same}
    page = Page(feedback.page(record("ada", failed), TWO)).text
    assert page.count("You may think losses.sum") == 1
    assert page.count("It looks like a sum") == len(same)


def test_one_cause_is_told_once() -> None:
    crash = wrong(SUM, "crashed")
    crash["explanation"] = [["We ran", "import losses"], ["It raised", "ImportError: torch"]]
    student = record("ada", dict.fromkeys(TWO["losses"]["checks"], crash))
    page = Page(feedback.page(student, TWO)).text
    assert page.count("ImportError: torch") == 1
    assert "Also 17 more checks, for the same reason" in page


def test_pages_lie_beside_the_markdown(tmp_path: Path) -> None:
    feedback.write(TWO, iter(CLASS), tmp_path)
    names = sorted(feedback.distinct_file_names(student["student"] for student in CLASS))
    for ending in (".md", ".html"):
        found = (tmp_path / feedback.FOLDER).glob(f"*{ending}")
        assert sorted(path.name.removesuffix(ending) for path in found) == names


# --- the class report


def test_every_count_is_right() -> None:
    counts = classreport.tally(TWO, iter(CLASS))
    present = [s for s in CLASS if any(points is not None for points in s["exercises"].values())]
    assert (counts.students, counts.present) == (len(CLASS), len(present))
    assert counts.totals == Counter(student["total"] for student in present)
    for exercise in counts.exercises:
        those = [s for s in CLASS if s["exercises"][exercise.name] is not None]
        assert exercise.handed_in == len(those)
        assert exercise.earned == sum(s["exercises"][exercise.name] for s in those)
        assert exercise.complete == sum(s["exercises"][exercise.name] == 100 for s in those)
        for check in exercise.checks:
            outcomes = [student["checks"][check.id]["outcome"] for student in those]
            assert check.right == outcomes.count("correct")
            assert check.waiting == outcomes.count("not attempted")
            assert check.right + check.wrong + check.waiting == len(those)
    failed = [
        (id, check)
        for student in CLASS
        for id, check in student["checks"].items()
        if check["outcome"] not in ("correct", "not attempted")
        and student["exercises"][id.split(".")[0]] is not None
    ]
    assert counts.wrong == len(failed)
    assert counts.lost == sum(find_check(id).points for id, _ in failed)
    assert sum(topic.points for topic in counts.topics.values()) == counts.lost
    assert sum(topic.checks.total() for topic in counts.topics.values()) == counts.wrong


def test_discrimination_is_the_correlation_with_the_rest() -> None:
    students = list(a_class(300, seed=1))
    known = 0
    for check in classreport.tally(TWO, iter(students)).checks:
        rows = [
            (found["outcome"] == "correct", student["total"] - found["points"])
            for student in students
            if (found := student["checks"][check.id])["outcome"] != "not attempted"
            and student["exercises"][check.id.split(".")[0]] is not None
        ]
        right, rest = np.array(rows, dtype=float).T
        assert check.discrimination == pytest.approx(np.corrcoef(right, rest)[0, 1], abs=1e-12)
        known += 1
    assert known == 26


@pytest.mark.parametrize("outcomes", [[], ["correct"], ["correct"] * 3, ["wrong values"] * 3])
def test_discrimination_is_unknown_where_nothing_differs(outcomes: list[str]) -> None:
    check = classreport.CheckCount("losses.x", "f", "t", 5)
    for rest, outcome in enumerate(outcomes):
        check.add(outcome, rest)
    assert check.discrimination is None
    same = classreport.CheckCount("losses.x", "f", "t", 5)
    same.add("correct", 10)
    same.add("crashed", 10)
    assert same.discrimination is None


def test_a_large_class_needs_no_more_memory_than_a_small_one() -> None:
    def peak(size: int) -> int:
        tracemalloc.start()
        counts = classreport.tally(TWO, a_class(size))
        reached = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert counts.students == size
        return reached

    peak(50)  # whatever is made once
    assert peak(1000) < peak(250) + 50_000


def test_what_costs_most_is_taught_first() -> None:
    students = [
        *(record(f"s{i}", {SUM: mistaken(SUM, "losses.sum", "a sum")}) for i in range(6)),
        *(record(f"t{i}", {SOFTMAX: wrong(SOFTMAX, "not finite")}) for i in range(3)),
        *(record(f"u{i}", {}) for i in range(3)),
    ]
    counts = classreport.tally(TWO, students)
    first, second = counts.to_teach()
    assert (first.kind, first.students, first.points) == ("mistake", 6, 48)
    assert (second.kind, second.students, second.points) == ("section", 3, 18)
    teach = Page(report(students)).text.partition("What to teach again tomorrow")[2]
    teach = teach.partition("Half of the")[0]
    assert (
        "1. losses: a sum 6 of the 12 students who handed in losses.py (50%) made this mistake. "
        "It cost them 48 points, 73% of all that wrong results cost. You may think losses.sum. In "
        'fact not. Read again: Loss functions, "Mean squared error".'
    ) in teach
    assert (
        "Most often, for 3 students, this doesn't hold of softmax: logits of 800 and -800 neither "
        'overflow nor vanish. Read again: Loss functions, "Softmax".'
    ) in teach


def test_points_given_by_hand_are_not_lost() -> None:
    students = [record(name, {SUM: wrong(SUM)}) for name in ("ada", "bob")]
    by_hand = Adjustment("ada", SUM, 5, "almost")
    attempt = Attempt("ada", "", record=students[0] | {"isolation": "full", "problems": []})
    students[0] = compose("ada", [attempt], TWO, Policy(), [by_hand])
    counts = classreport.tally(TWO, students)
    (topic,) = counts.to_teach()
    assert (topic.students, topic.points, counts.lost) == (2, 11, 11)
    assert counts.totals == {197: 1, 192: 1}


def test_a_student_counts_once_for_a_mistake_and_five_topics_are_enough() -> None:
    ids = [id for exercise in TWO.values() for id in exercise["checks"]]
    twice = {id: mistaken(id, "losses.sum", "a sum") for id in ids[:4]}
    others = {id: mistaken(id, f"x.{i:02}", f"slip {i:02}") for i, id in enumerate(ids[4:])}
    counts = classreport.tally(TWO, [record("ada", twice | others), record("bob", twice)])
    assert counts.mistakes()[0].students == 2
    assert len(counts.mistakes()) == len(ids) - 3
    assert len(counts.to_teach()) == 5
    page = classreport.page(counts)
    assert page.count("<h3>5. ") == 1
    assert "<h3>6. " not in page


def test_a_file_of_which_nothing_runs_is_one_topic() -> None:
    broken = {id: wrong(id, "crashed") for id in TWO["backprop"]["checks"]}
    counts = classreport.tally(TWO, [record("ada", broken), record("bob", {})])
    (topic,) = counts.to_teach()
    assert (topic.kind, topic.exercise, topic.students, topic.points) == (
        "file",
        "backprop",
        1,
        100,
    )
    assert (
        "1 of the 2 students who handed in backprop.py (50%)" in Page(classreport.page(counts)).text
    )


def test_who_has_nothing_in_is_listed_and_a_long_list_is_cut() -> None:
    nothing = [record(f"absent {i:03}", {}, handed_in=[]) for i in range(250)]
    every = [id for exercise in TWO.values() for id in exercise["checks"]]
    stubs = record("only stubs", {id: {} for id in every})
    text = Page(report([*nothing, stubs, record("ada", {})])).text
    assert "252 students, of whom 2 handed something in." in text
    assert "Nothing that could be graded was handed in by 250 students absent 000" in text
    assert "absent 199 And 50 more; the gradebook has them all." in text
    assert "absent 200" not in text
    assert text.endswith("nothing written in them were handed in by 1 student only stubs")


@pytest.mark.parametrize(
    ("students", "exercises", "says"),
    [
        ([], TWO, "Nothing is known yet: no check was attempted."),
        ([record("mo", {}, handed_in=[])], TWO, "Nobody has handed anything in yet."),
        ([record("ada", {})], TWO, "Nothing: every check that was attempted holds."),
        ([record("ada", {}, handed_in=["losses"])], TWO, "Everybody has something in."),
        ([record("ada", {SUM: wrong(SUM)}, ONE_CHECK)], ONE_CHECK, "right for 0% of those"),
        ([record("a", {SUM: wrong(SUM)}, ONE_CHECK)] * 9, ONE_CHECK, "0% of 9 students who"),
    ],
)
def test_a_class_of_any_kind_has_a_page(students: Any, exercises: Any, says: str) -> None:
    assert says in Page(report(students, exercises)).text


def test_the_spread_is_told_in_true_sentences() -> None:
    rng = np.random.RandomState(0)
    for size in (1, 2, 3, 4, 5, 10, 99):
        totals = rng.randint(0, 201, size)
        counts = classreport.Tally(TWO)
        counts.present, counts.totals = size, Counter(totals.tolist())
        said = classreport.spread(counts)
        numbers = re.search(r"have (\d+) of 200 .* have (\d+) or fewer, a quarter (\d+) or", said)
        assert numbers
        middle, low, high = map(int, numbers.groups())
        assert np.mean(totals >= middle) >= 0.5
        assert np.mean(totals > middle) <= 0.5
        assert np.mean(totals <= low) >= 0.25 > np.mean(totals < low)
        assert np.mean(totals >= high) >= 0.25 > np.mean(totals > high)


@pytest.mark.parametrize("possible", [1, 4, 9, 10, 11, 15, 95, 100, 700, 701])
def test_every_number_of_points_lies_in_one_band(possible: int) -> None:
    totals = Counter(range(possible + 1))
    totals = Counter(dict.fromkeys(totals, 1))
    bands = list(classreport.bands(totals, possible))
    assert len(bands) <= 11
    assert sum(count for _, count in bands) == possible + 1
    edges = [[int(edge) for edge in label.split("–")] for label, _ in reversed(bands)]
    assert edges[0][0] == 0
    assert edges[-1][-1] == possible
    for (label, count), edge in zip(reversed(bands), edges, strict=True):
        assert count == edge[-1] - edge[0] + 1, label
    assert all(after[0] == before[-1] + 1 for before, after in zip(edges, edges[1:], strict=False))


def test_the_templates_name_every_exercise_of_the_course() -> None:
    every = possible(checks_of(None))
    page = Page(report([record("ada", {}, every)], every)).text
    for exercise in EXERCISES.values():
        assert f"{exercise.title} ({exercise.name})" in page


def test_the_time_that_submissions_took_is_told() -> None:
    counts = classreport.tally(TWO, [record("ada", {})], [7.6, 0.02, 0.03, 0.04])
    text = Page(classreport.page(counts)).text
    assert (
        "Half of 4 submissions took up to 0.03 s of processor time, nine of ten up to 7.6 s, the "
        "longest 7.6 s."
    ) in text
    assert list(classreport.time_bands(counts.seconds)) == [
        ("up to 0.01 s", 0),
        ("up to 0.1 s", 3),
        ("up to 1 s", 0),
        ("up to 10 s", 1),
        ("longer", 0),
    ]
    assert "No submission has been run." in Page(classreport.page(classreport.tally(TWO, []))).text
