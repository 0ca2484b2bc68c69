"""The epochs counted by a for loop, pieces in methods of their own, the state put back by hand."""


class Trainer(Trainer):
    def resume(self, state):
        saved = state.get("early_stopping")
        if (saved is None) is not (self.early_stopping is None):
            raise ValueError("early stopping")
        put_back(self.net.parameters, state["parameters"])
        self.epoch = int(state["epoch"])
        self.rng.bit_generator.state = state["rng"]
        self.history = History()
        for name, column in state["history"].items():
            self.history.values[name] = list(column)
        parts = [("optimizer", self.optimizer), ("schedule", self.schedule)]
        if self.early_stopping is not None:
            parts.append(("early_stopping", self.early_stopping))
        for name, part in parts:
            for attribute, value in state[name].items():
                setattr(part, attribute, copy.deepcopy(value))
        if self.checkpoint is not None:
            self.checkpoint.best = state["best"]

    def _measure(self, X, y, validation):
        loss, accuracy = self.net.evaluate(X, y)
        metrics = dict(loss=loss, accuracy=accuracy)
        if validation:
            val_loss, val_accuracy = self.net.evaluate(validation[0], validation[1])
            metrics.update(val_loss=val_loss, val_accuracy=val_accuracy)
        return metrics

    def fit(self, X, y, epochs, batch_size=32, validation=None, report=None):
        if len(X) != len(y):
            raise ValueError("lengths")
        given = [X, y] if validation is None else [X, y, validation[0], validation[1]]
        if any(np.isnan(one).any() or np.isinf(one).any() for one in given):
            raise ValueError("not finite")
        if not self.epoch:
            if self.early_stopping is not None:
                self.early_stopping.reset()
            if self.checkpoint is not None:
                self.checkpoint.best = None
        previous = self.history.last()
        for epoch in range(self.epoch, epochs):
            if self.early_stopping is not None and self.early_stopping.stopped:
                break
            begin = self.clock()
            lr = self.schedule.step(epoch, metrics=previous)
            running = train_epoch(self.net, self.optimizer, X, y, lr, batch_size, self.rng)
            metrics = {"running_loss": running, **self._measure(X, y, validation)}
            metrics["learning_rate"] = lr
            metrics["seconds"] = self.clock() - begin
            previous = metrics
            self.history.record(metrics)
            self.epoch = epoch + 1
            if self.early_stopping is not None:
                self.early_stopping.update(metrics, self.net.parameters)
            if self.checkpoint is not None:
                if self.checkpoint.due(self.epoch, metrics):
                    self.checkpoint.save(self.state())
            if report is not None:
                report(progress_line(self.epoch, epochs, metrics))
        if self.early_stopping is not None:
            self.early_stopping.restore(self.net.parameters)
        return self.history
