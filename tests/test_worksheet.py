"""Worksheets: numbers that can be computed by hand, and a key that is right."""

from __future__ import annotations

import argparse
import html
import math
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.authoring.worksheet import ACCEPTED, Sheet, Worksheets
from autograder.commands import Refused
from autograder.commands import worksheet as command
from conftest import ROOT

STUDENTS = [f"student {number}" for number in range(40)]


@pytest.fixture(scope="module")
def worksheets() -> Worksheets:
    return Worksheets(ROOT / "solutions")


def boxes(worksheets: Worksheets, sheet: Sheet) -> dict[str, float]:
    return {name: value for step in worksheets.trace(sheet) for name, value in step.boxes.items()}


def by_hand(sheet: Sheet, rounded: Callable[[float], float]) -> dict[str, float]:
    """Compute the trace from what is given, one number at a time, as on paper."""
    now = dict(sheet.given)

    def forward(new: str = "") -> None:
        for unit in "₁₂":
            pairs = ((now[f"{new}W⁽¹⁾{unit}{i}"], now[f"x{i}"]) for i in "₁₂")
            z = sum(weight * x for weight, x in pairs) + now[f"{new}b⁽¹⁾{unit}"]
            now[f"{new}z⁽¹⁾{unit}"] = rounded(z)
            now[f"{new}a⁽¹⁾{unit}"] = rounded(1 / (1 + math.exp(-now[f"{new}z⁽¹⁾{unit}"])))
        pairs = ((now[f"{new}W⁽²⁾₁{i}"], now[f"{new}a⁽¹⁾{i}"]) for i in "₁₂")
        z = sum(weight * a for weight, a in pairs) + now[f"{new}b⁽²⁾"]
        now[f"{new}z⁽²⁾"] = rounded(z)
        now[f"{new}a⁽²⁾"] = rounded(1 / (1 + math.exp(-now[f"{new}z⁽²⁾"])))
        now[f"{new}L"] = rounded((now[f"{new}a⁽²⁾"] - now["t"]) ** 2)

    forward()
    now["a⁽²⁾ − t"] = rounded(now["a⁽²⁾"] - now["t"])
    now["∂L/∂a⁽²⁾"] = rounded(2 * now["a⁽²⁾ − t"])
    now["σ′(z⁽²⁾)"] = rounded(now["a⁽²⁾"] * (1 - now["a⁽²⁾"]))
    now["δ⁽²⁾"] = now["∂L/∂b⁽²⁾"] = rounded(now["∂L/∂a⁽²⁾"] * now["σ′(z⁽²⁾)"])
    for unit in "₁₂":
        a = now[f"a⁽¹⁾{unit}"]
        now[f"∂L/∂W⁽²⁾₁{unit}"] = rounded(now["δ⁽²⁾"] * a)
        now[f"∂L/∂a⁽¹⁾{unit}"] = rounded(now[f"W⁽²⁾₁{unit}"] * now["δ⁽²⁾"])
        now[f"σ′(z⁽¹⁾{unit})"] = rounded(a * (1 - a))
        delta = rounded(now[f"∂L/∂a⁽¹⁾{unit}"] * now[f"σ′(z⁽¹⁾{unit})"])
        now[f"δ⁽¹⁾{unit}"] = now[f"∂L/∂b⁽¹⁾{unit}"] = delta
        for i in "₁₂":
            now[f"∂L/∂W⁽¹⁾{unit}{i}"] = rounded(delta * now[f"x{i}"])
    for name in [name for name in sheet.given if name[0] in "Wb"]:
        now[f"new {name}"] = rounded(now[name] - 0.5 * now[f"∂L/∂{name}"])
    forward("new ")
    now["L − new L"] = rounded(now["L"] - now["new L"])
    return {name: value for name, value in now.items() if name not in sheet.given}


def test_the_key_is_what_comes_out_by_hand(worksheets: Worksheets) -> None:
    for student in STUDENTS:
        sheet = worksheets.sheet(student)
        key = boxes(worksheets, sheet)
        assert key == pytest.approx(by_hand(sheet, float), rel=1e-12), student
        on_paper = by_hand(sheet, lambda value: round(value, 4))
        assert key == pytest.approx(on_paper, rel=0, abs=ACCEPTED), student


def test_the_numbers_are_good_to_compute_with(worksheets: Worksheets) -> None:
    sheets = [worksheets.sheet(student) for student in STUDENTS]
    assert len({tuple(sheet.given.values()) for sheet in sheets}) == len(STUDENTS)
    assert {sheet.given["t"] for sheet in sheets} == {0.0, 1.0}
    for sheet in sheets:
        key = boxes(worksheets, sheet)
        assert all(round(value, 2) == value for value in sheet.given.values())
        sums = [abs(value) for name, value in key.items() if name.startswith("z")]
        assert min(sums) >= 0.15
        assert max(sums) <= 1.5
        assert key["L − new L"] >= 0.01
        alike = {f"δ{name[5:]}" for name in key if name.startswith("∂L/∂b")} | {"a⁽²⁾ − t"}
        numbers = {n: round(abs(v), 4) for n, v in key.items() if n not in alike}
        numbers |= {f"given {n}": abs(v) for n, v in sheet.given.items()}
        assert len(set(numbers.values())) == len(numbers), sheet.student


def test_a_name_gives_the_same_numbers_for_good(worksheets: Worksheets) -> None:
    """Pinned: a sheet that was handed out must fit a key that is printed next year."""
    given = worksheets.sheet("ada").given
    assert list(given.values()) == [0.7, 0.3, 1, 0.4, 0.9, 0.5, -0.8, -0.09, 0.17, 1.1, -0.2, -0.06]
    assert worksheets.sheet(" ADA ").given == given


def test_a_wrong_number_names_its_mistake(worksheets: Worksheets) -> None:
    sheet = worksheets.sheet("ada")
    key = boxes(worksheets, sheet)
    slips = {slip.looks_like: slip for slip in worksheets.slips(sheet)}
    halved = slips["an output delta without the factor 2"]
    assert halved.box == "∂L/∂W⁽²⁾₁₁"
    assert halved.value == pytest.approx(key["∂L/∂W⁽²⁾₁₁"] / 2)
    flat = slips["hidden deltas without the slope of the sigmoid"]
    assert flat.value == pytest.approx(key["∂L/∂a⁽¹⁾₁"] * sheet.given["x₁"])
    late = slips["weights that are updated before their delta is sent back"]
    factor = key["new W⁽²⁾₁₁"] / sheet.given["W⁽²⁾₁₁"]
    assert late.value == pytest.approx(key["∂L/∂W⁽¹⁾₁₁"] * factor)
    assert all(abs(slip.value - slip.right) > ACCEPTED for slip in slips.values())


def run(out: Path, **options: object) -> int:
    base = {"student": None, "roster": None, "key": False, "solutions": ROOT / "solutions"}
    return command.run(argparse.Namespace(**base | {"out": out} | options))


def filled(page: Path) -> list[str]:
    return re.findall(r'<span class="box">(.*?)</span>', page.read_text(encoding="utf-8"))


def test_only_the_key_has_the_answers(worksheets: Worksheets, tmp_path: Path) -> None:
    assert run(tmp_path / "sheets", student="ada") == 0
    assert run(tmp_path / "keys", student="ada", key=True) == 0
    empty = filled(tmp_path / "sheets/students/ada.html")
    key = boxes(worksheets, worksheets.sheet("ada"))
    assert empty == [""] * len(key)
    answers = filled(tmp_path / "keys/students/ada.html")
    assert answers == [f"{value:.4f}".replace("-", "−") for value in key.values()]
    sheet = (tmp_path / "sheets/students/ada.html").read_text(encoding="utf-8")
    shown = {answer for answer in answers if answer in sheet}
    assert not shown
    assert "https:" not in sheet
    assert "<script" not in sheet


def test_a_roster_with_untrusted_names(tmp_path: Path) -> None:
    names = ["<script>alert(1)</script>", "../../up", "Ada", "João d'Ávila", "=1+1\u202e"]
    roster = tmp_path / "roster.csv"
    roster.write_text("student\n" + "\n".join(names), encoding="utf-8")
    assert run(tmp_path / "out", roster=roster) == 0
    pages = [path for path in tmp_path.rglob("*.html") if path.parent.name == "students"]
    assert len(pages) == len(names)
    everybody = (tmp_path / "out/class.html").read_text(encoding="utf-8")
    assert everybody.count("<article>") == len(names)
    assert "<script" not in everybody
    assert html.escape(names[0]) in everybody
    assert "\u202e" not in everybody


def test_what_cant_be_made_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="computed with the solutions, and there are none here"):
        run(tmp_path / "out", student="ada", solutions=tmp_path)
    with pytest.raises(Refused, match="whose worksheet"):
        run(tmp_path / "out", student="  ")
    with pytest.raises(Refused, match=r"no-roster\.csv"):
        run(tmp_path / "out", roster=tmp_path / "no-roster.csv")
    (tmp_path / "roster.csv").write_text("student\n", encoding="utf-8")
    with pytest.raises(Refused, match="nobody is on"):
        run(tmp_path / "out", roster=tmp_path / "roster.csv")
    assert not (tmp_path / "out").exists()
