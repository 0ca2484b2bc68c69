// A network of two inputs, H tanh units and one sigmoid output. Its weights are one array:
// W1 row by row (2 H numbers), b1 (H), W2 (H), b2 (1); without hidden units W (2) and b (1).

import { generator, logisticLoss, normal, sigmoid, tanh } from "./numerics.mjs";

export const countWeights = (hidden) => (hidden ? 4 * hidden + 1 : 3);

// Deviation 1/sqrt(inputs of the unit), biases zero.
export function initialWeights(hidden, seed) {
  const uniform = generator(seed);
  const weights = new Float64Array(countWeights(hidden));
  const draw = (from, n, scale) => {
    for (let k = from; k < from + n; k++) weights[k] = scale * normal(uniform);
  };
  draw(0, 2 * hidden || 2, hidden ? Math.sqrt(0.5) : 0.1);
  draw(3 * hidden, hidden, 1 / Math.sqrt(hidden));
  return weights;
}

// The output before the sigmoid; the hidden units' outputs are left in `activations`.
export function logit(weights, hidden, x, y, activations) {
  if (!hidden) return weights[0] * x + weights[1] * y + weights[2];
  let z = weights[4 * hidden];
  for (let j = 0; j < hidden; j++) {
    const a = tanh(weights[2 * j] * x + weights[2 * j + 1] * y + weights[2 * hidden + j]);
    activations[j] = a;
    z += weights[3 * hidden + j] * a;
  }
  return z;
}

// Return {loss, accuracy} on a set.
export function evaluate(weights, hidden, set) {
  const activations = new Float64Array(hidden);
  let loss = 0;
  let right = 0;
  for (let i = 0; i < set.n; i++) {
    const z = logit(weights, hidden, set.x[i], set.y[i], activations);
    loss += logisticLoss(z, set.labels[i]);
    if (z > 0 === (set.labels[i] === 1)) right++;
  }
  return { loss: loss / set.n, accuracy: right / set.n };
}

// Return the mean loss on a set; its gradient is left in `gradient`.
export function lossAndGradient(weights, hidden, set, gradient) {
  const activations = new Float64Array(hidden);
  const [b1, w2, b2] = [2 * hidden, 3 * hidden, 4 * hidden];
  let loss = 0;
  gradient.fill(0);
  for (let i = 0; i < set.n; i++) {
    const x = set.x[i];
    const y = set.y[i];
    const z = logit(weights, hidden, x, y, activations);
    loss += logisticLoss(z, set.labels[i]);
    const dz = sigmoid(z) - set.labels[i];
    for (let j = 0; j < hidden; j++) {
      const a = activations[j];
      const dz1 = dz * weights[w2 + j] * (1 - a * a);
      gradient[2 * j] += dz1 * x;
      gradient[2 * j + 1] += dz1 * y;
      gradient[b1 + j] += dz1;
      gradient[w2 + j] += dz * a;
    }
    if (!hidden) {
      gradient[0] += dz * x;
      gradient[1] += dz * y;
    }
    gradient[hidden ? b2 : 2] += dz;
  }
  for (let k = 0; k < gradient.length; k++) gradient[k] /= set.n;
  return loss / set.n;
}
