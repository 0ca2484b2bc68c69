"""The playground in a browser: by keyboard alone, by link, still where it should be still."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from play_runs import trained

from conftest import program
from play.bundle import bundle, join
from play.engine import PRESETS, Config

ROOT = Path(__file__).parent.parent

PAGE = """<!doctype html>
<html lang="en" dir="ltr"><meta charset="utf-8"><title>Playground</title>
<style>html {{ font-size: 125% }} {style}</style>
<body data-md-color-scheme="default" class="md-typeset">
<figure class="play" data-play="playground" data-share="true"><div class="play-still"></div>
</figure>
<div style="height: 3000px"></div>
<script>{script}</script></body></html>
"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the address of a page that holds the playground alone, read from a folder."""
    file = tmp_path_factory.mktemp("playground") / "index.html"
    style = (ROOT / "docs/assets/play.css").read_text(encoding="utf-8")
    file.write_text(PAGE.format(style=style, script=bundle()), encoding="utf-8")
    return file.as_uri()


class Playground:
    """What a person does with the playground, and sees of it."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.problems: list[str] = []
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("console", lambda message: self.problems.append(message.text))

    def tab_to(self, name: str) -> None:
        """Press Tab until the button, summary or slider of that name has the focus."""
        for _ in range(60):
            self.page.keyboard.press("Tab")
            focused = self.page.evaluate(
                "document.activeElement.labels?.[0]?.innerText || document.activeElement.innerText"
            )
            if (focused or "").strip() == name:
                return
        raise AssertionError(f"Tab never comes to {name}")

    def press(self, name: str) -> None:
        self.tab_to(name)
        self.page.keyboard.press("Enter")

    def text(self, selector: str) -> str:
        return str(self.page.inner_text(selector))

    @property
    def epoch(self) -> int:
        return int(self.page.input_value("input[type=range]"))

    @property
    def said(self) -> str:
        return str(self.page.text_content("[role=status]"))


@pytest.fixture
def playground(browser: Any, address: str) -> Iterator[Playground]:
    page = browser.new_page(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    page.set_default_timeout(20_000)
    opened = Playground(page)
    page.goto(address)
    yield opened
    assert not opened.problems
    page.close()


OUTCOMES = {
    "converges": ("Converges", "converged"),
    "too-hot": ("Too hot", "unstable"),
    "too-simple": ("Too simple", "underfit"),
    "overfits": ("Overfits", "overfit"),
}


def test_the_keyboard_alone_goes_through_the_four_outcomes(
    playground: Playground, tmp_path: Path
) -> None:
    for preset, (title, name) in OUTCOMES.items():
        run = trained(PRESETS[preset])
        playground.press(title)
        assert "Epoch 0" in playground.said
        playground.press("To the end")
        assert playground.epoch == run.epochs
        assert playground.text(".play-outcome strong").lower() == name
        rule = "stayed below 0.02" if run.end == "solved" else "budget is used up"
        assert rule in playground.said
        assert f"after {run.epochs} epochs" in playground.said
        for row, loss, accuracy in zip(
            ("training", "test"),
            (run.train[-1], run.test[-1]),
            run.accuracies(run.epochs),
            strict=True,
        ):
            seen = playground.text(f'.play-numbers tr:has(th:text-is("{row}"))').split()
            assert seen == [row, f"{loss:.4f}", f"{accuracy:.0%}".removesuffix("%"), "%"]
        playground.page.locator("figure").screenshot(path=tmp_path / f"{preset}.png")
        playground.press("Best epoch")
        assert playground.epoch == run.best_epoch
        playground.tab_to("Epoch")
        playground.page.keyboard.press("Home")
        playground.page.keyboard.press("ArrowRight")
        assert playground.epoch == 1
        read = playground.page.get_attribute("input[type=range]", "aria-valuetext")
        assert read == f"epoch 1: training loss {run.train[1]:.4f}, test loss {run.test[1]:.4f}"
    playground.press("Too simple")
    boundary = playground.page.get_attribute(".play-field .boundary", "d")
    assert boundary.count("L") == 1, "without hidden units the boundary is one straight line"


def test_the_pointer_reads_the_field_and_the_curves(playground: Playground) -> None:
    run = trained(PRESETS["overfits"])
    playground.press("Overfits")
    playground.press("To the end")
    playground.page.hover(".play-field")  # its middle
    p = run.predict(run.epochs, np.zeros(1), np.zeros(1))[0]
    assert playground.text(".play-probe").endswith(f"class 1 with probability {p:.2f}")
    box = playground.page.locator(".play-chart").bounding_box()
    playground.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 50)
    epoch = int(playground.text(".play-slider output").split()[0])
    assert 1500 < epoch < 2500
    read = f"training {run.train[epoch]:.4f}, test {run.test[epoch]:.4f}"
    assert playground.text(".play-slider output").endswith(read)
    assert playground.epoch == run.epochs, "pointing only reads"
    playground.page.mouse.down()
    assert playground.epoch == epoch


def test_nothing_starts_by_itself_and_play_pauses_off_screen(playground: Playground) -> None:
    page = playground.page
    page.evaluate("new Promise((done) => setTimeout(done, 200))")
    assert playground.epoch == 0
    playground.press("Too slow")
    page.click(".play-choice:has(legend:text('Epochs a frame')) label:has-text('20')")
    epochs = page.evaluate(
        """async () => {
          const seen = new Set();
          const slider = document.querySelector("input[type=range]");
          document.querySelector(".play-main").click();
          while (+slider.value < 200) {
            seen.add(+slider.value);
            await new Promise(requestAnimationFrame);
          }
          return [...seen];
        }"""
    )
    assert all(epoch % 20 == 0 for epoch in epochs)
    assert playground.text(".play-main") == "Pause"
    page.evaluate("scrollTo(0, 9000)")
    page.wait_for_function("document.querySelector('.play-main').textContent === 'Play'")
    assert playground.said.startswith("Paused at epoch")


def test_reduced_motion_shows_the_end_and_no_animation(browser: Any, address: str) -> None:
    page = browser.new_page(reduced_motion="reduce")
    page.goto(address)
    frames = page.evaluate(
        """() => {
          const before = window.requestAnimationFrame;
          let frames = 0;
          window.requestAnimationFrame = () => frames++;
          document.querySelector(".play-main").click();
          window.requestAnimationFrame = before;
          return frames;
        }"""
    )
    assert frames == 0
    assert Playground(page).epoch == trained(PRESETS["converges"]).epochs
    page.close()


def test_a_link_opens_what_was_seen_and_a_wrong_one_says_so(
    playground: Playground, address: str
) -> None:
    page = playground.page
    link = "#playground?data=spiral&noise=1&hidden=2&rate=3&weights=7&sample=5&epoch=321"
    page.goto(f"{address}{link}")
    assert playground.epoch == 321
    run = trained(Config("spiral", True, 2, 3.0, 7, 5))
    assert f"{run.train[321]:.4f}" in playground.text(".play-numbers")
    playground.press("+1 epoch")
    assert page.url.endswith(link.replace("321", "322"))
    page.evaluate("scrollTo(0, 2000)")
    page.evaluate("location.hash = '#playground?data=circle'")
    page.wait_for_function("scrollY < 100")
    assert page.evaluate("document.activeElement.textContent") == "Play"
    for wrong in ("rate=0.31", "hidden=1e3", "epoch=-1", "data=%3Cb%3E", "noise=yes", "x=1"):
        page.goto(f"{address}#playground?{wrong}&hidden=2")
        page.wait_for_function("document.querySelector('[role=status]').textContent.includes('=')")
        assert wrong.replace("%3C", "<").replace("%3E", ">") in playground.said
        assert page.url.endswith("data=xor&noise=0&hidden=2&rate=0.3&weights=1&sample=22&epoch=0")


def test_reset_repeats_the_run_and_the_draws_are_separate(playground: Playground) -> None:
    page = playground.page

    def table() -> str:
        with page.expect_download() as download:
            page.evaluate("[...document.querySelectorAll('button')].at(-4).click()")
        return Path(download.value.path()).read_text(encoding="utf-8")

    playground.press("Too hot")
    playground.press("To the end")
    run = trained(PRESETS["too-hot"])
    rows = [line.split(",") for line in table().splitlines()[1:]]
    assert [(float(train), float(test)) for _, train, test in rows] == list(
        zip(run.train, run.test, strict=True)
    )
    playground.press("Reset")
    assert playground.epoch == 0
    playground.press("To the end")
    assert [line.split(",") for line in table().splitlines()[1:]] == rows
    playground.press("New weights (1)")
    assert "weights=2&sample=22" in page.url
    playground.press("New points (22)")
    assert "weights=2&sample=23" in page.url


@pytest.mark.parametrize("preset", ["converges", "too-simple", "overfits"])
def test_the_numpy_script_repeats_the_run(preset: str, tmp_path: Path) -> None:
    program("node")
    code = join("export.mjs") + join("run.mjs")
    config = json.dumps(asdict(PRESETS[preset]))
    code += f"console.log(asNumpy(new Run({config}).trainTo(BUDGET)));"
    text = subprocess.run(["node"], input=code, capture_output=True, text=True, check=True).stdout
    (tmp_path / "run.py").write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-W", "error", tmp_path / "run.py"],
        capture_output=True,
        text=True,
        check=True,
    )
    run = trained(PRESETS[preset])
    words = done.stdout.replace(",", "").split()
    assert f"after {run.epochs} epochs" in done.stdout
    assert abs(float(words[5]) - run.train[-1]) < 1e-9
    assert abs(float(words[8]) - run.test[-1]) < 1e-9


def test_one_epoch_can_be_followed_phase_by_phase(playground: Playground) -> None:
    run = trained(PRESETS["converges"])
    playground.press("One epoch, phase by phase")
    expected = [
        "40 probabilities",
        f"training loss {run.train[0]:.4f}",
        "17 slopes",
        "the largest step: 0.3 ×",
        f"test loss {run.test[0]:.4f} → {run.test[1]:.4f}",
    ]
    playground.tab_to("Next phase")
    for phase, text in enumerate(expected, start=1):
        assert playground.epoch == 0
        playground.page.keyboard.press("Enter")
        assert text in playground.said
        assert text in playground.text(f".play-phases li:nth-child({phase})")
    assert playground.epoch == 1


def test_twenty_starts_show_what_is_luck(playground: Playground) -> None:
    playground.press("Too hot")
    playground.press("Twenty other starts")
    playground.press("Train twenty")
    playground.page.wait_for_selector(".play-starts li:nth-child(20)")
    playground.page.wait_for_function(
        "document.querySelector('[role=status]').textContent.includes('of 20')"
    )
    assert "20 × unstable" in playground.said
    assert "3 of 20 paused" in playground.said
    playground.page.click(".play-starts li:nth-child(4) button")
    assert playground.epoch == 219


def test_both_languages_have_the_same_experiments() -> None:
    program("node")
    code = join("share.mjs") + "console.log(JSON.stringify(PRESETS))"
    done = subprocess.run(["node"], input=code, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == {name: asdict(run) for name, run in PRESETS.items()}


def test_the_site_has_its_script_where_there_is_no_minifier(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    small = bundle()
    monkeypatch.setitem(sys.modules, "minify", None)
    assert join("main.mjs") in bundle()
    assert len(bundle()) > len(small)


def test_all_figures_together_are_small() -> None:
    assert len(gzip.compress(bundle().encode(), 9)) < 15_000
