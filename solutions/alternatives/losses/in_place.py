"""Arrays that belong to the function are reused: less memory, and one must know whose they are."""

import numpy as np


def mse_loss(predictions, targets):
    """Square the differences where they are."""
    if predictions.shape != targets.shape:
        raise ValueError("unequal shapes")
    difference = np.subtract(predictions, targets)
    difference *= difference
    return difference.mean()


def mse_gradient(predictions, targets):
    """Scale a copy."""
    if predictions.shape != targets.shape:
        raise ValueError("unequal shapes")
    gradient = np.array(predictions, dtype=float)
    gradient -= targets
    gradient *= 2
    gradient /= gradient.size
    return gradient


def binary_cross_entropy(predictions, targets, eps=1e-15):
    """Turn one array into the costs."""
    if predictions.shape != targets.shape:
        raise ValueError("unequal shapes")
    p = predictions.copy()
    p[p < eps] = eps
    p[p > 1 - eps] = 1 - eps
    no = targets == 0
    p[no] = 1 - p[no]
    np.log(p, out=p)
    np.negative(p, out=p)
    return p.mean()


def binary_cross_entropy_gradient(predictions, targets, eps=1e-15):
    """Divide the differences where they are."""
    if predictions.shape != targets.shape:
        raise ValueError("unequal shapes")
    p = np.clip(predictions, eps, 1 - eps)
    gradient = p - targets
    gradient /= p
    np.subtract(1, p, out=p)
    gradient /= p
    gradient /= gradient.size
    return gradient


def softmax(logits):
    """Shift, exponentiate and divide one copy."""
    powers = np.array(logits, dtype=float)
    powers -= powers.max(axis=-1, keepdims=True)
    np.exp(powers, out=powers)
    powers /= powers.sum(axis=-1, keepdims=True)
    return powers


def softmax_cross_entropy_gradient(logits, labels):
    """Subtract at a flat index."""
    n, classes = logits.shape
    if labels.shape != (n,):
        raise ValueError("unequal rows")
    gradient = softmax(logits)
    gradient.reshape(-1)[classes * np.arange(n) + labels] -= 1
    gradient /= n
    return gradient
