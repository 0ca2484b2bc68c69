"""What the chapter on descent teaches is true, over many seeds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

from autograder.core.workbook import Workbook

SEEDS = range(12)
RATE = 0.3
STEPS = 200

Step = Callable[[Any], object]


@pytest.fixture(scope="module")
def descent(reference: Workbook) -> Any:
    return reference.module("descent")


@pytest.fixture(scope="module")
def clean(descent: Any) -> tuple[Any, Any]:
    # RandomState's stream is frozen, so these stay the same data with every NumPy.
    X, y = descent.make_xor("clean", 25, 0.2, np.random.RandomState(42))
    return X, y


def draws(descent: Any, seed: int, scale: float = 0.5) -> Callable[[], Any]:
    rng = np.random.default_rng(seed)
    return lambda: descent.TinyNetwork(rng.normal(0, scale, size=9))


def searching(descent: Any, X: Any, y: Any) -> Step:
    return lambda net: descent.line_search_step(net, X, y, RATE)


def with_velocity(stepper: Any, X: Any, y: Any, rate: float = RATE) -> Step:
    velocity = np.zeros(9)

    def step(net: Any) -> None:
        nonlocal velocity
        _, velocity = stepper(net, X, y, rate, velocity)

    return step


def epochs_to_the_goal(descent: Any, net: Any, step: Step, X: Any, y: Any) -> int | None:
    """Return after how many steps 99 % are right; None if that is never so."""
    losses = descent.train_to_convergence(net, step, X, y, max_epochs=STEPS)
    return len(losses) if net.accuracy(X, y) >= 0.99 else None


def runs(
    descent: Any, X: Any, y: Any, make_step: Callable[[], Step], n_starts: int = 10
) -> list[int | None]:
    found = []
    for seed in SEEDS:
        make_net = draws(descent, seed)
        net, _ = descent.multistart(make_net, lambda net: net.loss(X, y), n_starts)
        found.append(epochs_to_the_goal(descent, net, make_step(), X, y))
    return found


def median(epochs: list[int | None]) -> float:
    return float(np.median([n for n in epochs if n is not None]))


def failures(epochs: list[int | None]) -> int:
    return epochs.count(None)


def test_the_initial_loss_does_not_tell_a_good_start(descent: Any, clean: tuple[Any, Any]) -> None:
    X, y = clean
    make_net, initial, reached = draws(descent, 0), [], []
    for _ in range(60):
        net = make_net()
        initial.append(net.loss(X, y))
        epochs = epochs_to_the_goal(descent, net, searching(descent, X, y), X, y)
        reached.append(epochs is not None)
    good, bad = (np.array(initial)[np.array(reached) == wanted] for wanted in (True, False))
    assert len(bad) >= 10
    assert 0.35 < np.mean(good[:, None] < bad) < 0.65  # a coin has 0.5


def test_training_a_little_and_then_choosing_always_works(
    descent: Any, clean: tuple[Any, Any]
) -> None:
    X, y = clean
    step = searching(descent, X, y)
    by_initial_loss = runs(descent, X, y, lambda: step)
    trained = []
    for seed in SEEDS:
        best, _ = descent.multistart_trained(
            draws(descent, seed), step, lambda net: net.loss(X, y), n_starts=10, n_steps=100
        )
        trained.append(epochs_to_the_goal(descent, best, step, X, y))
    assert failures(by_initial_loss) >= 3
    assert failures(trained) == 0


def test_an_average_of_gradients_is_slower_and_no_more_reliable(
    descent: Any, clean: tuple[Any, Any]
) -> None:
    X, y = clean
    plain = runs(descent, X, y, lambda: searching(descent, X, y))
    average = runs(descent, X, y, lambda: with_velocity(descent.momentum_step, X, y))
    classical = runs(descent, X, y, lambda: with_velocity(descent.classical_momentum_step, X, y))
    assert failures(average) >= failures(plain)
    assert median(classical) < median(plain) < median(average)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_step_goes_uphill_even_with_momentum(descent: Any, seed: int) -> None:
    rng = np.random.default_rng(seed)
    X, y = descent.make_xor("noisy", 5, 0.3, rng)
    for rate in (0.3, 30.0):
        for velocity in (np.zeros(9), rng.normal(size=9)):
            net = descent.TinyNetwork(rng.normal(size=9))
            losses = [net.loss(X, y)]
            for _ in range(30):
                loss, velocity = descent.momentum_step(net, X, y, rate, velocity)
                losses.append(loss)
                losses.append(descent.line_search_step(net, X, y, rate))
            assert (np.diff(losses) <= 0).all()
            assert net.loss(X, y) == losses[-1]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_velocity_that_points_uphill_turns_by_itself(descent: Any, seed: int) -> None:
    rng = np.random.default_rng(seed)
    X, y = descent.make_xor("clean", 5, 0.2, rng)
    net = descent.TinyNetwork(rng.normal(size=9))
    start, velocity = net.loss(X, y), -descent.loss_gradient(net, X, y)
    loss, velocity = descent.momentum_step(net, X, y, 0.01, velocity)
    assert loss == start  # it stays
    for _ in range(30):
        loss, velocity = descent.momentum_step(net, X, y, 0.01, velocity)
    assert loss < start


@pytest.mark.parametrize("seed", SEEDS)
def test_the_two_forms_of_momentum_differ_by_a_factor_in_the_rate(descent: Any, seed: int) -> None:
    rng = np.random.default_rng(seed)
    X, y = descent.make_xor("clean", 5, 0.2, rng)
    net = descent.TinyNetwork(rng.normal(size=9))
    twin, velocity, average = descent.TinyNetwork(net.get_weights()), np.zeros(9), np.zeros(9)
    for _ in range(40):
        _, velocity = descent.classical_momentum_step(net, X, y, 0.02, velocity)
        average = 0.9 * average + 0.1 * descent.loss_gradient(twin, X, y)
        twin.set_weights(twin.get_weights() - 0.2 * average)
    assert_allclose(twin.get_weights(), net.get_weights(), rtol=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_tiny_number_in_the_quotient_kills_the_gradient(descent: Any, seed: int) -> None:
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(6, 2)), np.zeros(6)
    net = descent.TinyNetwork([*rng.normal(size=6), 0.1, 0.1, 30.0])  # sure of 1 everywhere
    _, p = net.forward(X)
    by_quotient = np.mean(p * (1 - p) / (1 - p + 1e-10))
    assert by_quotient < 0.01
    assert_allclose(descent.loss_gradient(net, X, y)[8], 1.0, rtol=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_first_step_of_adam_is_the_rate_at_every_scale(descent: Any, seed: int) -> None:
    rng = np.random.default_rng(seed)
    w, g = np.zeros(7), rng.normal(size=7) * 10.0 ** rng.integers(-4, 5, 7)
    descent.adam_step([w], [g], {}, lr=0.1)
    assert_allclose(w, -0.1 * np.sign(g), rtol=1e-2)


@pytest.mark.parametrize("seed", SEEDS)
def test_l2_and_decoupled_decay_are_one_thing_for_plain_descent_and_two_for_adam(
    descent: Any, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    start = rng.uniform(0.5, 1.5, size=2)
    swings = (-1.0) ** np.arange(400)[:, None] * np.array([0.01, 10.0])
    ends = {}
    for adam in (False, True):
        for decoupled in (False, True):
            w, state = start.copy(), {}  # type: tuple[Any, dict[str, Any]]
            for g in swings:
                gradients = [g] if decoupled else descent.l2_gradients([w], [g], 0.1)
                if decoupled:
                    descent.decay_weights([w], 0.01, 0.1)
                if adam:
                    descent.adam_step([w], gradients, state, lr=0.01)
                else:
                    w -= 0.01 * gradients[0]
            ends[adam, decoupled] = w / start
    assert_allclose(ends[False, False], ends[False, True], rtol=1e-9)
    left = ends[True, True]
    assert 0.5 < left.min() <= left.max() < 0.8  # each weight loses about the same share
    small, large = ends[True, False]
    assert abs(small) < 0.05
    assert large > 0.85


@pytest.mark.parametrize("seed", SEEDS)
def test_one_corner_is_easier_than_xor(descent: Any, seed: int) -> None:
    X, y = descent.make_xor("corner", 25, 0.2, np.random.default_rng(seed))
    step = searching(descent, X, y)
    epochs = epochs_to_the_goal(descent, draws(descent, seed)(), step, X, y)
    assert epochs is not None
    assert epochs < 40


def test_a_network_of_zeros_never_learns(descent: Any, clean: tuple[Any, Any]) -> None:
    X, y = clean
    net = descent.TinyNetwork(np.zeros(9))
    assert_allclose(descent.loss_gradient(net, X, y), 0, atol=1e-12)
