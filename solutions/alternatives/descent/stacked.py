"""Matrices with a column of ones, and a search over a list that holds the start as well."""

import numpy as np


def loss_gradient(net, X, y):
    """Multiply the errors of both units by the inputs with a one behind them."""
    X, y = np.array(X, dtype=float), np.array(y, dtype=float)
    if X.ndim != 2 or X.shape[1:] != (2,) or y.shape != X.shape[:1] or y.size == 0:
        raise ValueError("shapes (n, 2) and (n,) are needed")
    if np.isnan(X).any() or np.isinf(X).any() or np.isnan(y).any() or y.min() < 0 or y.max() > 1:
        raise ValueError("numbers are needed, and labels from 0 to 1")
    ones = np.ones((len(X), 1))
    hidden, p = net.forward(X)
    errors = (p - y)[:, np.newaxis]
    output = np.mean(errors * np.hstack([hidden, ones]), axis=0)
    pulled = errors * net.get_weights()[6:8] * (1 - hidden) * (1 + hidden)
    units = np.einsum("ni,nj->ij", pulled, np.hstack([X, ones])) / len(X)
    return np.concatenate((units.ravel(), output))


def multistart(make_net, loss, n_starts):
    """Make them all, measure them all, and take the argmin of what is finite."""
    if not n_starts >= 1:
        raise ValueError("one start at least")
    nets = [make_net() for _ in range(n_starts)]
    losses = np.array([loss(net) for net in nets], dtype=float)
    losses[~np.isfinite(losses)] = np.inf
    chosen = int(losses.argmin())
    if losses[chosen] == np.inf:
        raise ValueError("none of the losses is finite")
    return [nets[chosen], losses[chosen]]


def multistart_trained(make_net, step, loss, n_starts, n_steps):
    """Make them all, train them in turns, and choose among them."""
    if n_steps < 0 or n_starts < 1:
        raise ValueError("nothing to train")
    nets = [make_net() for _ in range(n_starts)]
    for _ in range(n_steps):
        for net in nets:
            step(net)
    return multistart(iter(nets).__next__, loss, n_starts)


def line_search(net, X, y, direction, base_lr):
    """Let the start take part in the search, with a step of 0."""
    if not np.isfinite(base_lr) or base_lr <= 0:
        raise ValueError("the rate has to be a positive number")
    rates = base_lr * np.array([0.0, 1.0, 0.5, 2.0])
    candidates = net.get_weights() + np.outer(rates, direction)
    losses = []
    for candidate in candidates:
        net.set_weights(candidate)
        losses.append(net.loss(X, y))
    best = np.argmin(losses)
    net.set_weights(candidates[best])
    return np.min(losses)


def adam_step(parameters, gradients, state, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    """Move each average a part of the way toward the new value."""
    if not lr > 0 or np.isinf(lr) or not 0 <= min(beta1, beta2) <= max(beta1, beta2) < 1:
        raise ValueError("rates: lr > 0, betas in [0, 1)")
    if [np.shape(p) for p in parameters] != [np.shape(g) for g in gradients]:
        raise ValueError("parameters and gradients have to be alike")
    if "t" not in state:
        state["m"] = [0.0 * p for p in parameters]
        state["v"] = [0.0 * p for p in parameters]
    state["t"] = state.get("t", 0) + 1
    for p, g, m, v in zip(parameters, gradients, state["m"], state["v"]):
        m += (1 - beta1) * (g - m)
        v += (1 - beta2) * (np.square(g) - v)
        fresh = 1 - np.power([beta1, beta2], state["t"])
        p[...] = p - lr * (m / fresh[0]) / (np.sqrt(v / fresh[1]) + eps)
