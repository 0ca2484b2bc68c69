"""Losses as Python floats or arrays of no dimension: what some callers like better."""

import numpy as np


def mse_loss(predictions, targets):
    """Return an array of no dimension."""
    if not np.array_equal(predictions.shape, targets.shape):
        raise ValueError(predictions.shape, targets.shape)
    difference = (predictions - targets).flatten()
    return np.array(difference @ difference / len(difference))


def mse_gradient(predictions, targets):
    """Multiply by the two factors one after the other."""
    if not np.array_equal(predictions.shape, targets.shape):
        raise ValueError(predictions.shape, targets.shape)
    n = int(np.prod(predictions.shape))
    return np.multiply(1 / n, np.multiply(2.0, predictions - targets))


def binary_cross_entropy(predictions, targets, eps=1e-15):
    """Return a Python float, from two sums over a part each."""
    if not np.array_equal(predictions.shape, targets.shape):
        raise ValueError(predictions.shape, targets.shape)
    p = np.clip(predictions, eps, 1 - eps)
    yes = targets > 0.5
    return float(-(np.log(p[yes]).sum() + np.log(1 - p[~yes]).sum()) / p.size)


def softmax_cross_entropy(logits, labels):
    """Return a Python float."""
    n = logits.shape[0]
    if labels.shape != (n,):
        raise ValueError(f"{n} rows but labels of shape {labels.shape}")
    largest = logits.max(axis=1)
    totals = np.exp((logits.T - largest).T).sum(axis=1)
    return (np.log(totals) + largest - logits[range(n), labels]).mean().item()


def softmax_cross_entropy_gradient(logits, labels):
    """Put the ones into an array of zeros."""
    n = logits.shape[0]
    if labels.shape != (n,):
        raise ValueError(f"{n} rows but labels of shape {labels.shape}")
    truth = np.zeros_like(logits)
    np.put_along_axis(truth, labels.reshape(n, 1), 1.0, axis=1)
    powers = np.exp((logits.T - logits.max(axis=1)).T)
    return ((powers.T / powers.sum(axis=1)).T - truth) / n
