"""Products by np.einsum: the indices show which unit goes where, and no transpose is needed."""

import numpy as np


def sigmoid(z):
    """Take the exponential of a logarithm that can't overflow."""
    return np.exp(-np.logaddexp(0.0, -np.asarray(z)))


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
        """Name the axes: o for a layer's own units, i for those that come in."""
        slopes = [np.einsum("o,o->o", a, 1 - a) for a in self.activations[1:]]
        error = self.activations[-1] - target
        delta = np.einsum(",o,o->o", 2 / error.size, error, slopes[-1])
        weight_grads, bias_grads = [], []
        for layer in range(len(self.weights) - 1, -1, -1):
            weight_grads = [np.einsum("o,i->oi", delta, self.activations[layer]), *weight_grads]
            bias_grads = [delta, *bias_grads]
            if layer:
                delta = np.einsum("oi,o,i->i", self.weights[layer], delta, slopes[layer - 1])
        return weight_grads, bias_grads
