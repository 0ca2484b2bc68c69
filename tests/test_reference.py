"""The reference solutions give the book's numbers: those that are true, not those once printed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

from autograder.core.workbook import Workbook

XOR_X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
XOR_Y = np.array([[0.0], [1.0], [1.0], [0.0]])


def trace(reference: Workbook, x: list[float], target: float) -> dict[str, Any]:
    """Run the 2-2-1 network of the hand trace and return every number of it."""
    net = reference.module("backprop").Network([2, 2, 1])
    net.weights = [np.array([[0.1, 0.3], [0.2, 0.4]]), np.array([[0.5, 0.6]])]
    net.biases = [np.array([0.01, 0.02]), np.array([0.03])]
    output = net.forward(np.array(x))
    (dW1, dW2), (db1, db2) = net.backward(np.array([target]))
    loss = reference.module("losses").mse_loss(output, np.array([target]))
    seen = {"a1": net.activations[1], "a2": output, "loss": loss}
    return {**seen, "dW1": dW1, "db1": db1, "dW2": dW2, "db2": db2}


HAND_TRACE = {
    "a1": [0.67040116, 0.73497260],
    "a2": [0.69129577],
    "loss": 0.09529830,
    "db2": [-0.13175862],
    "dW2": [[-0.08833113, -0.09683898]],
    "db1": [-0.01455692, -0.01539899],
    "dW1": [[-0.01455692, -0.02911384], [-0.01539899, -0.03079798]],
}
EXERCISE_2_1 = {
    "a1": [0.62480647, 0.67260702],
    "a2": [0.67829939],
    "loss": 0.46009007,
    "db2": [0.29602251],
    "dW2": [[0.18495678, 0.19910682]],
    "db1": [0.03469729, 0.03911170],
    "dW1": [[0.01734865, 0.05204594], [0.01955585, 0.05866756]],
}


@pytest.mark.parametrize(
    ("x", "target", "right"),
    [([1.0, 2.0], 1.0, HAND_TRACE), ([0.5, 1.5], 0.0, EXERCISE_2_1)],
    ids=["the hand trace", "exercise 2.1"],
)
def test_every_number_of_a_trace(
    reference: Workbook, x: list[float], target: float, right: dict[str, Any]
) -> None:
    seen = trace(reference, x, target)
    for name, value in right.items():
        assert_allclose(seen[name], value, atol=6e-9, err_msg=name)


def test_one_step_of_the_hand_trace(reference: Workbook) -> None:
    net = reference.module("backprop").Network([2, 2, 1])
    net.weights = [np.array([[0.1, 0.3], [0.2, 0.4]]), np.array([[0.5, 0.6]])]
    net.biases = [np.array([0.01, 0.02]), np.array([0.03])]
    loop = reference.module("training_loop")
    loop.train_step(net, np.array([1.0, 2.0]), np.array([1.0]), 0.5)
    assert_allclose(net.weights[1], [[0.5442, 0.6484]], atol=5e-5)
    assert_allclose(net.forward(np.array([1.0, 2.0])), [0.7208], atol=5e-5)


def test_the_seeded_2_2_1_network(reference: Workbook) -> None:
    net = reference.module("backprop").Network([2, 2, 1], seed=0)
    assert_allclose(net.forward(np.array([1.0, 2.0])), [0.6816], atol=5e-5)
    (dW1, dW2), (db1, db2) = net.backward(np.array([1.0]))
    assert_allclose(dW1, [[-0.017130, -0.034261], [0.000569, 0.001139]], atol=5e-7)
    assert_allclose(db1, [-0.017130, 0.000569], atol=5e-7)
    assert_allclose(dW2, [[-0.128348, -0.137641]], atol=5e-7)
    assert_allclose(db2, [-0.138226], atol=5e-7)


def test_exercise_2_2_passes_all_26_gradients(reference: Workbook) -> None:
    net = reference.module("backprop").Network([3, 4, 2], seed=99)
    x, target = np.array([0.5, -1.0, 2.0]), np.array([1.0, 0.0])
    assert_allclose(net.forward(x), [0.425184, 0.496196], atol=5e-7)
    loss = reference.module("losses").mse_loss(net.forward(x), target)
    assert_allclose(loss, 0.288312, atol=5e-7)
    assert sum(p.size for p in [*net.weights, *net.biases]) == 26
    checking = reference.module("gradient_check")
    report = checking.gradient_check(net, x, target)
    assert max(report.values()) < 1e-10
    assert checking.passes(report)


def test_a_backward_without_the_mean_is_twice_the_measured_gradient(reference: Workbook) -> None:
    net = reference.module("backprop").Network([3, 4, 2], seed=99)
    x, target = np.array([0.5, -1.0, 2.0]), np.array([1.0, 0.0])
    net.forward(x)
    weight_grads, _ = net.backward(target)
    measured = reference.module("gradient_check").numerical_gradient(
        lambda: np.sum((net.forward(x) - target) ** 2), net.weights[0]
    )
    assert_allclose(measured / weight_grads[0], 2.0, atol=1e-7)


def test_exercise_3_1_learns_xor(reference: Workbook) -> None:
    net = reference.module("backprop").Network([2, 4, 1], seed=42)
    step = reference.module("training_loop").train_step
    rows = {}
    for epoch in range(2000):
        losses = [step(net, x, y, 2.0) for x, y in zip(XOR_X, XOR_Y, strict=True)]
        rows[epoch] = float(np.mean(losses))
    seen = [rows[epoch] for epoch in (0, 500, 1000, 1500, 1999)]
    assert_allclose(seen, [0.418253, 0.000762, 0.000318, 0.000197, 0.000142], atol=5e-7)
    predictions = [net.forward(x)[0] for x in XOR_X]
    assert_allclose(predictions, [0.0110, 0.9882, 0.9883, 0.0131], atol=5e-5)


def test_the_learning_rate_sweep(reference: Workbook) -> None:
    def make_net() -> Any:
        return reference.module("backprop").Network([2, 4, 1], seed=42)

    sweep = reference.module("training_loop").sweep_learning_rates
    found = sweep(make_net, XOR_X, XOR_Y, [0.1, 1.0, 5.0, 50.0], 500)
    assert_allclose(list(found.values()), [0.2288, 0.0023, 0.0002, 0.5000], atol=5e-5)


def test_a_batch_gives_the_mean_of_the_examples(reference: Workbook) -> None:
    net = reference.module("backprop").Network([3, 5, 2], seed=1)
    rng = np.random.default_rng(1)
    X, Y = rng.normal(size=(7, 3)), rng.uniform(size=(7, 2))
    batch = reference.module("minibatch")
    activations = batch.forward_batch(net.weights, net.biases, X)
    in_one_go = batch.backward_batch(net.weights, activations, Y)
    singly = []
    for x, y in zip(X, Y, strict=True):
        net.forward(x)
        singly.append(net.backward(y))
    for kind in (0, 1):
        for layer in (0, 1):
            mean = np.mean([grads[kind][layer] for grads in singly], axis=0)
            assert_allclose(in_one_go[kind][layer], mean, rtol=1e-12)


def test_loss_gradients_are_those_that_are_measured(reference: Workbook) -> None:
    losses, checking = reference.module("losses"), reference.module("gradient_check")
    rng = np.random.default_rng(5)
    p, t = rng.uniform(0.1, 0.9, (4, 3)), rng.integers(0, 2, (4, 3)).astype(float)
    logits, labels = rng.normal(size=(4, 3)), rng.integers(0, 3, 4)
    for loss, gradient, at, truth in (
        (losses.mse_loss, losses.mse_gradient, p, t),
        (losses.binary_cross_entropy, losses.binary_cross_entropy_gradient, p, t),
        (losses.softmax_cross_entropy, losses.softmax_cross_entropy_gradient, logits, labels),
    ):
        measured = checking.numerical_gradient(lambda f=loss, a=at, b=truth: f(a, b), at)
        assert_allclose(gradient(at, truth), measured, atol=1e-8)


def test_overfitting_shows_on_the_pinned_data(reference: Workbook) -> None:
    r = np.random.RandomState(2)

    def f(x: Any) -> Any:
        return 0.5 + 0.3 * np.sin(2 * np.pi * x)

    x = r.uniform(0, 1, (16, 1))
    y = np.clip(f(x) + r.normal(0, 0.15, (16, 1)), 0.02, 0.98)
    x_test = r.uniform(0, 1, (200, 1))
    y_test = np.clip(f(x_test) + r.normal(0, 0.15, (200, 1)), 0.02, 0.98)
    net = reference.module("backprop").Network([1, 16, 1], seed=42)
    batch, overfitting = reference.module("minibatch"), reference.module("overfitting")
    train_losses: list[float] = []
    test_losses: list[float] = []
    for _ in range(3000):
        activations = batch.forward_batch(net.weights, net.biases, 12 * x - 6)
        dW, db = batch.backward_batch(net.weights, activations, y)
        for layer in (0, 1):
            net.weights[layer] -= dW[layer]
            net.biases[layer] -= db[layer]
        for losses, X, Y in ((train_losses, x, y), (test_losses, x_test, y_test)):
            output = batch.forward_batch(net.weights, net.biases, 12 * X - 6)[-1]
            losses.append(float(np.mean((output - Y) ** 2)))
    best = overfitting.best_epoch(test_losses)
    assert 300 < best < 500
    assert_allclose(test_losses[best], 0.025070, atol=1e-5)
    assert_allclose(train_losses[-1], 0.005742, atol=1e-5)
    assert test_losses[-1] / test_losses[best] > 1.5
    assert overfitting.diagnose(train_losses, test_losses) == "overfit"
