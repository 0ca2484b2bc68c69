"""Python loops over single units: the chain rule link by link, and slow on large layers."""

import math

import numpy as np


def sigmoid(z):
    """Choose the form by the sign, number by number."""
    if np.ndim(z) > 0:
        return np.array([sigmoid(part) for part in z])
    if z >= 0:
        return 1 / (1 + math.exp(-z))
    return math.exp(z) / (1 + math.exp(z))


def sigmoid_derivative(a):
    """Multiply the two factors."""
    return a * (1.0 - a)


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
        """Visit every unit and every weight."""
        n_layers = len(self.weights)
        weight_grads = [np.zeros_like(W) for W in self.weights]
        bias_grads = [np.zeros_like(b) for b in self.biases]
        for layer in range(n_layers - 1, -1, -1):
            inputs, outputs = self.activations[layer], self.activations[layer + 1]
            for j in range(len(outputs)):
                if layer == n_layers - 1:
                    pull = 2.0 * (outputs[j] - target[j]) / len(outputs)
                else:
                    pull = 0.0
                    for k in range(len(self.biases[layer + 1])):
                        pull += self.weights[layer + 1][k, j] * bias_grads[layer + 1][k]
                bias_grads[layer][j] = pull * sigmoid_derivative(outputs[j])
                for i in range(len(inputs)):
                    weight_grads[layer][j, i] = bias_grads[layer][j] * inputs[i]
        return weight_grads, bias_grads
