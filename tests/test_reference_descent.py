"""The reference of `descent`, held against measured slopes, a paper's formulas and plain facts."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from autograder.core.workbook import Workbook

SEEDS = range(10)


@pytest.fixture(scope="module")
def descent(reference: Workbook) -> Any:
    return reference.module("descent")


def drawn(descent: Any, seed: int) -> tuple[Any, Any, Any]:
    rng = np.random.default_rng(seed)
    X, y = descent.make_xor("clean", 3, 0.2, rng)
    return descent.TinyNetwork(rng.normal(0, 1, 9)), X, y


# --- what is given


def test_the_data_sets_differ_in_labels_and_noise(descent: Any) -> None:
    spread = {}
    for kind in ("corner", "corner_noisy", "clean", "noisy", "perfect"):
        X, y = descent.make_xor(kind, 200, 0.2, np.random.default_rng(0))
        assert X.shape == (800, 2)
        assert y.sum() == (600 if kind.startswith("corner") else 400)
        spread[kind] = float(np.std(X - np.repeat(descent.CORNERS, 200, axis=0)))
        if kind == "corner":
            assert_array_equal(y, X.sum(axis=1) > -1)  # a line separates them
    times = {"corner": 1, "corner_noisy": 1.5, "clean": 1, "noisy": 2, "perfect": 0.25}
    for kind, factor in times.items():
        assert_allclose(spread[kind], 0.2 * factor, rtol=0.05)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("xor", 5, 0.2), "kind must be one of corner, corner_noisy, clean, noisy, perfect"),
        (("clean", 0, 0.2), "n_per_cluster must be at least 1"),
        (("clean", 5, -0.1), "noise must be 0 or more"),
        (("clean", 5, math.nan), "noise must be 0 or more"),
        (("clean", 5, math.inf), "noise must be 0 or more"),
    ],
)
def test_data_that_cannot_be_drawn_are_refused(descent: Any, arguments: Any, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        descent.make_xor(*arguments, np.random.default_rng(0))


def test_nine_weights_set_by_hand_solve_xor_on_the_corners(descent: Any) -> None:
    net = descent.TinyNetwork([-10, -10, -10, -10, -10, 5, -10, 10, -5])
    _, p = net.forward(descent.CORNERS)
    assert_allclose(p, [0.0067, 0.0067, 1, 1], atol=5e-5)
    X, y = descent.make_xor("clean", 25, 0.2, np.random.RandomState(42))
    assert net.accuracy(X, y) == 0.99
    assert_allclose(net.loss(X, y), 0.0141, atol=5e-5)
    assert np.linalg.norm(descent.loss_gradient(net, X, y)) > 0.07  # and it is no minimum


def test_one_point_goes_forward_alone(descent: Any) -> None:
    net, X, _ = drawn(descent, 0)
    hidden, p = net.forward(X)
    for i, x in enumerate(X):
        one_hidden, one_p = net.forward(x)
        assert one_hidden.shape == (2,)
        assert_allclose(one_hidden, hidden[i], rtol=1e-14)
        assert_allclose(one_p, p[i], rtol=1e-14)


def test_weights_are_taken_and_given_as_copies(descent: Any) -> None:
    weights = np.arange(9.0)
    net = descent.TinyNetwork(weights)
    weights += 1
    net.get_weights()[0] = 7
    assert_array_equal(net.get_weights(), np.arange(9.0))
    with pytest.raises(ValueError, match=r"shape \(9,\)"):
        net.set_weights(np.zeros(8))


def test_training_ends_at_the_goal_or_with_the_budget(descent: Any) -> None:
    net, X, y = drawn(descent, 0)
    assert len(descent.train_to_convergence(net, lambda net: None, X, y, max_epochs=7)) == 7
    assert len(descent.train_to_convergence(net, lambda net: None, X, y, 7, accuracy=0.0)) == 1
    assert len(descent.train_to_convergence(net, lambda net: None, X, y, 7, loss=9.0)) == 1
    assert descent.train_to_convergence(net, lambda net: None, X, y, max_epochs=0) == []


# --- what is to be written


@pytest.mark.parametrize("seed", SEEDS)
def test_the_gradient_is_the_one_that_is_measured(descent: Any, seed: int) -> None:
    net, X, y = drawn(descent, seed)
    w = net.get_weights()
    measured = [
        (descent.TinyNetwork(w + d).loss(X, y) - descent.TinyNetwork(w - d).loss(X, y)) / 2e-5
        for d in 1e-5 * np.eye(9)
    ]
    assert_allclose(descent.loss_gradient(net, X, y), measured, atol=1e-9)
    assert_array_equal(net.get_weights(), w)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_network_that_is_sure_and_wrong_keeps_its_gradient(descent: Any, seed: int) -> None:
    net, X, _ = drawn(descent, seed)
    for z in (20.0, 23.0, 30.0, 37.0, 800.0):
        net.set_weights([*net.get_weights()[:6], 0, 0, z])
        assert_allclose(descent.loss_gradient(net, X, np.zeros(len(X)))[8], 1.0, rtol=1e-8)
        assert_allclose(net.loss(X, np.zeros(len(X))), z, rtol=1e-8)


def test_what_refuses_says_what_it_expects(descent: Any) -> None:
    cases: list[tuple[Any, str]]
    net, X, y = drawn(descent, 0)
    w, v = [np.ones(2)], np.zeros(9)
    cases = [
        (lambda: descent.loss_gradient(net, X, y[:, None]), r"y must have the shape \(12,\)"),
        (lambda: descent.loss_gradient(net, X.T, y), r"X must have the shape \(n, 2\)"),
        (lambda: descent.loss_gradient(net, X * np.nan, y), "X must be finite"),
        (lambda: descent.loss_gradient(net, X, y * np.nan), "y must be between 0 and 1"),
        (lambda: descent.multistart(list, len, 0), "n_starts must be at least 1; it is 0"),
        (lambda: descent.multistart(list, lambda net: np.nan, 2), "must have a finite loss"),
        (lambda: descent.multistart_trained(list, len, len, 1, -1), "n_steps must be 0 or more"),
        (lambda: descent.line_search_step(net, X, y, 0.0), "base_lr must be positive"),
        (lambda: descent.momentum_step(net, X, y, 0.1, v, 1.0), "beta must be at least 0"),
        (lambda: descent.classical_momentum_step(net, X, y, 0.1, v, -1), "beta must be at least 0"),
        (lambda: descent.adam_step(w, w, {}, lr=0), "lr must be positive"),
        (lambda: descent.adam_step(w, w, {}, beta2=1), "betas must be at least 0 and below 1"),
        (lambda: descent.adam_step(w, [np.ones(3)], {}), "gradients must have the shapes"),
        (lambda: descent.l2_gradients(w, w, -1), "weight_decay must be 0 or more"),
        (lambda: descent.decay_weights(w, 0.1, -1), "weight_decay must be 0 or more"),
        (lambda: descent.decay_weights(w, 0.1, np.nan), "0 or more, and finite; it is nan"),
        (lambda: descent.l2_gradients(w, w, np.inf), "0 or more, and finite; it is inf"),
    ]
    for call, says in cases:
        with pytest.raises(ValueError, match=says):
            call()
    assert_array_equal(w[0], [1, 1])


def adam_of_the_paper(g: Any, w: float, alpha: float, b1: float, b2: float) -> float:
    """Algorithm 1 of Kingma and Ba, line by line, on one number."""
    m, v, t = 0.0, 0.0, 0
    while t < len(g):
        t = t + 1
        m = b1 * m + (1 - b1) * g[t - 1]
        v = b2 * v + (1 - b2) * g[t - 1] ** 2
        m_hat = m / (1 - b1**t)
        v_hat = v / (1 - b2**t)
        w = w - alpha * m_hat / (math.sqrt(v_hat) + 1e-8)
    return w


@pytest.mark.parametrize("seed", SEEDS)
def test_adam_is_the_algorithm_of_the_paper(descent: Any, seed: int) -> None:
    rng = np.random.default_rng(seed)
    b1, b2, alpha = rng.uniform(0.5, 0.95), rng.uniform(0.9, 0.999), rng.uniform(0.001, 0.1)
    w, gradients = rng.normal(size=(2, 3)), rng.normal(size=(30, 2, 3))
    expected = [
        [adam_of_the_paper(gradients[:, i, j], w[i, j], alpha, b1, b2) for j in range(3)]
        for i in range(2)
    ]
    state: dict[str, Any] = {}
    for g in gradients:
        descent.adam_step([w], [g], state, alpha, b1, b2)
    assert_allclose(w, expected, rtol=1e-12)
    assert state["t"] == 30


@pytest.mark.parametrize("seed", SEEDS)
def test_the_l2_gradient_is_that_of_the_penalty(descent: Any, seed: int) -> None:
    rng = np.random.default_rng(seed)
    w, g, decay, h = rng.normal(size=4), rng.normal(size=4), rng.uniform(0, 1), 1e-6

    def penalty(w: Any) -> Any:
        return decay / 2 * np.sum(w**2)

    slopes = [(penalty(w + h * e) - penalty(w - h * e)) / (2 * h) for e in np.eye(4)]
    assert_allclose(descent.l2_gradients([w], [g], decay)[0], g + slopes, atol=1e-8)
