"""Whole-array batches, a decay that shrinks first, files written by other means."""

import contextlib


def noisy_batch(batch_size, noise_level, rng):
    if min(batch_size, noise_level) < 0 or not np.isfinite(noise_level):
        raise ValueError("negative")
    lines = rng.integers(0, 2, batch_size)
    noise = rng.uniform(-noise_level / 2, noise_level / 2, (batch_size, 4))
    even = np.arange(batch_size) % 2 == 0
    X = np.where(even[:, None], HORIZONTAL[lines], VERTICAL[lines]) + noise
    return np.minimum(np.maximum(X, 0), 1), np.column_stack([even, ~even]).astype(float)


def mixed_batch(batch_size, clean_ratio, rng):
    if not 0 <= clean_ratio <= 1:
        raise ValueError("share")
    n = int(np.rint(clean_ratio * batch_size))
    parts = [noisy_batch(n, 0.05, rng), noisy_batch(batch_size - n, 0.3, rng)]
    return tuple(np.vstack(part) for part in zip(*parts))


def train(net, next_batch, learning_rate, steps, weight_decay=0.0, log=None):
    if weight_decay < 0 or np.isnan(weight_decay) or np.isinf(weight_decay):
        raise ValueError("weight_decay")
    losses = np.empty(steps)
    for step in range(steps):
        X, Y = next_batch()
        losses[step], gradients = net.gradients(X, Y)
        for k in range(len(net.parameters)):
            net.parameters[k] *= 1 - learning_rate * weight_decay
            net.parameters[k] -= learning_rate * gradients[k]
        if log is not None:
            log.log(dict(step=step, loss=losses[step]))
    return losses


class RunLog(RunLog):
    def log(self, row):
        if self.names is None:
            self.names = list(row)
            with (self.path / "rows.csv").open("w", newline="") as file:
                csv.writer(file, lineterminator="\n").writerow(self.names)
        elif sorted(self.names) != sorted(row):
            raise ValueError("other columns")
        with (self.path / "rows.csv").open("a", newline="") as file:
            csv.writer(file, lineterminator="\n").writerow([row[name] for name in self.names])
        with (self.path / "rows.jsonl").open("a") as file:
            print(json.dumps({name: row[name] for name in self.names}), file=file)


def read_run(path):
    run = {"config": None, "rows": [], "summary": None}
    for key in ("config", "summary"):
        with contextlib.suppress(FileNotFoundError):
            run[key] = json.loads(Path(path, f"{key}.json").read_text())
    with contextlib.suppress(FileNotFoundError), Path(path, "rows.jsonl").open() as file:
        run["rows"] += [json.loads(line) for line in file if line.endswith("\n")]
    return run


def compare_runs(folder, metric="loss"):
    lines = []
    for path in Path(folder).glob("*/"):
        run = read_run(path)
        column = [row[metric] for row in run["rows"]]
        if not column:
            continue
        lowest = np.nanmin([*column, np.inf])
        lines.append(
            dict(
                name=path.name,
                config=run["config"],
                rows=len(column),
                best=float(lowest),
                last=column[-1],
            )
        )
    lines.sort(key=lambda line: line["best"])
    sound = [line for line in lines if np.isfinite(line["last"])]
    return sound + [line for line in lines if line not in sound]
