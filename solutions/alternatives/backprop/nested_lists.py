"""Gradients as nested lists of Python floats: readable when printed, and slow to compute with."""

import numpy as np


def sigmoid_derivative(a):
    """Return a list for an array and a number for a number."""
    return np.array(a * (1 - a)).tolist()


def sigmoid(z):
    """Write both forms with one exponential."""
    shrunk = np.exp(-np.abs(z))
    return np.where(np.asarray(z) > 0, 1 / (1 + shrunk), shrunk / (1 + shrunk))


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
        """Return lists of lists."""
        output = self.activations[-1]
        delta = 2 * (output - target) / len(target) * sigmoid_derivative(output)
        weight_grads, bias_grads = [], []
        for layer in range(len(self.weights))[::-1]:
            incoming = self.activations[layer]
            weight_grads.insert(0, [[float(d * a) for a in incoming] for d in delta])
            bias_grads.insert(0, delta.tolist())
            delta = sum(d * row for d, row in zip(delta, self.weights[layer], strict=True))
            delta = delta * incoming * (1 - incoming)
        return weight_grads, bias_grads
