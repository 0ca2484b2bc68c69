"""Single precision and large batches: the fastest here, with seven digits instead of sixteen."""

import numpy as np


def one_hot(labels, n_classes):
    return (np.arange(n_classes) == np.reshape(labels, (-1, 1))).astype(np.float32)


def prepare(images, labels, digits=(0, 1, 2, 3, 4)):
    lookup = np.full(256, -1)
    lookup[list(digits)] = np.arange(len(digits))
    columns = lookup[labels]
    keep = columns >= 0
    X = images[keep].astype(np.float32).reshape(keep.sum(), -1)
    X /= np.float32(255)
    return X, one_hot(columns[keep], len(digits)), columns[keep]


def accuracy(net, X, labels):
    right = [net.forward(x).argmax() == label for x, label in zip(X, labels, strict=True)]
    return np.mean(right, dtype=np.float32)


def train_classifier(images, labels, seed=0):
    digits = [int(digit) for digit in np.unique(labels)]
    X, y, _ = prepare(images, labels, digits)
    rng = np.random.default_rng(seed)
    sizes = [X.shape[1], 64, len(digits)]
    weights = [
        rng.standard_normal((n_out, n_in), dtype=np.float32) * np.float32(np.sqrt(2 / n_in))
        for n_in, n_out in zip(sizes[:-1], sizes[1:], strict=True)
    ]
    biases = [np.zeros((1, n_out), dtype=np.float32) for n_out in sizes[1:]]

    def forward(X):
        hidden = np.tanh(X @ weights[0].T + biases[0])
        return hidden, 1 / (1 + np.exp(-(hidden @ weights[1].T + biases[1])))

    # Binary cross-entropy of each output: the slope of the sigmoid cancels.
    rate = np.float32(0.5)
    for _ in range(50):
        order = rng.permutation(len(X))
        for start in range(0, len(X), 64):
            rows = order[start : start + 64]
            hidden, outputs = forward(X[rows])
            delta = (outputs - y[rows]) / np.float32(len(rows))
            below = delta @ weights[1] * (1 - hidden * hidden)
            weights[1] -= rate * (delta.T @ hidden)
            biases[1] -= rate * delta.sum(axis=0, keepdims=True)
            weights[0] -= rate * (below.T @ X[rows])
            biases[0] -= rate * below.sum(axis=0, keepdims=True)

    def predict(images):
        outputs = forward(images.reshape(len(images), -1).astype(np.float32) / 255)[1]
        return np.array(digits)[outputs.argmax(axis=1)]

    return predict
