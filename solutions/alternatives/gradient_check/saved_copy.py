"""Saves the whole array and writes all of it back each time, which is safe but copies a lot."""

import numpy as np


def numerical_gradient(loss, parameter, epsilon=1e-5):
    """Step along one unit array after the other, and back to the saved values."""
    saved = parameter.copy()
    gradient = np.zeros(saved.shape)
    for index in np.ndindex(*saved.shape):
        step = np.zeros(saved.shape)
        step[index] = epsilon
        parameter[:] = saved + step
        above = loss()
        parameter[:] = saved - step
        below = loss()
        gradient[index] = (above - below) / (2 * epsilon)
        parameter[:] = saved
    return gradient


def gradient_check(net, x, target, epsilon=1e-5):
    """Measure everything first and call `backward` last, after a forward of its own."""

    def loss():
        return np.square(net.forward(x) - target).mean()

    measured = {}
    for kind, parameters in (("W", net.weights), ("b", net.biases)):
        for layer, parameter in enumerate(parameters, 1):
            measured[f"{kind}{layer}"] = numerical_gradient(loss, parameter, epsilon)
    net.forward(x)
    claimed = dict(zip("Wb", net.backward(target), strict=True))
    return {
        name: float(np.amax(np.abs(claimed[name[0]][int(name[1:]) - 1] - gradient)))
        for name, gradient in measured.items()
    }
