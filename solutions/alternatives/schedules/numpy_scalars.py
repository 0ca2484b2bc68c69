"""Scalars and arrays of NumPy wherever a float is asked for."""

import numpy as np


class ConstantLR:
    """A rate as an array without a dimension."""

    def __init__(self, initial_lr):
        self.initial_lr = np.array(initial_lr)

    def step(self, epoch, metrics=None):
        """Return a copy."""
        return self.initial_lr.copy()


class StepLR:
    """Drops by a division that rounds down."""

    def __init__(self, initial_lr, step_size, gamma=0.1):
        self.initial_lr, self.step_size, self.gamma = initial_lr, step_size, gamma

    def step(self, epoch, metrics=None):
        """Count the drops with NumPy."""
        drops = np.floor_divide(epoch, self.step_size)
        return np.float64(self.initial_lr) * np.power(self.gamma, drops)


class ExponentialLR:
    """A product over the epochs."""

    def __init__(self, initial_lr, gamma=0.95):
        self.initial_lr, self.gamma = initial_lr, gamma

    def step(self, epoch, metrics=None):
        """Multiply as many factors as there were epochs."""
        return np.prod(np.full(epoch, self.gamma)) * self.initial_lr


class CosineAnnealingLR:
    """The square of a cosine of half the angle."""

    def __init__(self, initial_lr, T_max, eta_min=0.0):
        self.initial_lr, self.T_max, self.eta_min = initial_lr, T_max, eta_min

    def step(self, epoch, metrics=None):
        """Use that half of 1 + cos(a) is the square of cos(a / 2)."""
        angle = np.pi / 2 * np.clip(epoch / self.T_max, 0, 1)
        return np.asarray(self.eta_min + (self.initial_lr - self.eta_min) * np.cos(angle) ** 2)


def train_with_schedule(schedule, train_epoch, epochs):
    """Fill an array."""
    if epochs < 0:
        raise ValueError("epochs")
    rates = np.zeros(epochs)
    metrics = None
    for epoch in range(epochs):
        rates[epoch] = schedule.step(epoch, metrics)
        metrics = train_epoch(rates[epoch])
    return rates
