"""Early returns and plain loops, with the math module."""

import math


class StepLR:
    """Drops counted in a loop."""

    def __init__(self, initial_lr, step_size, gamma=0.1):
        self.initial_lr, self.step_size, self.gamma = initial_lr, step_size, gamma

    def step(self, epoch, metrics=None):
        """Multiply once for each drop up to the epoch."""
        lr = self.initial_lr
        for earlier in range(1, epoch + 1):
            if earlier % self.step_size == 0:
                lr *= self.gamma
        return lr


class ExponentialLR:
    """The power by way of the logarithm."""

    def __init__(self, initial_lr, gamma=0.95):
        self.initial_lr, self.gamma = initial_lr, gamma

    def step(self, epoch, metrics=None):
        """Use that a power is an exponential."""
        return math.exp(math.log(self.initial_lr) + epoch * math.log(self.gamma))


class CosineAnnealingLR:
    """A case for the end."""

    def __init__(self, initial_lr, T_max, eta_min=0.0):
        self.initial_lr, self.T_max, self.eta_min = initial_lr, T_max, eta_min

    def step(self, epoch, metrics=None):
        """Leave early once the end is reached."""
        if epoch >= self.T_max:
            return self.eta_min
        falling = 0.5 * (1.0 + math.cos(math.pi * epoch / self.T_max))
        return falling * self.initial_lr + (1.0 - falling) * self.eta_min


def make_schedule(kind, initial_lr, **settings):
    """Go through the kinds one by one."""
    if kind == "constant":
        return ConstantLR(initial_lr, **settings)  # noqa: F821
    if kind == "step":
        return StepLR(initial_lr, **settings)
    if kind == "exponential":
        return ExponentialLR(initial_lr, **settings)
    if kind == "cosine":
        return CosineAnnealingLR(initial_lr, **settings)
    if kind == "plateau":
        return ReduceLROnPlateau(initial_lr, **settings)  # noqa: F821
    raise ValueError(kind)


def train_with_schedule(schedule, train_epoch, epochs):
    """Count in a while loop, with the first epoch apart."""
    if epochs < 0:
        raise ValueError(epochs)
    if epochs == 0:
        return []
    used = [schedule.step(0)]
    metrics = train_epoch(used[0])
    while len(used) < epochs:
        lr = schedule.step(len(used), metrics)
        metrics = train_epoch(lr)
        used.append(lr)
    return used
