"""Lists filled by index and returned as tuples: nothing is moved, and nothing can be appended."""

import numpy as np


def sigmoid(z):
    """Compute each form where it is safe, by masks."""
    z = np.asarray(z, dtype=float)
    result = np.empty_like(z)
    positive = z >= 0
    result[positive] = 1 / (1 + np.exp(-z[positive]))
    powers = np.exp(z[~positive])
    result[~positive] = powers / (1 + powers)
    return result


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
        """Fill two lists from the back."""
        depth = len(self.weights)
        weight_grads, bias_grads = [None] * depth, [None] * depth
        error = self.activations[-1] - target
        error = error * 2 / np.size(target)
        for i in reversed(range(depth)):
            a_in, a_out = self.activations[i], self.activations[i + 1]
            bias_grads[i] = error * (a_out * (1 - a_out))
            weight_grads[i] = bias_grads[i][:, None] * a_in[None, :]
            error = self.weights[i].T.dot(bias_grads[i])
        return tuple(weight_grads), tuple(bias_grads)
