"""A plateau that notes epochs: when it was last good, and until when it rests."""

import math


class ReduceLROnPlateau:
    """Counts in a running number of measured epochs."""

    def __init__(self, initial_lr, metric="val_loss", mode="min", factor=0.5, patience=10,
                 min_delta=0.0, min_lr=0.0, cooldown=0):  # fmt: skip
        if not (initial_lr > 0 and initial_lr < math.inf):
            raise ValueError("initial_lr")
        if mode != "min" and mode != "max":
            raise ValueError("mode")
        if factor <= 0 or factor >= 1 or factor != factor:
            raise ValueError("factor")
        if patience < 1 or patience % 1:
            raise ValueError("patience")
        if min_delta < 0 or min_delta != min_delta:
            raise ValueError("min_delta")
        if min_lr < 0 or min_lr > initial_lr:
            raise ValueError("min_lr")
        if cooldown < 0:
            raise ValueError("cooldown")
        self.initial_lr, self.metric, self.mode, self.factor = initial_lr, metric, mode, factor
        self.patience, self.min_delta, self.min_lr = patience, min_delta, min_lr
        self.cooldown = cooldown
        self.reset()

    def reset(self):
        self.lr = self.initial_lr
        self.best = None
        self.now = 0
        self.count_from = 0  # epochs up to this one are no longer counted

    def improved(self, value):
        if self.best is None:
            return True
        if self.mode == "min":
            return value < self.best - self.min_delta
        return value > self.best + self.min_delta

    def step(self, epoch, metrics=None):
        if epoch == 0:
            self.reset()
        else:
            if not metrics or self.metric not in metrics:
                raise ValueError(f"the metric {self.metric} is missing")
            if metrics[self.metric] == metrics[self.metric]:
                self.look(metrics[self.metric])
        return self.lr

    def look(self, value):
        self.now += 1
        if self.improved(value):
            self.best = value
            self.count_from = max(self.count_from, self.now)
        elif self.now - self.count_from >= self.patience:
            self.lr *= self.factor
            if self.lr < self.min_lr:
                self.lr = self.min_lr
            self.count_from = self.now + self.cooldown
