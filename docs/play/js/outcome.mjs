// What a run shows, in words: which rule ended it, what its curves are called, and why.

import { h, show } from "./dom.mjs";
import { BUDGET, PATIENCE, SOLVED, bestEpoch, diagnose } from "./run.mjs";

const WHY = {
  converged: () => "The training loss has fallen, and the test loss stays near its best.",
  overfit: (train, test, best) =>
    `The test loss is ${show(test.at(-1) / test[best], 1)} times what it was at epoch ${best}, while the training loss fell on.`,
  underfit: (train) =>
    `The training loss has hardly fallen: from ${show(train[0])} to ${show(train.at(-1))}.`,
  unstable: (train) => {
    const jumps = train.filter((loss, e) => e && loss - train[e - 1] > 0.1 * train[0]).length;
    return `The training loss jumped up ${jumps} times by more than a tenth of its start.`;
  },
};

// Whether a run that used up its budget was slow or stuck; where the loss jumps, neither.
function slope(train, name) {
  if (name === "unstable") return "";
  const before = train[train.length - 501];
  const fall = Math.round((100 * (before - train.at(-1))) / before);
  if (fall >= 5) return ` Over the last 500 epochs the training loss fell by ${fall} %: it was still learning.`;
  return ` Over the last 500 epochs the training loss fell by less than 5 %.`;
}

// Which rule ended a run, or "" while none has.
export function endOf(run) {
  if (run.end === "solved")
    return `Paused after ${run.epochs} epochs: the training loss stayed below ${SOLVED} for ${PATIENCE} epochs in a row.`;
  if (run.end === "budget")
    return `Stopped after ${BUDGET} epochs: the budget is used up.${slope(run.curves[0], run.diagnosis)}`;
  if (run.end) return `Stopped: in epoch ${run.epochs + 1} a number grew too large to be one.`;
  return "";
}

// The diagnosis of both curves up to an epoch, and the reason for it.
export function outcome(run, epoch) {
  const [train, test] = run.curves.map((curve) => curve.subarray(0, epoch + 1));
  const name = diagnose(train, test);
  return { name, why: WHY[name](train, test, bestEpoch(test)) };
}

export class Outcome {
  constructor() {
    this.name = h("strong");
    this.why = h("span");
    this.rule = h("span", { class: "play-rule" });
    this.element = h("div", { class: "play-outcome" }, this.name, this.why, this.rule);
  }

  // Show the outcome so far, and return it as one sentence.
  draw(run, seen) {
    if (!seen) {
      this.element.dataset.name = "";
      this.name.textContent = "Not trained yet";
      this.why.textContent = "Predict first: what will the two curves do?";
      this.rule.textContent = "";
      return "Not trained yet.";
    }
    const { name, why } = outcome(run, seen);
    const ended = run.end && seen === run.epochs;
    this.element.dataset.name = name;
    this.name.textContent = ended ? name : `So far: ${name}`;
    this.why.textContent = why;
    this.rule.textContent = ended ? endOf(run) : "";
    return `${this.name.textContent}. ${why} ${this.rule.textContent}`;
  }
}
