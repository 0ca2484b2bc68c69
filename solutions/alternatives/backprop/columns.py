"""Vectors as columns and plain matrix products: as on paper, with a flattening at the end."""

import numpy as np


def sigmoid(z):
    """Keep the argument where the exponential is harmless."""
    return 1 / (1 + np.exp(-np.clip(z, -500, 500)))


def sigmoid_derivative(a):
    """Multiply by np.multiply."""
    return np.multiply(a, np.subtract(1, a))


class Network:
    """The network, with another `backward`."""

    def __init__(self, layer_sizes, seed=42):
        draw = np.random.RandomState(seed)
        self.weights = []
        self.biases = []
        for n_in, n_out in zip(layer_sizes[:-1], layer_sizes[1:], strict=True):
            self.weights.append(draw.randn(n_out, n_in) * np.sqrt(2.0 / n_in))
            self.biases.append(np.zeros(n_out))
        self.activations = []

    def forward(self, x):
        """Return the output for one example, and keep every activation."""
        self.activations = [x]
        for W, b in zip(self.weights, self.biases, strict=True):
            self.activations.append(sigmoid(W @ self.activations[-1] + b))
        return self.activations[-1]

    def backward(self, target):
        """Make a column of everything."""
        columns = [np.reshape(a, (-1, 1)) for a in self.activations]
        y, t = columns[-1], np.reshape(target, (-1, 1))
        delta = (2.0 / y.shape[0]) * (y - t) * sigmoid_derivative(y)
        weight_grads, bias_grads = [], []
        for i in range(1, len(self.weights) + 1):
            weight_grads.append(np.dot(delta, columns[-i - 1].T))
            bias_grads.append(delta.ravel())
            slope = sigmoid_derivative(columns[-i - 1])  # that of the input is not used
            delta = np.dot(self.weights[-i].T, delta) * slope
        return weight_grads[::-1], bias_grads[::-1]
