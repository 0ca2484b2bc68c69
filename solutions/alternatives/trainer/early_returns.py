"""Early stopping and checkpoints in other words: comparison by name, early returns."""

import math


class EarlyStopping(EarlyStopping):
    def update(self, metrics, parameters):
        try:
            value = metrics[self.metric]
        except KeyError:
            raise ValueError(f"no {self.metric}") from None
        if value != value:
            self.stopped = True
            return True
        if self.best is not None:
            if self.mode == "min":
                improved = value < self.best - self.min_delta
            else:
                improved = value > self.best + self.min_delta
            if not improved:
                self.wait += 1
                if self.wait >= self.patience:
                    self.stopped = True
                return self.stopped
        self.best, self.wait = value, 0
        self.best_parameters = copy.deepcopy(parameters)
        return False

    def restore(self, parameters):
        if self.best_parameters is None:
            return
        for mine, best in zip(parameters, self.best_parameters):
            mine[()] = best


class Checkpoint(Checkpoint):
    def due(self, done, metrics):
        if not self.metric:
            return not done % self.every
        value = metrics[self.metric]
        worst = math.inf if self.mode == "min" else -math.inf
        best = worst if self.best is None else self.best
        if (self.mode == "min" and value < best) or (self.mode == "max" and value > best):
            self.best = value
            return True
        return False
