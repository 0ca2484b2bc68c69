"""Schedules whose work is done by functions beside them, and a factory that maps names."""

import math


def decayed(initial_lr, gamma, times):
    """Return the rate after so many drops, by squaring and halving."""
    if times == 0:
        return initial_lr
    half = decayed(1.0, gamma, times // 2)
    return initial_lr * half * half * (gamma if times % 2 else 1.0)


class ConstantLR:
    """A rate that is kept in a closure."""

    def __init__(self, initial_lr):
        self.step = lambda epoch, metrics=None: initial_lr

    def step(self, epoch, metrics=None):
        """Stand here for whoever looks for it."""
        raise AssertionError("replaced when it is made")


class StepLR:
    """Counted drops."""

    def __init__(self, initial_lr, step_size, gamma=0.1):
        self.settings = initial_lr, gamma, step_size

    def step(self, epoch, metrics=None):
        """Count the drops by what is left over."""
        initial_lr, gamma, step_size = self.settings
        return decayed(initial_lr, gamma, (epoch - epoch % step_size) // step_size)


class ExponentialLR:
    """A drop an epoch."""

    def __init__(self, initial_lr, gamma=0.95):
        self.settings = initial_lr, gamma

    def step(self, epoch, metrics=None):
        """Count every epoch."""
        return decayed(*self.settings, epoch)


class CosineAnnealingLR:
    """A sine that is shifted."""

    def __init__(self, initial_lr, T_max, eta_min=0.0):
        self.middle = (initial_lr + eta_min) / 2
        self.swing = (initial_lr - eta_min) / 2
        self.T_max = T_max

    def step(self, epoch, metrics=None):
        """Swing around the middle, and stop at the bottom."""
        t = epoch if epoch < self.T_max else self.T_max
        return self.middle + self.swing * math.sin(math.pi * (0.5 - t / self.T_max))


def make_schedule(kind, initial_lr, **settings):
    """Look the class up by its name."""
    classes = {
        "constant": "ConstantLR",
        "step": "StepLR",
        "exponential": "ExponentialLR",
        "cosine": "CosineAnnealingLR",
        "plateau": "ReduceLROnPlateau",
    }
    try:
        name = classes[kind]
    except KeyError:
        raise ValueError(f"unknown kind {kind}") from None
    return globals()[name](initial_lr, **settings)


def train_with_schedule(schedule, train_epoch, epochs):
    """Chain the epochs in a generator."""
    if epochs < 0:
        raise ValueError("epochs")

    def rates():
        metrics = None
        for epoch in range(epochs):
            rate = schedule.step(epoch, metrics)
            metrics = train_epoch(rate)
            yield rate

    return list(rates())
