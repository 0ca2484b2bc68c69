"""Everything by logarithms of sums of exponentials: stable by construction, harder to recognize."""

import numpy as np


def binary_cross_entropy(predictions, targets, eps=1e-15):
    """Take the logarithm of the probability that was given to the truth."""
    if predictions.shape != targets.shape:
        raise ValueError(f"{predictions.shape} is not {targets.shape}")
    p = np.clip(predictions, eps, 1 - eps)
    of_the_truth = targets * p + (1 - targets) * (1 - p)
    return -np.log(of_the_truth).sum() / of_the_truth.size


def softmax(logits):
    """Subtract the logarithm of the total, then take the exponential."""
    totals = np.logaddexp.reduce(logits, axis=-1)
    return np.exp(logits - totals[..., np.newaxis])


def softmax_cross_entropy(logits, labels):
    """Subtract the logit of the truth from the logarithm of the total."""
    if labels.shape != (logits.shape[0],):
        raise ValueError(f"labels {labels.shape} for logits {logits.shape}")
    chosen = np.take_along_axis(logits, labels[:, None], axis=1)[:, 0]
    return (np.logaddexp.reduce(logits, axis=1) - chosen).mean()


def softmax_cross_entropy_gradient(logits, labels):
    """Compare the labels with the numbers of the columns to get the one-hot rows."""
    if labels.shape != (logits.shape[0],):
        raise ValueError(f"labels {labels.shape} for logits {logits.shape}")
    truth = labels[:, np.newaxis] == np.arange(logits.shape[1])
    return (softmax(logits) - truth) / logits.shape[0]
