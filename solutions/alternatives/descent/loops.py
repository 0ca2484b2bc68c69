"""Loops over single numbers, with the math module: slow, and nothing hidden."""

import math

import numpy as np


def loss_gradient(net, X, y):
    """Add up the gradient of one example after the other."""
    if np.ndim(X) != 2 or np.shape(X)[1] != 2 or np.shape(y) != (len(X),) or len(X) < 1:
        raise ValueError("X must be (n, 2) and y (n,)")
    w11, w12, b1, w21, w22, b2, v1, v2, c = (float(w) for w in net.get_weights())
    total = [0.0] * 9
    for (x1, x2), target in zip(X, y):
        if not (math.isfinite(x1) and math.isfinite(x2) and 0 <= target <= 1):
            raise ValueError("an example is not a number")
        h1 = math.tanh(w11 * x1 + w12 * x2 + b1)
        h2 = math.tanh(w21 * x1 + w22 * x2 + b2)
        z = v1 * h1 + v2 * h2 + c
        if z >= 0:
            p = 1 / (1 + math.exp(-z))
        else:
            p = math.exp(z) / (1 + math.exp(z))
        delta = p - target
        delta1 = delta * v1 * (1 - h1 * h1)
        delta2 = delta * v2 * (1 - h2 * h2)
        parts = [
            delta1 * x1, delta1 * x2, delta1,
            delta2 * x1, delta2 * x2, delta2,
            delta * h1, delta * h2, delta,
        ]  # fmt: skip
        for k in range(9):
            total[k] += parts[k]
    return [t / len(X) for t in total]


def line_search(net, X, y, direction, base_lr):
    """Try each rate with a list of nine numbers."""
    if base_lr <= 0 or not math.isfinite(base_lr):
        raise ValueError("the rate must be above 0")
    weights = list(net.get_weights())
    best_weights = weights
    best_loss = net.loss(X, y)
    for factor in (1.0, 0.5, 2.0):
        tried = []
        for w, d in zip(weights, direction):
            tried.append(w + base_lr * factor * d)
        net.set_weights(tried)
        if net.loss(X, y) < best_loss:
            best_loss = net.loss(X, y)
            best_weights = tried
    net.set_weights(best_weights)
    return best_loss


def line_search_step(net, X, y, base_lr):
    """Turn every derivative around."""
    downhill = []
    for derivative in loss_gradient(net, X, y):
        downhill.append(-derivative)
    return line_search(net, X, y, downhill, base_lr)


def momentum_step(net, X, y, lr, velocity, beta=0.9):
    """Average number by number."""
    if beta < 0 or beta >= 1 or math.isnan(beta):
        raise ValueError("beta must be in [0, 1)")
    gradient = loss_gradient(net, X, y)
    average = [beta * v + (1 - beta) * g for v, g in zip(velocity, gradient)]
    return [line_search(net, X, y, [-a for a in average], lr), average]


def classical_momentum_step(net, X, y, lr, velocity, beta=0.9):
    """Sum number by number."""
    if beta < 0 or beta >= 1 or math.isnan(beta):
        raise ValueError("beta must be in [0, 1)")
    gradient = loss_gradient(net, X, y)
    decaying = [beta * v + g for v, g in zip(velocity, gradient)]
    net.set_weights([w - lr * v for w, v in zip(net.get_weights(), decaying)])
    return [net.loss(X, y), decaying]


def adam_step(parameters, gradients, state, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    """Walk over every single entry."""
    if not math.isfinite(lr) or lr <= 0 or beta1 < 0 or beta1 >= 1 or beta2 < 0 or beta2 >= 1:
        raise ValueError("a rate out of range")
    if len(parameters) != len(gradients):
        raise ValueError("not as many gradients as parameters")
    for p, g in zip(parameters, gradients):
        if p.shape != g.shape:
            raise ValueError("a gradient of another shape")
    t = state.get("t", 0) + 1
    averages = state.get("m") or [np.zeros_like(p) for p in parameters]
    squares = state.get("v") or [np.zeros_like(p) for p in parameters]
    for p, g, m, v in zip(parameters, gradients, averages, squares):
        for index in np.ndindex(p.shape):
            m[index] = beta1 * m[index] + (1 - beta1) * g[index]
            v[index] = beta2 * v[index] + (1 - beta2) * g[index] * g[index]
            corrected = m[index] / (1 - beta1**t)
            size = math.sqrt(v[index] / (1 - beta2**t))
            p[index] -= lr * corrected / (size + eps)
    state["t"], state["m"], state["v"] = t, averages, squares


def l2_gradients(parameters, gradients, weight_decay):
    """Append one array after the other."""
    if weight_decay < 0 or not math.isfinite(weight_decay):
        raise ValueError("the decay must be a finite number, and not negative")
    together = []
    for p, g in zip(parameters, gradients):
        together.append(np.add(g, np.multiply(weight_decay, p)))
    return together


def decay_weights(parameters, lr, weight_decay):
    """Write every entry anew."""
    if weight_decay < 0 or not math.isfinite(weight_decay):
        raise ValueError("the decay must be a finite number, and not negative")
    for p in parameters:
        for index in np.ndindex(p.shape):
            p[index] = p[index] - lr * weight_decay * p[index]
