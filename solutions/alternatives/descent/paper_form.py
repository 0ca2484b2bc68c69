"""Adam in the paper's quicker form, with the correction in the rate; other steps without copies."""

import numpy as np


def adam_step(parameters, gradients, state, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    """Correct the rate and eps once, and not every array."""
    if not 0 < lr < float("inf"):
        raise ValueError("lr")
    for beta in (beta1, beta2):
        if not 0 <= beta < 1:
            raise ValueError("beta")
    if len(gradients) != len(parameters) or any(
        p.shape != np.shape(g) for p, g in zip(parameters, gradients)
    ):
        raise ValueError("gradients")
    state.setdefault("t", 0)
    state.setdefault("m", [np.zeros_like(p) for p in parameters])
    state.setdefault("v", [np.zeros_like(p) for p in parameters])
    state["t"] += 1
    root = np.sqrt(1 - beta2 ** state["t"])
    rate = lr * root / (1 - beta1 ** state["t"])
    for p, g, m, v in zip(parameters, gradients, state["m"], state["v"]):
        np.multiply(m, beta1, out=m)
        np.add(m, (1 - beta1) * g, out=m)
        np.multiply(v, beta2, out=v)
        np.add(v, (1 - beta2) * np.square(g), out=v)
        np.subtract(p, rate * m / (np.sqrt(v) + eps * root), out=p)


def momentum_step(net, X, y, lr, velocity, beta=0.9):
    """Move the average toward the gradient."""
    if not 0 <= beta < 1:
        raise ValueError("beta")
    velocity = np.array(velocity, dtype=float)
    velocity += (1 - beta) * (loss_gradient(net, X, y) - velocity)  # noqa: F821
    return line_search(net, X, y, -velocity, lr), velocity  # noqa: F821


def decay_weights(parameters, lr, weight_decay):
    """Subtract the share."""
    if np.isnan(weight_decay) or np.isinf(weight_decay) or weight_decay < 0.0:
        raise ValueError("weight_decay")
    share = lr * weight_decay
    for p in parameters:
        p -= share * p


def l2_gradients(parameters, gradients, weight_decay):
    """Copy the gradients, and add to the copies."""
    if np.isnan(weight_decay) or np.isinf(weight_decay) or weight_decay < 0.0:
        raise ValueError("weight_decay")
    copies = tuple(np.copy(g) for g in gradients)
    for copy, p in zip(copies, parameters):
        copy += p * weight_decay
    return copies
