"""The benchmarks: what they keep and show. Nothing here depends on how fast the machine is."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import results
from benchmarks.measure import Effort, Goal, Line, Measured, NotMeasured, Row, Samples, cost
from benchmarks.report import goal_lines, machines, markdown_of, text_of
from benchmarks.rows import ROWS
from conftest import ROOT

MEASURED = Measured(
    [
        Line("bare", "s", (1.0, 2.0, 4.0)),
        Line("ours", "s", (1.5, 3.0, 12.0)),
        Line("theirs", "s", missing="theirs isn't installed"),
        Line("ours", "MiB", (56.0,)),
    ],
    {"theirs": "1.2"},
)
ROW = Row("row", "A row", "About it.", lambda effort: MEASURED)


def entry(measured: Measured = MEASURED, processor: str = "a processor") -> results.Entry:
    return results.entry(measured, Effort.USUAL, 12.3, "0.5", {"processor": processor})


def test_ratios_are_taken_within_a_round() -> None:
    bare, ours = MEASURED.lines[:2]
    assert ours.middle == 3.0
    assert ours.times(bare) == (1.5, 1.5, 3.0)


def test_a_row_is_shown_with_its_ratios_and_what_is_missing() -> None:
    shown = markdown_of(ROW, entry())
    assert "| ours | 3 | 1.5 to 12 | 1.5 | 1.5 to 3 |" in shown
    assert "| theirs | not measured | theirs isn't installed |  |  |" in shown
    assert "| ours | 56 |  |" in shown
    assert "in 12 s; load before 0.5; theirs 1.2" in shown
    assert "ours" in text_of(ROW, entry())


@pytest.mark.parametrize(
    ("goal", "said"),
    [
        (Goal("ours", "s", at_most=1.6, against="bare"), "at most 1.6 times “bare” (s): met, 1.5"),
        (
            Goal("ours", "s", at_most=1.4, against="bare", why="Because"),
            "at most 1.4 times “bare” (s): missed, 1.5. Because.",
        ),
        (Goal("ours", "MiB", at_least=60.0), "at least 60 (MiB): missed, 56."),
        (Goal("theirs", "s", at_least=1.0), "at least 1 (s): not measured"),
        (Goal("ours", "s", at_least=1.0, against="theirs"), "(s): not measured"),
    ],
)
def test_a_goal_is_met_or_it_is_said_by_how_much_not(goal: Goal, said: str) -> None:
    (line,) = goal_lines(replace(ROW, goals=(goal,)), entry())
    assert line.endswith(said)


def test_a_row_is_measured_anew_without_touching_the_others(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    old = replace(entry(), date="2001-02-03")
    results.write("one", old, path)
    results.write("two", old, path)
    new = entry(Measured([Line("ours", "s", (1 / 3,))]), "another")
    results.write("two", new, path)
    kept = results.read(path)
    assert kept["one"] == old
    assert kept["two"].lines == [Line("ours", "s", (0.33333,))]
    assert kept["two"].date != old.date
    said = machines(kept)
    assert "| measured here | one |" in said
    assert "| measured here | two |" in said
    assert not list(tmp_path.glob("*.part"))


@pytest.mark.parametrize("text", ["", "[]", '{"row": {}}', '{"row": {"lines": [{}]}}'])
def test_what_holds_no_results_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    path.write_text(text)
    with pytest.raises(ValueError, match="restore it, or remove it"):
        results.read(path)


def test_samples_come_back_unit_after_unit() -> None:
    samples = Samples()
    for number in (1, 2):
        samples.add("a", CPU_s=number, s=number)
        samples.add("b", CPU_s=2 * number)
    samples.miss("c", "CPU s", "no c")
    assert samples.lines() == [
        Line("a", "CPU s", (1, 2)),
        Line("b", "CPU s", (2, 4)),
        Line("c", "CPU s", missing="no c"),
        Line("a", "s", (1, 2)),
    ]


def test_a_cost_counts_what_outlives_its_parent() -> None:
    burn = "import time\nwhile time.process_time() < 0.3: pass"
    code = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {burn!r}])"
    assert cost([sys.executable, "-c", code]).processor > 0.3
    with pytest.raises(RuntimeError, match=r"failed \(1\):\nTraceback"):
        cost([sys.executable, "-c", "1 / 0"])


def test_every_row_was_measured_and_every_goal_has_its_line() -> None:
    measured = results.read()
    assert len({row.name for row in ROWS}) == len(ROWS)
    assert set(measured) == {row.name for row in ROWS}
    for row in ROWS:
        lines = {(line.name, line.unit) for line in measured[row.name].lines}
        shown = markdown_of(row, measured[row.name])
        assert all(f"| {name} |" in shown for name, _ in lines)
        for goal in row.goals:
            # Those only with --full; and a glance has less than there are goals for.
            if goal.line != "10,000 submissions" and measured[row.name].effort != "quick":
                assert (goal.line, goal.unit) in lines
                assert not goal.against or (goal.against, goal.unit) in lines


def test_no_result_names_a_folder_of_the_machine() -> None:
    text = results.RESULTS.read_text(encoding="utf-8")
    assert "/tmp" not in text
    assert str(ROOT) not in text
    assert json.loads(text)


def test_what_cannot_be_measured_here_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import benchmarks.rows
    from benchmarks.__main__ import main

    def nothing(effort: Effort) -> Measured:
        raise NotMeasured("it takes a thing")

    def broken(effort: Effort) -> Measured:
        raise RuntimeError("it broke")

    rows = [
        replace(ROW, name="nothing", measure=nothing),
        replace(ROW, name="broken", measure=broken),
        ROW,
    ]
    monkeypatch.setattr(benchmarks.rows, "ROWS", rows)
    out = tmp_path / "out.json"
    monkeypatch.setattr(sys, "argv", ["benchmarks", "--out", str(out)])
    assert main() == 1
    printed = capsys.readouterr()
    assert "not measured: it takes a thing" in printed.out
    assert "failed: broken" in printed.err
    assert set(results.read(out)) == {"row"}
    monkeypatch.setattr(sys, "argv", ["benchmarks", "row", "--quick"])
    assert main() == 0


def test_a_row_that_there_is_not_is_refused() -> None:
    command = [sys.executable, "-m", "benchmarks", "speed"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "there is no row 'speed'; there are: feedback" in done.stderr


def test_a_quick_row_is_measured(tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    command = [sys.executable, "-m", "benchmarks", "loop", "--quick"]
    done = subprocess.run(
        [*command, "--out", str(out)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    lines = results.read(out)["loop"].lines
    assert [line.unit for line in lines] == ["samples/s", "samples/s"]
    assert all(len(line.samples) == 2 and min(line.samples) > 0 for line in lines)
