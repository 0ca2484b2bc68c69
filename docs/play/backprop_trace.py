"""The hand trace of chapter 2, step by step: every number from the course's own network."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from backprop import Network, sigmoid_derivative
from losses import mse_gradient, mse_loss

from play.drawing import states, still, svg

SCRIPTS = ("play.js",)
W1, B1 = ((0.1, 0.3), (0.2, 0.4)), (0.01, 0.02)
W2, B2 = ((0.5, 0.6),), (0.03,)
RATE = 0.5

NODES = {
    "x1": (30, 45), "x2": (30, 155), "h1": (150, 45), "h2": (150, 155), "out": (270, 100),
    "loss": (370, 100),
}  # fmt: skip
NAMES = {"x1": "x₁", "x2": "x₂", "h1": "h₁", "h2": "h₂", "out": "out", "loss": "L"}
EDGES = [("x1", "h1"), ("x1", "h2"), ("x2", "h1"), ("x2", "h2"), ("h1", "out"), ("h2", "out"),
         ("out", "loss")]  # fmt: skip


@dataclass(frozen=True)
class Step:
    """A step of the trace: what is done, the formula, what comes out, and what it touches."""

    title: str
    formula: str
    numbers: str
    parts: str


def network() -> Network:
    """Return the network of the chapter."""
    net = Network([2, 2, 1])
    net.weights = [np.array(W1), np.array(W2)]
    net.biases = [np.array(B1), np.array(B2)]
    return net


def show(values: object) -> str:
    """Return numbers with four digits after the point."""
    text = np.array2string(
        np.asarray(values), precision=4, floatmode="fixed", separator=", ", suppress_small=True
    )
    return " ".join(text.split()).replace("[ ", "[").replace("-", "\N{MINUS SIGN}")


def steps(x: np.ndarray, target: np.ndarray, rate: float = RATE) -> list[Step]:
    """Return the steps of one forward pass, one backward pass and one update."""
    net = network()
    net.forward(x)
    _, a1, a2 = net.activations
    (dw1, dw2), (delta1, delta2) = net.backward(target)
    z1 = net.weights[0] @ x + net.biases[0]
    z2 = net.weights[1] @ a1 + net.biases[1]
    by_a2 = mse_gradient(a2, target)
    by_a1 = net.weights[1].T @ delta2
    loss = mse_loss(a2, target)
    for parameters, gradients in ((net.weights, (dw1, dw2)), (net.biases, (delta1, delta2))):
        for parameter, gradient in zip(parameters, gradients, strict=True):
            parameter -= rate * gradient
    after = net.forward(x)
    inputs, hidden, back = "x1-h1 x2-h1 x1-h2 x2-h2", "h1-out h2-out", "out out-loss loss"
    return [
        Step("Hidden sums", "z1 = W1 x + b1", show(z1), f"x1 x2 {inputs} h1 h2"),
        Step("Hidden activations", "a1 = σ(z1)", show(a1), "h1 h2"),
        Step("Output sum", "z2 = W2 a1 + b2", show(z2), f"h1 h2 {hidden} out"),
        Step("Output", "a2 = σ(z2)", show(a2), "out"),
        Step("Loss", "L = (a2 − t)²", show(loss), back),
        Step("From the loss to the output", "∂L/∂a2 = 2 (a2 − t)", show(by_a2), back),
        Step(
            "Through the output's sigmoid",
            "δ2 = ∂L/∂a2 ⊙ a2 (1 − a2)",
            f"{show(by_a2)} × {show(sigmoid_derivative(a2))} = {show(delta2)}",
            "out",
        ),
        Step(
            "Gradients of the output layer",
            "∂L/∂W2 = δ2 a1ᵀ, ∂L/∂b2 = δ2",
            f"{show(dw2)}, {show(delta2)}",
            f"{hidden} out",
        ),
        Step("Back over the output weights", "∂L/∂a1 = W2ᵀ δ2", show(by_a1), f"out {hidden} h1 h2"),
        Step(
            "Through the hidden sigmoids",
            "δ1 = ∂L/∂a1 ⊙ a1 (1 − a1)",
            f"{show(by_a1)} × {show(sigmoid_derivative(a1))} = {show(delta1)}",
            "h1 h2",
        ),
        Step(
            "Gradients of the hidden layer",
            "∂L/∂W1 = δ1 xᵀ, ∂L/∂b1 = δ1",
            f"{show(dw1)}, {show(delta1)}",
            f"{inputs} h1 h2",
        ),
        Step(
            f"One update at the rate {rate:g}",
            "W ← W − η ∂L/∂W, b ← b − η ∂L/∂b",
            f"W1 = {show(net.weights[0])}, W2 = {show(net.weights[1])}",
            f"{inputs} {hidden} h1 h2 out",
        ),
        Step(
            "And again",
            "the same input once more",
            f"output {show(after[0])}, loss {show(mse_loss(after, target))}, was {show(loss)}",
            "x1 x2 h1 h2 out loss",
        ),
    ]


def notes(x: np.ndarray, target: np.ndarray) -> list[tuple[str, int, str]]:
    """Return what is written below each unit, and from which step on: outputs, then deltas."""
    net = network()
    net.forward(x)
    _, (delta1, delta2) = net.backward(target)
    _, a1, a2 = net.activations
    return [
        ("x1", 0, f"{x[0]:g}"), ("x2", 0, f"{x[1]:g}"),
        ("h1", 1, f"{a1[0]:.4f}"), ("h2", 1, f"{a1[1]:.4f}"), ("out", 3, f"{a2[0]:.4f}"),
        ("loss", 4, f"{mse_loss(a2, target):.4f}"),
        ("out", 6, f"δ {show(delta2[0])}"),
        ("h1", 9, f"δ {show(delta1[0])}"), ("h2", 9, f"δ {show(delta1[1])}"),
    ]  # fmt: skip


def static(x: str = "1 2", target: str = "1") -> tuple[str, str]:
    """Return the network with the steps below it, and the caption."""
    example = np.array([float(v) for v in x.split()]), np.array([float(target)])
    trace = steps(*example)

    def lit(part: str) -> str:
        numbers = [str(k) for k, step in enumerate(trace) if part in step.parts.split()]
        return f'data-on="{" ".join(numbers)}"'

    drawn = [
        f'<path class="edge" {lit(f"{a}-{b}")} d="M{NODES[a][0]} {NODES[a][1]}'
        f'L{NODES[b][0]} {NODES[b][1]}"/>'
        for a, b in EDGES
    ]
    for name, (cx, cy) in NODES.items():
        drawn.append(f'<circle class="node" {lit(name)} cx="{cx}" cy="{cy}" r="18"/>')
        drawn.append(f'<text class="middle" x="{cx}" y="{cy + 5}">{NAMES[name]}</text>')
    for name, step, text in notes(*example):
        cx, cy = NODES[name]
        below = 49 if text.startswith("δ") else 34
        drawn.append(
            f'<text class="middle" data-from="{step}" x="{cx}" y="{cy + below}">{text}</text>'
        )
    alt = (
        "Two inputs, two hidden units, one output, and the loss, connected from left to right; "
        "below each the number that it puts out, and the delta that comes back to it."
    )
    says = [
        f"<b>{step.title}.</b> <code>{step.formula}</code><br><code>{step.numbers}</code>"
        for step in trace
    ]
    names = [f"{k} of {len(says)}" for k in range(1, 1 + len(says))]
    caption = (
        "The trace of the 2-2-1 network: forward to the loss, backward to every gradient, and one "
        "update."
    )
    return still(svg(400, 215, alt, *drawn) + states("Step", names, says)), caption
