// A training run that can be looked at in every epoch, and what its two curves show.

import { makeData } from "./data.mjs";
import { countWeights, evaluate, initialWeights, lossAndGradient } from "./network.mjs";

export const BUDGET = 4000; // epochs
export const SOLVED = 0.02; // a training loss that is low enough,
export const PATIENCE = 200; // for so many epochs in a row

// `train[e]` and `test[e]` are the losses after e epochs of full-batch gradient descent, e = 0
// before the first; `epochs` says how many there are so far. `end` is null while the run can go on,
// then "solved", "budget" or "not finite" (the last epoch kept is then the last finite one).
export class Run {
  constructor(config, patience = PATIENCE) {
    this.config = config;
    this.patience = patience;
    this.size = countWeights(config.hidden);
    this.history = new Float64Array((BUDGET + 1) * this.size);
    this.train = new Float64Array(BUDGET + 1);
    this.test = new Float64Array(BUDGET + 1);
    this.data = makeData(config);
    this.gradient = new Float64Array(this.size);
    this.epochs = 0;
    this.end = null;
    this.lowSince = 0; // how many epochs in a row were below SOLVED
    this.history.set(initialWeights(config.hidden, config.weights));
    this.measure(0);
  }

  weightsAt(epoch) {
    return this.history.subarray(epoch * this.size, (epoch + 1) * this.size);
  }

  measure(epoch) {
    const { hidden } = this.config;
    const weights = this.weightsAt(epoch);
    this.train[epoch] = lossAndGradient(weights, hidden, this.data.train, this.gradient);
    this.test[epoch] = evaluate(weights, hidden, this.data.test).loss;
    return Number.isFinite(this.train[epoch] + this.test[epoch]) && weights.every(Number.isFinite);
  }

  step() {
    const next = this.epochs + 1;
    const before = this.weightsAt(this.epochs);
    const after = this.weightsAt(next);
    for (let k = 0; k < this.size; k++) after[k] = before[k] - this.config.rate * this.gradient[k];
    if (!this.measure(next)) {
      this.end = "not finite";
      return;
    }
    this.epochs = next;
    this.lowSince = this.train[next] < SOLVED ? this.lowSince + 1 : 0;
    if (this.lowSince >= this.patience) this.end = "solved";
    else if (next === BUDGET) this.end = "budget";
  }

  // Train on until so many epochs are done, or the run ends.
  trainTo(epoch) {
    while (this.epochs < epoch && !this.end) this.step();
    return this;
  }

  get curves() {
    return [this.train.subarray(0, this.epochs + 1), this.test.subarray(0, this.epochs + 1)];
  }

  get bestEpoch() {
    return bestEpoch(this.curves[1]);
  }

  get diagnosis() {
    return diagnose(...this.curves);
  }
}

// The first epoch with the smallest test loss, as in chapter 6.
export function bestEpoch(test) {
  let best = 0;
  for (let e = 1; e < test.length; e++) if (test[e] < test[best]) best = e;
  return best;
}

// The rules of `diagnose` in chapter 6, in their order.
export function diagnose(train, test) {
  const start = train[0];
  const last = train.length - 1;
  let jumps = 0;
  for (let e = 1; e <= last; e++) if (train[e] - train[e - 1] > 0.1 * start) jumps++;
  if (jumps >= 5 || !train.every(Number.isFinite)) return "unstable";
  if (train[last] > 0.7 * start) return "underfit";
  const best = bestEpoch(test);
  if (test[last] > 1.5 * test[best] && train[last] < train[best]) return "overfit";
  return "converged";
}
