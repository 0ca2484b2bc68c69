"""What the chapter on generalization teaches holds for ten starts or more, not for one."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograder.core.workbook import Workbook

Draw = Callable[[np.random.Generator], Any]
SEEDS = range(10)


@pytest.fixture(scope="module")
def course(reference: Workbook) -> Any:
    return reference.module("generalization")


def reports(
    course: Any, units: int, activation: str, steps: int, draw: Draw, decay: float = 0.0
) -> list[dict[str, Any]]:
    """Train from every start at rate 1 and return the stress tests."""
    seen = []
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        net = course.TinyNet(units, activation, rng)
        course.train(net, lambda rng=rng: draw(rng), 1.0, steps, decay)
        seen.append(course.stress_test(net.predict))
    return seen


def confidences(seen: list[dict[str, Any]], name: str) -> np.ndarray:
    return np.array([report[name]["confidence"] for report in seen])


LINES = {
    name: name.rpartition(" ")[2]
    for name in ("horizontal", "vertical", "fuzzy horizontal", "fuzzy vertical")
}


def right(seen: list[dict[str, Any]]) -> int:
    return sum(all(r[name]["winner"] == kind for name, kind in LINES.items()) for r in seen)


def test_a_small_net_is_sure_of_a_gray_block_although_it_was_trained_with_noise(
    course: Any,
) -> None:
    seen = reports(course, 3, "sigmoid", 5000, lambda rng: course.noisy_batch(64, 0.3, rng))
    gray = confidences(seen, "gray block")
    assert np.median(gray) > 0.94
    assert np.sum(gray > 0.85) >= 9


def test_a_wide_net_with_decay_knows_what_it_does_not_know(course: Any) -> None:
    seen = reports(
        course, 64, "relu", 1500, lambda rng: course.mixed_batch(64, 0.2, rng), decay=0.003
    )
    assert right(seen) == len(SEEDS)
    assert min(confidences(seen, name).min() for name in LINES) > 0.8
    for name in ("gray block", "diagonal up", "diagonal down"):
        assert confidences(seen, name).max() < 0.6


def test_sixteen_units_are_mostly_enough_and_noise_makes_no_difference(course: Any) -> None:
    for noise in (0.0, 0.3):
        draw = functools.partial(course.noisy_batch, 64, noise)
        seen = reports(course, 16, "relu", 2000, draw, 0.003)
        gray = confidences(seen, "gray block")
        assert right(seen) == len(SEEDS)
        assert 0.49 < np.median(gray) < 0.56
        assert np.sum(gray > 0.6) <= 5  # some starts end in another solution


def test_without_decay_the_wide_net_is_too_sure(course: Any) -> None:
    seen = reports(course, 16, "relu", 2000, lambda rng: course.mixed_batch(64, 0.2, rng))
    assert np.median(confidences(seen, "gray block")) > 0.7


def test_an_untrained_net_is_cautious_with_and_without_noise(course: Any) -> None:
    """The lab's first network: 200 steps at rate 0.1 leave it where it began."""
    for noise in (0.0, 0.3):
        for seed in SEEDS:
            rng = np.random.default_rng(seed)
            net = course.TinyNet(3, "sigmoid", rng)
            batch = [lambda rng=rng, n=noise: course.noisy_batch(64, n, rng)]
            losses = course.train(net, batch[0], 0.1, 200)
            assert 0.24 < np.mean(losses[-20:]) < 0.26
            report = course.stress_test(net.predict)
            assert all(0.45 < one["confidence"] < 0.6 for one in report.values())


def test_a_network_without_a_hidden_layer_scores_both_kinds_alike(course: Any) -> None:
    for seed in SEEDS:
        w = np.random.default_rng(seed).normal(size=4)
        np.testing.assert_allclose((course.HORIZONTAL @ w).sum(), (course.VERTICAL @ w).sum())
