// The same experiment from twenty other starting weights: what of its outcome is luck?

import { button, h, show, svg } from "./dom.mjs";
import { BUDGET, Run, SOLVED } from "./run.mjs";

const N_STARTS = 20;
const SIGN = { converged: "\u2713", overfit: "\u2197", underfit: "\u2192", unstable: "\u2248" };

function sparkline(run) {
  const [train, test] = run.curves;
  const path = (ys) => {
    const points = [];
    for (let i = 0; i <= 40; i++) {
      const y = ys[Math.round((i / 40) * (ys.length - 1))];
      points.push(`${i} ${(20 - 5 * (Math.log10(Math.max(0.003, y)) + 2.6)).toFixed(1)}`);
    }
    return `M${points.join("L")}`;
  };
  return svg(
    "svg",
    { viewBox: "0 0 40 22", "aria-hidden": "true" },
    svg("path", { class: "line test", d: path(test) }),
    svg("path", { class: "line train", d: path(train) }),
  );
}

// How often each diagnosis came up, and how often the training loss got low enough to pause.
function summary(runs) {
  const counts = new Map();
  for (const { diagnosis } of runs) counts.set(diagnosis, (counts.get(diagnosis) || 0) + 1);
  const parts = [...counts].sort((a, b) => b[1] - a[1]).map(([name, n]) => `${n} \u00d7 ${name}`);
  const paused = runs.filter((run) => run.end === "solved").length;
  const luck = (sure) => (sure ? "does not depend on the start" : "is partly the luck of the start");
  return `${parts.join(", ")}: the diagnosis ${luck(counts.size === 1)}. ${paused} of ${N_STARTS} paused with a training loss below ${SOLVED}: that ${luck(paused % N_STARTS === 0)}.`;
}

export class Starts {
  // `onpick(seed)` is called when somebody chooses one of the twenty.
  constructor(say, onpick) {
    this.say = say;
    this.onpick = onpick;
    this.strip = h("ol", { class: "play-starts" });
    this.result = h("p", { class: "play-note" });
    this.start = button("Train twenty", () => this.run());
    this.element = h("div", {}, this.start, this.strip, this.result);
  }

  set(config) {
    this.token = null;
    this.config = config;
    this.strip.replaceChildren();
    this.result.textContent = "";
    this.start.disabled = false;
  }

  // One run a slice of time, so that the page stays responsive.
  run() {
    const token = (this.token = {});
    const runs = [];
    this.strip.replaceChildren();
    this.start.disabled = true;
    const next = () => {
      if (token !== this.token) return;
      const run = new Run({ ...this.config, weights: runs.length + 1 }).trainTo(BUDGET);
      runs.push(run);
      this.strip.append(this.cell(run));
      run.history = null;
      if (runs.length < N_STARTS) {
        this.result.textContent = `${runs.length} of ${N_STARTS} trained`;
        setTimeout(next);
        return;
      }
      this.start.disabled = false;
      this.result.textContent = summary(runs);
      this.say(this.result.textContent);
    };
    next();
  }

  cell(run) {
    const { weights } = run.config;
    const text = `${run.diagnosis} after ${run.epochs} epochs, training loss ${show(run.train[run.epochs])}, test loss ${show(run.test[run.epochs])}`;
    const cell = button("", () => this.onpick(weights), {
      class: run.diagnosis,
      title: text,
      "aria-label": `Start ${weights}: ${text}`,
    });
    const sign = h("span", { "aria-hidden": "true" }, `${SIGN[run.diagnosis]} ${weights}`);
    cell.append(sparkline(run), sign);
    return h("li", {}, cell);
  }
}
