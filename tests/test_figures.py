"""The figures of the chapters: what they say without a script, and what their scripts compute."""

from __future__ import annotations

import functools
import html
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT / "docs"), str(ROOT / "solutions")]

from figures import svg  # noqa: E402
from play import backprop_trace, learning_rates, loss_surface, tinynet, v_curve, xor_lab  # noqa: E402
from play.bundle import bundle, join  # noqa: E402

FIGURES: dict[str, Any] = {
    "backprop_trace": backprop_trace,
    "v_curve": v_curve,
    "learning_rates": learning_rates,
    "loss_surface": loss_surface,
    "xor_lab": xor_lab,
    "tinynet": tinynet,
}


@functools.cache
def static(name: str) -> tuple[str, str]:
    picture, caption = FIGURES[name].static()
    return picture, caption


def words(markup: str) -> str:
    return html.unescape(re.sub(r"<script.*?</script>|<[^>]+>", " ", markup, flags=re.DOTALL))


def test_a_drawing_is_as_fine_as_a_screen_and_its_words_are_whole() -> None:
    fig, ax = plt.subplots(figsize=(2, 1))
    ax.plot([0, 1 / 3], [0, 1 / 7])
    ax.text(0.1, 0.1, "0.0146")
    ax.set_yticks([0.123456], ["0.123456"])
    drawing = svg(fig, alt="It ends at 1.23456.")
    assert all(number in drawing for number in ("0.0146", "0.123456", "1.23456"))
    assert not re.search(r"\.\d{3}", "".join(re.findall(r"<[^>]*>", drawing)))


# --- Without a script -----------------------------------------------------------------------------


def test_the_trace_is_an_ordered_list_of_the_references_numbers() -> None:
    picture, _ = static("backprop_trace")
    assert picture.count("<li") == 13
    text = words(picture)
    for number in ("0.6704, 0.7350", "0.6913", "−0.1318", "0.5442, 0.6484", "loss 0.0780"):
        assert number in text
    other = words(backprop_trace.static(x="0.5 -1", target="0")[0])
    net = backprop_trace.network()
    output = net.forward(np.array([0.5, -1.0]))
    assert f"{output[0]:.4f}" in other


def test_the_best_step_is_named_and_near_1e_5() -> None:
    text = words(static("v_curve")[0])
    (best,) = re.findall(r"ε = (\S+): the central difference is off by +about \S+ , the best", text)
    assert 1e-6 <= float(best) <= 1e-4


def test_no_digit_is_stated_where_rounding_makes_the_error() -> None:
    text = words(static("v_curve")[0])
    sizes = re.findall(r"ε = (\S+): the central difference is off by +(about )?(\S+)", text)
    rounded = {float(step): float(size) for step, about, size in sizes if about}
    assert set(rounded) == {
        step for step in map(float, next(zip(*sizes, strict=True))) if step < 5e-5
    }
    assert all(np.isclose(np.log10(size) % 1, 0) for size in rounded.values())


def test_the_sweep_says_what_each_rate_does() -> None:
    text = words(static("learning_rates")[0])
    for rate, verdict in (("0.1", "Slow"), ("1", "It learns"), ("5", "Fast"), ("50", "Frozen")):
        assert re.search(rf"Learning rate +{re.escape(rate)} : [^.]*\.\d+\. {verdict}", text), rate


def test_the_kept_stress_tests_are_what_training_gives() -> None:
    results = json.loads(tinynet.KEPT.read_text("utf-8"))
    cells = list(tinynet.cells())
    assert len(results) == len(cells)
    for cell in (("4-16-2, ReLU", 0.3, 0.003, 1), ("4-3-2, ReLU", 0, 0, 0)):
        kept = np.array(results[cells.index(cell)])
        assert np.abs(kept - tinynet.measure(*cell)).max() <= 1


def test_width_and_decay_are_what_helps() -> None:
    results = dict(zip(tinynet.cells(), json.loads(tinynet.KEPT.read_text("utf-8")), strict=True))

    def gray(network: str, noise: float, decay: float) -> float:
        return float(np.median([max(results[network, noise, decay, s][-2:]) for s in (0, 1, 2)]))

    assert gray("4-3-2, sigmoid", 0.3, 0) > 90
    assert gray("4-64-2, ReLU", 0, 0.003) < 55
    assert abs(gray("4-16-2, ReLU", 0, 0.003) - gray("4-16-2, ReLU", 0.8, 0.003)) < 5


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_has_a_picture_with_words_and_a_caption(name: str) -> None:
    picture, caption = static(name)
    assert picture.startswith('<div class="play-still">')
    assert len(caption.split()) > 8
    described = re.search(r'aria-label="[^"]{40,}"|<title>.{40,}</title>|<th scope="row">', picture)
    assert described


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_stands_in_a_chapter_after_a_task(name: str) -> None:
    chapters = [path.read_text("utf-8") for path in sorted((ROOT / "course").glob("*/index.md"))]
    (found,) = [text for text in chapters if f"```play {name}\n" in text]
    before = found.partition(f"```play {name}\n")[0].rpartition("\n\n")[0]
    assert len(before.rpartition("\n## Play\n")[2].split()) > 12


# --- What the scripts compute ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def script(browser: Any) -> Iterator[Any]:
    page = browser.new_page()
    page.add_script_tag(content=join("lossSurface.mjs"))
    twin = browser.new_page()
    twin.add_script_tag(content=join("xorLab.mjs"))
    yield {"surface": page, "xor": twin}
    page.close()
    twin.close()


@pytest.mark.parametrize("method", loss_surface.METHODS)
@pytest.mark.parametrize("rate", [0.03, 0.1, 0.3])
def test_the_paths_are_those_of_python(script: Any, method: str, rate: float) -> None:
    for start in ((2.8, -0.6), (0.2, 0.3)):
        arguments = [method, start, rate]
        ours = script["surface"].evaluate("([m, s, r]) => descend(m, s, r)", arguments)
        theirs = loss_surface.descend(method, start, rate)
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-11)
        losses = script["surface"].evaluate("(p) => p.map((w) => surface(w)[0])", ours)
        np.testing.assert_allclose(losses, loss_surface.loss(*theirs.T), rtol=1e-9, atol=1e-12)


RUNS = [
    ("clean", "search", 0.3, "one", 1),
    ("clean", "average", 0.5, "ten", 3),
    ("perfect", "classical", 0.1, "one", 4),
    ("noisy", "classical", 0.3, "trained", 2),
    ("corner", "search", 1, "one", 2),
    ("corner_noisy", "average", 0.3, "ten", 1),
    ("noisy", "average", 1, "one", 3),  # one of its steps would lead uphill: it stays
]


@pytest.mark.parametrize("run", RUNS, ids=lambda run: "-".join(map(str, run)))
def test_the_lab_trains_as_the_course_does(script: Any, run: tuple[Any, ...]) -> None:
    code = """([kind, method, rate, restarts, seed]) => {
      const set = xorSet(kind);
      const run = new Descent(set, method, rate, startWeights(set, restarts, seed));
      return run.train(500).losses;
    }"""
    ours = script["xor"].evaluate(code, list(run))
    np.testing.assert_allclose(ours, xor_lab.losses(*run), rtol=1e-9)


# --- What a reader meets --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    styles = "".join(
        (ROOT / f"docs/assets/{name}.css").read_text("utf-8")
        for name in ("extra", "play", "figures")
    )
    figures = []
    for name in FIGURES:
        picture, caption = static(name)
        caption = f"<figcaption>{html.escape(caption)}</figcaption>"
        figures.append(f'<figure class="play" data-play="{name}">{picture}{caption}</figure>')
    path = tmp_path_factory.mktemp("figures") / "page.html"
    path.write_text(
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Figures</title>'
        f'<style>{styles}</style><body data-md-color-scheme="default"><h1>Figures</h1>'
        f"{''.join(figures)}<script>{bundle()}</script></body></html>",
        "utf-8",
    )
    return path.as_uri()


@pytest.fixture
def page(browser: Any, address: str) -> Iterator[Any]:
    page = browser.new_page(viewport={"width": 390, "height": 800}, reduced_motion="reduce")
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(address)
    yield page
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert said == []
    page.close()


def test_all_of_it_works_from_the_keyboard(page: Any) -> None:
    def figure(name: str) -> Any:
        return page.locator(f'[data-play="{name}"] .play-live')

    trace = figure("backprop_trace")
    assert "Hidden sums" in trace.locator("[role=status]").inner_text()
    assert trace.get_by_text("0.6913").is_hidden()  # not known yet
    trace.get_by_role("button", name="Next").focus()
    for _ in range(12):
        page.keyboard.press("Enter")
    assert "loss 0.0780" in trace.locator("[role=status]").inner_text()
    assert trace.get_by_role("button", name="Next").is_disabled()
    assert trace.get_by_text("0.6913").first.is_visible()

    curve = figure("v_curve")
    slider = curve.get_by_role("slider", name="Step")
    slider.press("End")
    assert curve.locator("[role=status]").inner_text().startswith("ε = 1e+00")
    slider.press("ArrowLeft")
    assert slider.get_attribute("aria-valuetext") == "3e-01"
    assert curve.locator("output").inner_text() == "3e-01"
    assert curve.locator(".marker").bounding_box()["width"] > 5

    rates = figure("learning_rates")
    rates.get_by_role("slider", name="Learning rate").press("End")
    assert "Frozen" in rates.locator("[role=status]").inner_text()
    assert rates.locator("path.on").count() == 1

    surface = figure("loss_surface")
    ends = loss_surface.descend("Adam", (2.8, -0.6), 0.3)[-1:]
    surface.get_by_role("radio", name="0.1", exact=True).press("ArrowRight")
    assert (
        f"Adam {loss_surface.loss(*ends.T)[0]:.6f}" in surface.locator("[role=status]").inner_text()
    )
    surface.get_by_role("slider", name="Steps").press("Home")
    assert (
        "after 0 steps, from 2.5733: plain 2.573" in surface.locator("[role=status]").inner_text()
    )

    stress = figure("tinynet")
    assert "97 % sure of a gray block" in stress.locator("[role=status]").inner_text()
    stress.get_by_role("radio", name="4-3-2, sigmoid").press("ArrowUp")  # around to the widest
    decay = stress.get_by_role("group", name="Weight decay")
    decay.get_by_role("radio", name="0", exact=True).press("ArrowDown")
    decay.get_by_role("radio", name="0.001").press("ArrowDown")
    assert "50 % sure of a gray block" in stress.locator("[role=status]").inner_text()
    assert stress.get_by_role("row", name="gray block").get_by_text("50 %").count() == 2


def test_the_lab_trains_on_request_only(page: Any) -> None:
    lab = page.locator('[data-play="xor_lab"] .play-live')
    status = lab.locator("[role=status]")
    losses = xor_lab.losses("clean", "search", 0.3, "one", 1)
    assert status.inner_text().startswith(f"Start 1, epoch 0: loss {losses[0]:.4f}")
    lab.get_by_role("button", name="Train 1", exact=True).press("Enter")
    assert status.inner_text().startswith(f"Start 1, epoch 1: loss {losses[1]:.4f}")
    lab.get_by_role("button", name="Train 10").press("Enter")
    assert status.inner_text().startswith(f"Start 1, epoch 11: loss {losses[11]:.4f}")
    lab.get_by_role("button", name="Train to the end").press("Enter")
    assert status.inner_text().startswith(
        f"Start 1, epoch {len(losses) - 1}: loss {losses[-1]:.4f}"
    )
    assert "The end: 99 % are right." in status.inner_text()
    lab.get_by_role("button", name="Back to the start").press("Enter")
    assert status.inner_text().startswith("Start 1, epoch 0")
    lab.get_by_role("button", name="New start").press("Enter")
    assert status.inner_text().startswith("Start 2, epoch 0")
    lab.get_by_role("radio", name="line search").press("ArrowRight")
    assert lab.get_by_role("radio", name="moving average").is_checked()


def test_paper_shows_the_still_pictures(page: Any) -> None:
    page.emulate_media(media="print")
    assert page.locator(".play-still").first.is_visible()
    assert page.locator(".play-live").first.is_hidden()
