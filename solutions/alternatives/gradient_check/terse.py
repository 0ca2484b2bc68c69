"""As few lines as possible, which saves typing and costs the reader."""

import numpy as np


def numerical_gradient(loss, parameter, epsilon=1e-5):
    """Write the measurement as a function of index and value."""

    def at(index, value):
        parameter[index] = value
        return loss()

    gradient = np.zeros_like(parameter, dtype=float)
    for i in np.ndindex(parameter.shape):
        w = parameter[i]
        gradient[i] = (at(i, w + epsilon) - at(i, w - epsilon)) / (2 * epsilon)
        parameter[i] = w
    return gradient


def gradient_check(net, x, target, epsilon=1e-5):
    """Return NumPy scalars from one comprehension."""

    def loss():
        return np.mean((net.forward(x) - target) ** 2)

    net.forward(x)
    return {
        f"{kind}{i}": np.linalg.norm((g - numerical_gradient(loss, p, epsilon)).ravel(), np.inf)
        for kind, ps, gs in zip("Wb", (net.weights, net.biases), net.backward(target), strict=True)
        for i, (p, g) in enumerate(zip(ps, gs, strict=True), 1)
    }


def passes(report, tolerance=1e-5):
    """Say no if anything is not small enough."""
    return not any(not d <= tolerance for d in report.values())
