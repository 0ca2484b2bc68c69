"""Sums and products by np.einsum: the indices say what happens, if you can read them."""

import numpy as np


def mse_loss(predictions, targets):
    """Contract the differences with themselves."""
    if predictions.shape != targets.shape:
        raise ValueError("shapes")
    difference = (predictions - targets).reshape(-1)
    return np.einsum("i,i->", difference, difference) / difference.size


def mse_gradient(predictions, targets):
    """Scale the differences."""
    if predictions.shape != targets.shape:
        raise ValueError("shapes")
    return np.einsum(",...->...", 2.0 / predictions.size, predictions - targets)


def binary_cross_entropy(predictions, targets, eps=1e-15):
    """Contract targets with logarithms."""
    if predictions.shape != targets.shape:
        raise ValueError("shapes")
    p, t = np.clip(predictions, eps, 1 - eps).ravel(), targets.ravel()
    gained = np.einsum("i,i->", t, np.log(p)) + np.einsum("i,i->", 1 - t, np.log(1 - p))
    return -gained / p.size


def softmax(logits):
    """Divide by totals over the last axis."""
    powers = np.exp(logits - logits.max(axis=-1)[..., None])
    return np.einsum("...k,...->...k", powers, 1 / np.einsum("...k->...", powers))


def softmax_cross_entropy(logits, labels):
    """Contract logarithms of probabilities with one-hot rows."""
    if labels.shape != logits.shape[:1]:
        raise ValueError("labels")
    n, classes = logits.shape
    shifted = logits - logits.max(axis=1)[:, None]
    logs = shifted - np.log(np.einsum("nk->n", np.exp(shifted)))[:, None]
    return -np.einsum("nk,nk->", logs, np.eye(classes)[labels]) / n


def softmax_cross_entropy_gradient(logits, labels):
    """Subtract one-hot rows from the probabilities."""
    if labels.shape != logits.shape[:1]:
        raise ValueError("labels")
    n, classes = logits.shape
    return np.einsum("nk,->nk", softmax(logits) - np.eye(classes)[labels], 1 / n)
