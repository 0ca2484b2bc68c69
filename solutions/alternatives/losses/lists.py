"""Gradients and probabilities as nested lists, from comprehensions: no arrays needed after it."""

import numpy as np


def mse_loss(predictions, targets):
    """Return a Python float from a list of squares."""
    if np.shape(predictions) != np.shape(targets):
        raise ValueError("predictions and targets have different shapes")
    squares = [d * d for d in np.ravel(predictions - targets).tolist()]
    return sum(squares) / len(squares)


def mse_gradient(predictions, targets):
    """Return the gradient as nested lists."""
    if np.shape(predictions) != np.shape(targets):
        raise ValueError("predictions and targets have different shapes")
    return (2 / np.size(predictions) * np.subtract(predictions, targets)).tolist()


def binary_cross_entropy(predictions, targets, eps=1e-15):
    """Return a Python float from a list of costs."""
    if np.shape(predictions) != np.shape(targets):
        raise ValueError("predictions and targets have different shapes")
    pairs = zip(np.ravel(predictions).tolist(), np.ravel(targets).tolist(), strict=True)
    kept = [(min(max(p, eps), 1 - eps), t) for p, t in pairs]
    costs = [-t * float(np.log(p)) - (1 - t) * float(np.log(1 - p)) for p, t in kept]
    return sum(costs) / len(costs)


def binary_cross_entropy_gradient(predictions, targets, eps=1e-15):
    """Return the gradient as nested lists."""
    if np.shape(predictions) != np.shape(targets):
        raise ValueError("predictions and targets have different shapes")
    p = np.minimum(np.maximum(predictions, eps), 1 - eps)
    return (((1 - targets) / (1 - p) - targets / p) / p.size).tolist()


def softmax(logits):
    """Return nested lists, by recursion down to the last axis."""
    if np.ndim(logits) > 1:
        return [softmax(row) for row in logits]
    largest = max(logits)
    powers = [float(np.exp(z - largest)) for z in logits]
    total = sum(powers)
    return [power / total for power in powers]


def softmax_cross_entropy(logits, labels):
    """Return a Python float from a list of costs."""
    if labels.ndim != 1 or len(labels) != len(logits):
        raise ValueError(f"{len(logits)} rows, labels {labels.shape}")
    costs = []
    for row, label in zip(logits.tolist(), labels.tolist(), strict=True):
        gaps = [z - row[label] for z in row]
        largest = max(gaps)
        costs.append(largest + float(np.log(sum(np.exp(np.array(gaps) - largest)))))
    return sum(costs) / len(costs)


def softmax_cross_entropy_gradient(logits, labels):
    """Return the gradient as a list of rows."""
    if labels.ndim != 1 or len(labels) != len(logits):
        raise ValueError(f"{len(logits)} rows, labels {labels.shape}")
    return [
        [(p - (k == label)) / len(labels) for k, p in enumerate(row)]
        for row, label in zip(softmax(logits), labels, strict=True)
    ]
