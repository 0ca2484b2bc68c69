"""Softmax without a hidden layer: the least code of all, but each pixel is judged on its own."""

import numpy as np


def one_hot(labels, n_classes):
    rows = np.zeros((len(labels), n_classes))
    rows.flat[np.arange(len(labels)) * n_classes + labels] = 1
    return rows


def prepare(images, labels, digits=(0, 1, 2, 3, 4)):
    keep = np.logical_or.reduce([labels == digit for digit in digits])
    images, labels = images[keep], labels[keep]
    X = np.interp(images.reshape(len(images), -1), (0, 255), (0.0, 1.0))
    by_size = np.argsort(digits)
    columns = by_size[np.searchsorted(digits, labels, sorter=by_size)]
    return X, one_hot(columns, len(digits)), columns


def accuracy(net, X, labels):
    return np.count_nonzero(np.argmax([*map(net.forward, X)], axis=1) == labels) / len(labels)


def train_classifier(images, labels, seed=0):
    digits, columns = np.unique(labels, return_inverse=True)
    Y = one_hot(columns, len(digits))
    X = images.reshape(len(images), -1) / 255
    ones = np.ones((len(X), 1))
    X = np.hstack([X, ones])  # the biases are the weights of a pixel that is always 1
    W = np.zeros((X.shape[1], len(digits)))
    velocity = np.zeros_like(W)
    for _ in range(300):
        logits = X @ W
        powers = np.exp(logits - logits.max(axis=1)[:, None])
        error = powers / powers.sum(axis=1)[:, None] - Y
        velocity = 0.9 * velocity - 0.1 * X.T @ error / len(X)
        W += velocity

    def predict(images):
        X = images.reshape(len(images), -1) / 255
        return digits[np.argmax(X @ W[:-1] + W[-1], axis=1)]

    return predict
