"""As few lines as possible, with the slope of the sigmoid in a helper."""

import numpy as np


def slope(a):
    """Return the derivative of the sigmoid from its output."""
    return a * (1 - a)


def forward_batch(weights, biases, X):
    """Extend the list while walking over it."""
    A = [X]
    for W, b in zip(weights, biases, strict=True):
        A += [np.tanh((A[-1] @ W.T + b) / 2) / 2 + 0.5]
    return A


def backward_batch(weights, activations, Y):
    """Compute all deltas first, and all gradients from them."""
    n, *A = len(Y), *activations
    deltas = [2 * (A[-1] - Y) * slope(A[-1]) / (n * Y.shape[-1])]
    for W, a in zip(weights[:0:-1], A[-2:0:-1], strict=True):
        deltas.insert(0, deltas[0] @ W * slope(a))
    return [d.T @ a for d, a in zip(deltas, A[:-1], strict=True)], [sum(d) for d in deltas]
