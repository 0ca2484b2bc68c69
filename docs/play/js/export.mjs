// A run to take along: as a table, as data, as a NumPy script that repeats it.

const list = (numbers) => `[${Array.from(numbers).join(", ")}]`;

export function asCsv(run) {
  const [train, test] = run.curves;
  const rows = Array.from(train, (loss, epoch) => `${epoch},${loss},${test[epoch]}`);
  return `epoch,training_loss,test_loss\n${rows.join("\n")}\n`;
}

export function asJson(run) {
  const [train, test] = run.curves;
  return JSON.stringify({
    config: run.config,
    ended: run.end,
    epochs: run.epochs,
    diagnosis: run.diagnosis,
    best_epoch: run.bestEpoch,
    initial_weights: Array.from(run.weightsAt(0)),
    weights: Array.from(run.weightsAt(run.epochs)),
    training_loss: Array.from(train),
    test_loss: Array.from(test),
  });
}

export function asNumpy(run) {
  const { config, data, epochs } = run;
  const H = config.hidden;
  const w = run.weightsAt(0);
  const points = ({ n, x, y }) =>
    `[${Array.from({ length: n }, (_, i) => `[${x[i]}, ${y[i]}]`).join(",\n    ")}]`;
  const rows = Array.from({ length: H }, (_, j) => list(w.subarray(2 * j, 2 * j + 2)));
  const weights = H
    ? `W1 = np.array([${rows.join(", ")}])
b1 = np.array(${list(w.subarray(2 * H, 3 * H))})
W2 = np.array([${list(w.subarray(3 * H, 4 * H))}])
b2 = np.array(${list(w.subarray(4 * H))})`
    : `W2 = np.array([${list(w.subarray(0, 2))}])
b2 = np.array(${list(w.subarray(2))})`;
  return `# ${config.data}${config.noise ? " with noise" : ""}, ${H} hidden units, learning rate ${config.rate}, weights ${config.weights}, points ${config.sample}
# The playground had ${run.train[epochs]} and ${run.test[epochs]} after ${epochs} epochs.
import numpy as np

X = np.array(${points(data.train)})
t = np.array([${list(data.train.labels)}]).T
X_test = np.array(${points(data.test)})
t_test = np.array([${list(data.test.labels)}]).T
${weights}


def forward(X):
    A = ${H ? "np.tanh(X @ W1.T + b1)" : "X"}
    return A, 1 / (1 + np.exp(-(A @ W2.T + b2)))


def loss(X, t):
    p = np.clip(forward(X)[1], 1e-15, 1 - 1e-15)
    return -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))


for epoch in range(${epochs}):
    A, p = forward(X)
    dz2 = (p - t) / len(X)
${H ? "    dz1 = (dz2 @ W2) * (1 - A**2)\n" : ""}    W2 = W2 - ${config.rate} * (dz2.T @ A)
    b2 = b2 - ${config.rate} * dz2.sum(axis=0)
${H ? `    W1 = W1 - ${config.rate} * (dz1.T @ X)
    b1 = b1 - ${config.rate} * dz1.sum(axis=0)
` : ""}
print(f"after ${epochs} epochs: training loss {loss(X, t):.15g}, test loss {loss(X_test, t_test):.15g}")
`;
}

export function download(name, type, text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

// Copy a text; where the browser refuses, select it in a box to copy by hand.
export async function copy(text, box) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    box.hidden = false;
    box.value = text;
    box.select();
    return false;
  }
}
