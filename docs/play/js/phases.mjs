// The five phases of one epoch, each with its line of NumPy and what it computed.

import { h, show } from "./dom.mjs";
import { logit, lossAndGradient } from "./network.mjs";
import { sigmoid } from "./numerics.mjs";

// [name, code with hidden units, code without, what it does]
const PHASES = [
  ["Forward", "A = np.tanh(X @ W1.T + b1)\np = sigmoid(A @ W2.T + b2)", "p = sigmoid(X @ W.T + b)"],
  ["Loss", "loss = -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))"],
  [
    "Backward",
    "dz2 = (p - t) / n\ndz1 = (dz2 @ W2) * (1 - A**2)\ndW2, dW1 = dz2.T @ A, dz1.T @ X",
    "dz = (p - t) / n\ndW = dz.T @ X",
  ],
  ["Update", "W1 -= rate * dW1\nW2 -= rate * dW2", "W -= rate * dW"],
  ["Evaluate", "test_loss = loss(forward(X_test), t_test)"],
];
export const UPDATE = 4; // after this phase the weights are the next epoch's
export const N_PHASES = PHASES.length;

export class Phases {
  constructor() {
    this.items = PHASES.map(([name]) => {
      const code = h("code");
      const seen = h("span", { class: "play-seen" });
      const element = h("li", {}, h("strong", {}, name), h("pre", {}, code), seen);
      return { element, code, seen };
    });
    this.element = h("ol", { class: "play-phases" }, ...this.items.map((item) => item.element));
  }

  // Show an epoch of a run up to a phase: 0 is before the first, 5 after the last.
  draw(run, epoch, phase) {
    const texts = phase ? this.texts(run, epoch) : [];
    this.items.forEach(({ element, code, seen }, i) => {
      const [, layered, straight] = PHASES[i];
      code.textContent = (!run.config.hidden && straight) || layered;
      seen.textContent = i < phase ? texts[i] : "";
      element.classList.toggle("done", i < phase);
      if (i === phase - 1) element.setAttribute("aria-current", "step");
      else element.removeAttribute("aria-current");
    });
    return phase ? `${PHASES[phase - 1][0]}: ${texts[phase - 1]}` : "";
  }

  texts(run, epoch) {
    const { train } = run.data;
    const { hidden, rate } = run.config;
    const weights = run.weightsAt(epoch);
    const gradient = new Float64Array(run.size);
    const loss = lossAndGradient(weights, hidden, train, gradient);
    const p = Array.from(train.x, (x, i) => sigmoid(logit(weights, hidden, x, train.y[i], [])));
    const steepest = Math.max(...gradient.map(Math.abs));
    return [
      `${train.n} probabilities, from ${show(Math.min(...p))} to ${show(Math.max(...p))}`,
      `training loss ${show(loss)}`,
      `${run.size} slopes, the steepest ${show(steepest)}`,
      `the largest step: ${rate} \u00d7 ${show(steepest)} = ${show(rate * steepest)}`,
      `test loss ${show(run.test[epoch])} \u2192 ${show(run.test[epoch + 1])}; nothing learns from it`,
    ];
  }
}
