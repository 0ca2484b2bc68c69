"""Collects slopes in a list and shapes it at the end, and loops where `all` would be shorter."""

import math

import numpy as np


def numerical_gradient(loss, parameter, epsilon=1e-5):
    """Append one slope after the other."""
    slopes = []
    for index, value in np.ndenumerate(parameter.copy()):
        losses = []
        for step in (epsilon, -epsilon):
            parameter[index] = value + step
            losses.append(loss())
        parameter[index] = value
        slopes.append((losses[0] - losses[1]) / (2 * epsilon))
    return np.reshape(slopes, parameter.shape)


def gradient_check(net, x, target, epsilon=1e-5):
    """Put names, parameters and gradients into three lists."""

    def loss():
        return sum((o - t) ** 2 for o, t in zip(net.forward(x), target, strict=True)) / len(target)

    net.forward(x)
    weight_grads, bias_grads = net.backward(target)
    layers = range(1, len(net.weights) + 1)
    names = [f"W{layer}" for layer in layers] + [f"b{layer}" for layer in layers]
    parameters = list(net.weights) + list(net.biases)
    gradients = list(weight_grads) + list(bias_grads)
    report = {}
    for name, parameter, gradient in zip(names, parameters, gradients, strict=True):
        measured = numerical_gradient(loss, parameter, epsilon)
        report[name] = max(abs(d) for d in (gradient - measured).ravel().tolist())
    return report


def passes(report, tolerance=1e-5):
    """Ask for NaN by name."""
    for difference in report.values():  # noqa: SIM110
        if math.isnan(difference) or difference > tolerance:
            return False
    return True
