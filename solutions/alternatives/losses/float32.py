"""Single precision where one evaluation needs no more: half the memory, seven digits."""

import numpy as np


def mse_loss(predictions, targets):
    """Average in single precision."""
    if predictions.shape != targets.shape:
        raise ValueError("predictions and targets differ in shape")
    return np.mean((predictions.astype(np.float32) - targets.astype(np.float32)) ** 2)


def mse_gradient(predictions, targets):
    """Subtract in double precision, return single precision."""
    if predictions.shape != targets.shape:
        raise ValueError("predictions and targets differ in shape")
    return (2 * (predictions - targets) / predictions.size).astype(np.float32)


def binary_cross_entropy(predictions, targets, eps=1e-15):
    """Clip in double precision: single precision has no number between 1 - 1e-8 and 1."""
    if predictions.shape != targets.shape:
        raise ValueError("predictions and targets differ in shape")
    p = np.clip(predictions.astype(np.float64), eps, 1 - eps)
    costs = targets * np.log(p) + (1 - targets) * np.log1p(-p)
    return -costs.astype(np.float32).mean()


def softmax(logits):
    """Take the exponentials in single precision."""
    logits = logits.astype(np.float32)
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def softmax_cross_entropy(logits, labels):
    """Shift first, then go down to single precision."""
    if labels.shape != logits.shape[:1]:
        raise ValueError("there must be one label a row")
    shifted = (logits - logits.max(axis=1, keepdims=True)).astype(np.float32)
    costs = np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(len(labels)), labels]
    return np.mean(costs)


def softmax_cross_entropy_gradient(logits, labels):
    """Subtract one-hot rows of single precision."""
    if labels.shape != logits.shape[:1]:
        raise ValueError("there must be one label a row")
    truth = np.eye(logits.shape[1], dtype=np.float32)[labels]
    return (softmax(logits) - truth) / np.float32(len(labels))
