"""The error of the output from chapter 1: no formula twice, but a mistake there is one here."""

import numpy as np
from losses import mse_gradient


def sigmoid_derivative(a):
    """Complete the square."""
    return 0.25 - (a - 0.5) ** 2


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
        """Begin with the gradient of the loss by the output."""
        error = mse_gradient(self.activations[-1], target)
        weight_grads, bias_grads = [], []
        layers = list(zip(self.weights, self.activations[:-1], self.activations[1:], strict=True))
        for W, incoming, own in reversed(layers):
            delta = error * sigmoid_derivative(own)
            weight_grads.append(delta.reshape(-1, 1) @ incoming.reshape(1, -1))
            bias_grads.append(1.0 * delta)
            error = np.transpose(W) @ delta
        weight_grads.reverse()
        bias_grads.reverse()
        return weight_grads, bias_grads
