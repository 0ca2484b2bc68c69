"""Python loops over single numbers: closest to the sums on paper, and slow on large arrays."""

import math

import numpy as np


def mse_loss(predictions, targets):
    """Add up the squared errors one by one."""
    if predictions.shape != targets.shape:
        raise ValueError("the shapes differ")
    total = 0.0
    for p, t in zip(predictions.ravel(), targets.ravel(), strict=True):
        total += (p - t) ** 2
    return total / predictions.size


def mse_gradient(predictions, targets):
    """Fill the gradient entry by entry."""
    if predictions.shape != targets.shape:
        raise ValueError("the shapes differ")
    gradient = np.zeros(predictions.shape)
    for index in np.ndindex(predictions.shape):
        gradient[index] = 2 / predictions.size * (predictions[index] - targets[index])
    return gradient


def binary_cross_entropy(predictions, targets, eps=1e-15):
    """Take one logarithm an entry: the one that the target chooses."""
    if predictions.shape != targets.shape:
        raise ValueError("the shapes differ")
    total = 0.0
    for p, t in zip(predictions.ravel(), targets.ravel(), strict=True):
        p = min(max(p, eps), 1 - eps)
        total -= math.log(p) if t == 1 else math.log(1 - p)
    return total / predictions.size


def binary_cross_entropy_gradient(predictions, targets, eps=1e-15):
    """Take the derivative of the one logarithm that the target chooses."""
    if predictions.shape != targets.shape:
        raise ValueError("the shapes differ")
    gradient = np.zeros(predictions.shape)
    for index in np.ndindex(predictions.shape):
        p = min(max(predictions[index], eps), 1 - eps)
        slope = -1 / p if targets[index] == 1 else 1 / (1 - p)
        gradient[index] = slope / predictions.size
    return gradient


def softmax(logits):
    """Go through the rows, whatever axes lie before them."""
    result = np.empty(logits.shape)
    for index in np.ndindex(logits.shape[:-1]):
        row = [float(z) for z in logits[index]]
        largest = max(row)
        powers = [math.exp(z - largest) for z in row]
        result[index] = [power / sum(powers) for power in powers]
    return result


def softmax_cross_entropy(logits, labels):
    """Go through the rows with their labels."""
    if labels.shape != (len(logits),):
        raise ValueError("one label a row, please")
    total = 0.0
    for row, label in zip(logits, labels, strict=True):
        largest = max(row)
        total += math.log(sum(math.exp(z - largest) for z in row)) + largest - row[label]
    return total / len(labels)


def softmax_cross_entropy_gradient(logits, labels):
    """Subtract the 1 in each row where the label says."""
    if labels.shape != (len(logits),):
        raise ValueError("one label a row, please")
    gradient = softmax(logits)
    for i, label in enumerate(labels):
        gradient[i, label] -= 1.0
        for k in range(gradient.shape[1]):
            gradient[i, k] /= len(labels)
    return gradient
