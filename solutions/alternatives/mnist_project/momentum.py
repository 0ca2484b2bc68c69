"""Momentum, and a short last batch that takes a shorter step: every image counts in every epoch."""

import numpy as np
from backprop import Network
from minibatch import backward_batch, forward_batch


def one_hot(labels, n_classes):
    rows = np.zeros((len(labels), n_classes))
    np.put_along_axis(rows, np.asarray(labels)[:, None], 1, axis=1)
    return rows


def prepare(images, labels, digits=(0, 1, 2, 3, 4)):
    column_of = {digit: column for column, digit in enumerate(digits)}
    kept = [i for i, label in enumerate(labels) if label in column_of]
    columns = np.array([column_of[labels[i]] for i in kept])
    X = np.stack([images[i].flatten() for i in kept]) / 255.0
    return X, one_hot(columns, len(digits)), columns


def accuracy(net, X, labels):
    right = [int(np.argmax(net.forward(x)) == label) for x, label in zip(X, labels, strict=True)]
    return sum(right) / len(right)


def train_classifier(images, labels, seed=0):
    digits = tuple(np.unique(labels).tolist())
    X, y, _ = prepare(images, labels, digits)
    net = Network([X.shape[1], 64, len(digits)], seed)
    parameters = [*net.weights, *net.biases]
    velocities = [np.zeros_like(parameter) for parameter in parameters]
    rng = np.random.default_rng(seed)
    batch_size, rate, keep = 32, 1.0, 0.8
    for _ in range(60):
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            activations = forward_batch(net.weights, net.biases, X[batch])
            weight_grads, bias_grads = backward_batch(net.weights, activations, y[batch])
            step = rate * len(batch) / batch_size
            for parameter, velocity, gradient in zip(
                parameters, velocities, [*weight_grads, *bias_grads], strict=True
            ):
                velocity *= keep
                velocity -= step * gradient
                parameter += velocity

    def predict(images):
        X = np.reshape(images, (len(images), -1)) / 255.0
        outputs = forward_batch(net.weights, net.biases, X)[-1]
        return [digits[column] for column in np.argmax(outputs, axis=1)]

    return predict
