// The XOR lab of chapter 8: five data sets, three methods, restarts, a step or ten or all at once.

import { Chart } from "./chart.mjs";
import { button, choice, h, percent, show } from "./dom.mjs";
import { Field } from "./field.mjs";
import { onScheme, register } from "./figure.mjs";
import { evaluate, lossAndGradient, logit } from "./network.mjs";
import { generator, normal } from "./numerics.mjs";
import { telling } from "./steps.mjs";

const UNITS = 2;
const SIZE = 9;
const LAST_EPOCH = 500;
const FOUR = [[-1, -1], [1, 1], [-1, 1], [1, -1]];
const DATASETS = {
  corner: [[0, 1, 1, 1], 1],
  corner_noisy: [[0, 1, 1, 1], 1.5],
  clean: [[0, 0, 1, 1], 1],
  noisy: [[0, 0, 1, 1], 2],
  perfect: [[0, 0, 1, 1], 0.25],
};

// 25 points around each corner, as {n, x, y, labels}.
export function xorSet(kind) {
  const uniform = generator(8);
  const [labels, times] = DATASETS[kind];
  const points = FOUR.flatMap(([x, y], k) =>
    Array.from({ length: 25 }, () => [
      x + times * 0.2 * normal(uniform),
      y + times * 0.2 * normal(uniform),
      labels[k],
    ]),
  );
  const [x, y, all] = [0, 1, 2].map((k) => Float64Array.from(points, (point) => point[k]));
  return { n: points.length, x, y, labels: all };
}

export class Descent {
  constructor(set, method, rate, weights) {
    Object.assign(this, { set, method, rate, weights });
    this.velocity = new Float64Array(SIZE);
    this.gradient = new Float64Array(SIZE);
    this.losses = [evaluate(weights, UNITS, set).loss];
  }

  // Along a direction, at the rate, half and twice of it; the lowest loss wins, never uphill.
  search(direction) {
    let best = this.weights;
    let lowest = this.losses.at(-1);
    for (const rate of [this.rate, this.rate / 2, this.rate * 2]) {
      const there = this.weights.map((w, k) => w + rate * direction[k]);
      const { loss } = evaluate(there, UNITS, this.set);
      if (loss < lowest) [best, lowest] = [there, loss];
    }
    this.weights = best;
  }

  step() {
    lossAndGradient(this.weights, UNITS, this.set, this.gradient);
    const { gradient, velocity, rate } = this;
    if (this.method === "search") this.search(gradient.map((g) => -g));
    else {
      const share = this.method === "average" ? 0.1 : 1;
      velocity.forEach((u, k) => (velocity[k] = 0.9 * u + share * gradient[k]));
      if (share < 1) this.search(velocity.map((u) => -u));
      else this.weights = this.weights.map((w, k) => w - rate * velocity[k]);
    }
    this.losses.push(evaluate(this.weights, UNITS, this.set).loss);
  }

  get accuracy() {
    return evaluate(this.weights, UNITS, this.set).accuracy;
  }

  // Why it stops, or nothing.
  get goal() {
    if (this.accuracy >= 0.99) return "99 % are right";
    if (this.losses.at(-1) < 0.01) return "the loss is below 0.01";
    return this.losses.length > LAST_EPOCH ? "the 500 epochs are over" : "";
  }

  train(epochs) {
    for (let k = 0; k < epochs && !this.goal; k++) this.step();
    return this;
  }
}

// The run's start: one draw, the lowest of ten, or the lowest of ten after 100 steps each.
export function startWeights(set, restarts, seed) {
  const uniform = generator(seed);
  const draw = () => Float64Array.from({ length: SIZE }, () => 0.5 * normal(uniform));
  if (restarts === "one") return draw();
  const tries = Array.from({ length: 10 }, () => new Descent(set, "search", 0.3, draw()));
  if (restarts === "trained") {
    for (const run of tries) for (let k = 0; k < 100; k++) run.step();
  }
  const end = (run) => run.losses.at(-1);
  return tries.reduce((best, run) => (end(run) < end(best) ? run : best)).weights;
}

function mountXor(host) {
  const state = { kind: "clean", method: "search", rate: 0.3, restarts: "one", seed: 1 };
  const field = h("div", { class: "play-pane" });
  const curve = h("div", { class: "play-pane play-curves" });
  const says = telling();
  const groups = {
    kind: choice("Data", Object.keys(DATASETS).map((k) => [k, k.replace("_", ", ")]), (kind) => set({ kind })),
    method: choice(
      "Method",
      [["search", "line search"], ["average", "moving average"], ["classical", "classical momentum"]],
      (method) => set({ method }),
    ),
    rate: choice("Learning rate", [0.1, 0.3, 0.5, 1].map((v) => [v, v]), (rate) => set({ rate })),
    restarts: choice(
      "Start",
      [["one", "one draw"], ["ten", "lowest of ten"], ["trained", "lowest of ten after 100 steps"]],
      (restarts) => set({ restarts }),
    ),
  };
  const trainers = [["Train 1", 1], ["Train 10", 10], ["Train to the end", LAST_EPOCH]].map(
    ([text, epochs]) => button(text, () => draw(run.train(epochs)), { class: epochs > 10 && "play-main" }),
  );
  host.append(
    ...Object.values(groups).map((group) => group.element),
    h("div", { class: "play-row" }, ...trainers,
      button("Back to the start", () => set({})),
      button("New start", () => set({ seed: state.seed + 1 }))),
    h("div", { class: "play-views" }, field, curve),
    says,
  );
  const answers = new Field(field, { label: "" });
  const chart = new Chart(curve, { label: "" });
  let run;

  function set(change) {
    Object.assign(state, change);
    for (const [name, group] of Object.entries(groups)) group.set(state[name]);
    const data = xorSet(state.kind);
    run = new Descent(data, state.method, state.rate, startWeights(data, state.restarts, state.seed));
    answers.setPoints([{ ...data, kind: "train" }]);
    draw();
  }

  function draw() {
    const { goal, losses, accuracy } = run;
    const epoch = losses.length - 1;
    const said = `Start ${state.seed}, epoch ${epoch}: loss ${show(losses.at(-1))}, ${percent(accuracy)} right.`;
    says.textContent = goal ? `${said} The end: ${goal}.` : said;
    for (const each of trainers) each.disabled = Boolean(goal);
    const hidden = new Float64Array(UNITS);
    answers.draw((x, y) => logit(run.weights, UNITS, x, y, hidden));
    answers.describe(`What the network answers around the points. ${said}`);
    chart.describe(`The loss of each epoch. ${said}`);
    chart.draw({
      x: { from: 0, to: Math.max(10, epoch), label: "epoch" },
      y: { from: 0.01, to: 10 ** Math.ceil(Math.log10(Math.max(1, ...losses)) - 1e-9), log: true, label: "loss" },
      lines: [{ name: "loss", kind: "train", ys: losses }],
    });
  }

  onScheme(() => {
    answers.recolor();
    draw();
  });
  set({});
}

register("xor_lab", mountXor);
