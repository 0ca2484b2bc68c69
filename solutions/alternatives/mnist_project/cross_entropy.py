"""ReLU, softmax and cross-entropy in place of sigmoids: fewer epochs, but gradients of its own."""

import numpy as np


def one_hot(labels, n_classes):
    return np.eye(n_classes)[labels]


def prepare(images, labels, digits=(0, 1, 2, 3, 4)):
    same = labels[:, np.newaxis] == np.array(digits)
    keep = same.any(axis=1)
    columns = same[keep].argmax(axis=1)
    X = images[keep].reshape(len(columns), -1).astype(float) / 255
    return X, one_hot(columns, len(digits)), columns


def accuracy(net, X, labels):
    outputs = np.array([net.forward(x) for x in X])
    return np.mean(outputs.argmax(axis=1) == labels)


def train_classifier(images, labels, seed=0):
    digits, columns = np.unique(labels, return_inverse=True)
    X = images.reshape(len(images), -1) / 255
    Y = one_hot(columns, len(digits))
    rng = np.random.default_rng(seed)
    n_in, n_hidden = X.shape[1], 50
    W1 = rng.normal(0, np.sqrt(2 / n_in), (n_in, n_hidden))
    b1 = np.zeros(n_hidden)
    W2 = rng.normal(0, np.sqrt(2 / n_hidden), (n_hidden, len(digits)))
    b2 = np.zeros(len(digits))

    def forward(X):
        hidden = np.maximum(X @ W1 + b1, 0)
        logits = hidden @ W2 + b2
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        return hidden, powers / powers.sum(axis=1, keepdims=True)

    for _ in range(20):
        order = rng.permutation(len(X))
        for batch in np.array_split(order, max(1, len(X) // 25)):
            hidden, probabilities = forward(X[batch])
            delta2 = (probabilities - Y[batch]) / len(batch)
            delta1 = (delta2 @ W2.T) * (hidden > 0)
            W2 -= 0.3 * hidden.T @ delta2
            b2 -= 0.3 * delta2.sum(axis=0)
            W1 -= 0.3 * X[batch].T @ delta1
            b1 -= 0.3 * delta1.sum(axis=0)

    def predict(images):
        X = images.reshape(len(images), -1) / 255
        return digits[forward(X)[1].argmax(axis=1)]

    return predict
