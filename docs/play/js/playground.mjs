// The playground: a small network trains on points in the plane, and every epoch can be looked at.

import { Chart } from "./chart.mjs";
import { button, choice, details, h, percent, show, slider } from "./dom.mjs";
import { asCsv, asJson, asNumpy, copy, download } from "./export.mjs";
import { Field } from "./field.mjs";
import { Animation, announcer, onScheme, prefersStillness, register } from "./figure.mjs";
import { legend } from "./legend.mjs";
import { evaluate, logit } from "./network.mjs";
import { Outcome } from "./outcome.mjs";
import { N_PHASES, Phases, UPDATE } from "./phases.mjs";
import { BUDGET, Run } from "./run.mjs";
import { CHOICES, PRESETS, presetOf, read, write } from "./share.mjs";
import { sigmoid } from "./numerics.mjs";
import { Starts } from "./starts.mjs";

const TITLES = {
  converges: "Converges",
  "too-hot": "Too hot",
  "too-simple": "Too simple",
  overfits: "Overfits",
  "too-slow": "Too slow",
};
const DATA = { xor: "XOR", circle: "circle", spiral: "spiral" };
const SPEEDS = [1, 4, 20, 100];

const describe = ({ data, noise, hidden, rate }) =>
  `${DATA[data]}${noise ? " with noise" : ""}, ${hidden || "no"} hidden units, learning rate ${rate}`;

class Playground {
  constructor(host, { preset, task, share }) {
    this.share = share !== undefined;
    this.speed = 4;
    this.status = announcer();
    this.animation = new Animation(host, () => this.advance(), (playing) => this.onPlaying(playing));
    this.build(host, task);
    const linked = this.share && read(location.hash);
    const follow = () => {
      const told = read(location.hash);
      if (!told) return;
      this.follow(told);
      host.scrollIntoView();
      this.playButton.focus({ preventScroll: true });
    };
    if (linked) this.follow(linked);
    else this.open(PRESETS[preset] || PRESETS.converges);
    if (linked) host.scrollIntoView();
    if (this.share) addEventListener("hashchange", follow);
    onScheme(() => {
      this.field.recolor();
      this.draw();
    });
  }

  // --- what stands where ---

  build(host, task) {
    this.presets = new Map(
      Object.keys(PRESETS).map((name) => [name, button(TITLES[name], () => this.open(PRESETS[name]))]),
    );
    const choose = (key) => (value) => this.open({ ...this.config, [key]: value });
    const named = (key, text) => CHOICES[key].values.map((value) => [value, text(value)]);
    this.choices = {
      data: choice("Data", named("data", (value) => DATA[value]), choose("data")),
      noise: choice("Noise", [[false, "none"], [true, "some"]], choose("noise")),
      hidden: choice("Hidden units", named("hidden", String), choose("hidden")),
      rate: choice("Learning rate", named("rate", String), choose("rate")),
    };
    const renew = (key) => () => this.open({ ...this.config, [key]: (this.config[key] + 1) % 1000 });
    this.newWeights = button("", renew("weights"));
    this.newPoints = button("", renew("sample"));

    const fieldHost = h("div");
    const chartHost = h("div", { class: "play-curves" });
    this.playButton = button("Play", () => this.toggle(), { class: "play-main" });
    this.time = slider("Epoch", { min: 0, max: BUDGET }, (epoch) => this.stop().go(epoch));
    this.bestButton = button("Best epoch", () => this.stop().go(this.best));
    const speed = choice("Epochs a frame", SPEEDS.map((n) => [n, String(n)]), (n) => (this.speed = n));
    speed.set(this.speed);
    this.outcome = new Outcome();
    this.table = h("table", { class: "play-numbers" });
    this.probe = h("p", { class: "play-probe" });
    this.phases = new Phases();
    this.starts = new Starts(this.status.say, (weights) => {
      this.open({ ...this.config, weights });
      this.go(BUDGET);
    });
    this.copied = h("textarea", { hidden: true, readonly: true, rows: 8, "aria-label": "Text to copy" });
    const row = (kind, ...children) => h("div", { class: `play-row ${kind}` }, ...children);

    host.append(
      ...(task ? [h("p", { class: "play-task" }, task)] : []),
      h("div", { class: "play-row play-presets", role: "group", "aria-label": "Experiments" }, ...this.presets.values()),
      row("", ...Object.values(this.choices).map((each) => each.element), this.newWeights, this.newPoints),
      row(
        "play-transport",
        this.playButton,
        button("+1 epoch", () => this.stop().go(this.epoch + 1)),
        button("To the end", () => this.stop().go(BUDGET)),
        this.bestButton,
        button("Reset", () => this.open(this.config)),
        prefersStillness() ? null : speed.element,
      ),
      h(
        "div",
        { class: "play-views" },
        h("div", { class: "play-pane" }, fieldHost, this.probe, legend("field"), this.table),
        h("div", { class: "play-pane" }, chartHost, this.time.element, legend("curves"), this.outcome.element),
      ),
      this.status.element,
      details("One epoch, phase by phase", button("Next phase", () => this.nextPhase()), this.phases.element),
      details("Twenty other starts", this.starts.element),
      details("Take the run along", this.exports(), this.copied),
    );
    this.field = new Field(fieldHost, { label: "", onhover: (x, y) => this.readField(x, y) });
    this.chart = new Chart(chartHost, {
      label: "",
      onpick: (epoch) => this.stop().go(Math.round(epoch)),
      onhover: (epoch) => this.readCurves(epoch === null ? this.epoch : Math.round(epoch)),
    });
  }

  exports() {
    const name = () => `${presetOf(this.config) || "run"}-${this.config.weights}-${this.config.sample}`;
    const copying = (text) => async () => {
      const done = await copy(text(), this.copied);
      this.status.say(done ? "Copied." : "Copy the selected text with your keyboard.", true);
    };
    return h(
      "div",
      { class: "play-row" },
      button("CSV", () => download(`${name()}.csv`, "text/csv", asCsv(this.run))),
      button("JSON", () => download(`${name()}.json`, "application/json", asJson(this.run))),
      button("Copy as NumPy", copying(() => asNumpy(this.run))),
      this.share && button("Copy link", copying(() => location.href)),
    );
  }

  // --- what can be done ---

  // Begin a run anew, with the same or with another configuration.
  open(config) {
    this.stop();
    const before = this.config || {};
    const changed = Object.keys(config).filter((key) => config[key] !== before[key]);
    if (changed.some((key) => key !== "weights")) this.starts.set(config);
    this.config = config;
    this.run = new Run(config);
    this.epoch = this.seen = this.phase = 0;
    for (const [key, each] of Object.entries(this.choices)) each.set(config[key]);
    const preset = presetOf(config);
    for (const [name, each] of this.presets) each.setAttribute("aria-pressed", name === preset);
    this.newWeights.textContent = `New weights (${config.weights})`;
    this.newPoints.textContent = `New points (${config.sample})`;
    const { train, test } = this.run.data;
    this.field.setPoints([{ ...train, kind: "train" }, { ...test, kind: "test" }]);
    this.draw();
    this.status.say(`${changed.length ? "" : "Reset. "}${describe(config)}. Epoch 0.`);
    this.remember();
  }

  // Look at an epoch; train as far as that takes.
  go(epoch) {
    this.run.trainTo(epoch);
    this.phase = 0;
    this.show(Math.max(0, Math.min(epoch, this.run.epochs)));
    this.remember();
    if (this.ended && this.epoch === this.run.epochs) this.status.say(this.sentence);
  }

  show(epoch) {
    this.epoch = epoch;
    this.seen = Math.max(this.seen, epoch);
    this.draw();
  }

  // One frame of the animation.
  advance() {
    this.run.trainTo(this.epoch + this.speed);
    this.phase = 0;
    this.show(Math.min(this.epoch + this.speed, this.run.epochs));
    return !(this.ended && this.epoch === this.run.epochs);
  }

  toggle() {
    if (this.animation.playing) return this.animation.pause();
    if (this.ended && this.epoch === this.run.epochs) this.show(0);
    if (prefersStillness()) return this.go(BUDGET);
    this.animation.play();
  }

  stop() {
    this.animation.pause();
    return this;
  }

  onPlaying(playing) {
    this.playButton.textContent = playing ? "Pause" : "Play";
    if (playing) return this.status.say("Training.");
    this.remember();
    this.status.say(this.ended ? this.sentence : `Paused at epoch ${this.epoch}. ${this.sentence}`);
  }

  nextPhase() {
    this.stop();
    if (this.phase === N_PHASES) this.phase = 0;
    if (!this.phase && this.ended && this.epoch === this.run.epochs) {
      this.status.say("The run has ended. Reset it, or go back to an earlier epoch.", true);
      return;
    }
    this.phase++;
    this.run.trainTo(this.epoch + 1);
    if (this.phase < N_PHASES) this.draw();
    else this.show(this.epoch + 1);
    this.status.say(this.phaseText);
  }

  // Open what a link says.
  follow(linked) {
    this.open(linked.config);
    if (linked.epoch) this.go(linked.epoch);
    if (linked.problems.length)
      this.status.say(`The link holds what can't be, and it is left out: ${linked.problems.join(", ")}`, true);
  }

  remember() {
    if (this.share && this.run) history.replaceState(null, "", write(this.config, this.epoch));
  }

  // --- what is seen ---

  get ended() {
    return this.run.end && this.seen === this.run.epochs;
  }

  draw() {
    const { run, epoch, seen, config, phase } = this;
    const [train, test] = run.curves.map((curve) => curve.subarray(0, seen + 1));
    this.best = test.reduce((best, loss, e) => (loss < test[best] ? e : best), 0);
    const shown = phase >= UPDATE && phase < N_PHASES ? epoch + 1 : epoch;
    const weights = run.weightsAt(shown);
    const activations = new Float64Array(config.hidden);
    this.logit = (x, y) => logit(weights, config.hidden, x, y, activations);
    this.field.draw(this.logit, config.hidden ? null : weights);

    const to = [50, 100, 200, 500, 1000, 2000, BUDGET].find((n) => n > seen || n === BUDGET);
    let [low, high] = [1, 0];
    for (const curve of [train, test]) {
      for (const loss of curve) {
        if (loss < low) low = loss;
        if (loss > high) high = loss;
      }
    }
    this.chart.draw({
      x: { from: 0, to, label: "epoch" },
      y: {
        from: 10 ** Math.max(-4, Math.min(-2, Math.floor(Math.log10(low)))),
        to: [1, 2, 5, 10, 20, 50, 100].find((n) => n >= high) || 1000,
        log: true,
        label: "loss (log scale)",
      },
      lines: [
        { kind: "test", ys: test },
        { kind: "train", ys: train },
      ],
      marks: seen ? [{ x: this.best, y: test[this.best], kind: "best", text: `best test: ${this.best}` }] : [],
      cursor: epoch,
    });
    this.sentence = this.outcome.draw(run, seen);
    this.numbers(epoch);
    this.probe.textContent = "Point at the field to read it.";
    this.phaseText = this.phases.draw(run, phase === N_PHASES ? epoch - 1 : epoch, phase);
    const text = `epoch ${epoch}: training loss ${show(train[epoch])}, test loss ${show(test[epoch])}`;
    this.time.set(epoch, text, to);
    this.readCurves(epoch);
    this.bestButton.disabled = !seen;
    const state = `${describe(config)}. ${text}.`;
    this.field.describe(`What the network answers on the plane, and its 60 points. ${state}`);
    this.chart.describe(`Training and test loss by epoch. ${state} ${this.sentence}`);
  }

  numbers(epoch) {
    const { run, config, best } = this;
    const row = (name, set, at) => {
      const { loss, accuracy } = evaluate(run.weightsAt(at), config.hidden, set);
      const cells = [show(loss), percent(accuracy)].map((text) => h("td", {}, text));
      return h("tr", {}, h("th", { scope: "row" }, name), ...cells);
    };
    const head = ["", "loss", "accuracy"].map((text) => (text ? h("th", { scope: "col" }, text) : h("td")));
    this.table.replaceChildren(
      h("tr", {}, ...head),
      row("training", run.data.train, epoch),
      row("test", run.data.test, epoch),
      row(`test, best epoch ${best}`, run.data.test, best),
    );
  }

  readCurves(epoch) {
    const [train, test] = this.run.curves;
    const at = Math.max(0, Math.min(epoch, this.seen));
    const count = this.ended ? `${at} of ${this.run.epochs}` : at;
    this.time.say(`${count}: training ${show(train[at])}, test ${show(test[at])}`);
  }

  readField(x, y) {
    const p = x === null ? null : sigmoid(this.logit(x, y));
    this.probe.textContent =
      p === null
        ? "Point at the field to read it."
        : `At (${show(x, 1)}, ${show(y, 1)}): class 1 with probability ${show(p, 2)}`;
  }
}

register("playground", (host, options) => new Playground(host, options));
