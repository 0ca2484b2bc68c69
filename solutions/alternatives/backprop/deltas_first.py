"""All deltas first, then all gradients: close to the equations, with one more list."""

import numpy as np


def sigmoid(z):
    """Use that the sigmoid is a tanh, moved and shrunk."""
    return 0.5 + 0.5 * np.tanh(0.5 * np.asarray(z))


def sigmoid_derivative(a):
    """Multiply out."""
    return a - a**2


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
        """Collect the deltas from the back, then read the gradients off."""
        a = self.activations
        deltas = [2 / len(a[-1]) * (a[-1] - target) * sigmoid_derivative(a[-1])]
        for W, activation in zip(self.weights[:0:-1], a[-2:0:-1], strict=True):
            deltas.append(deltas[-1] @ W * sigmoid_derivative(activation))
        deltas.reverse()
        return [np.outer(d, x) for d, x in zip(deltas, a[:-1], strict=True)], deltas
