// A loss of two weights, and three ways down it from the same start.

import { choice, show, slider } from "./dom.mjs";
import { register } from "./figure.mjs";
import { tanh } from "./numerics.mjs";
import { moveTo, stillOf, telling } from "./steps.mjs";

export const SURFACE_STEPS = 100;
const INPUTS = [-2, -1, -0.5, 0.5, 1, 2];
const TARGETS = INPUTS.map((x) => 1.2 * tanh(1.5 * x));
const SPAN = [3, 2.5]; // the picture shows -3 to 3 across, -2.5 to 2.5 upward

// [loss, derivative by w1, derivative by w2] of the mean squared error of w2 tanh(w1 x).
export function surface([w1, w2]) {
  let [loss, by1, by2] = [0, 0, 0];
  INPUTS.forEach((x, i) => {
    const a = tanh(w1 * x);
    const miss = w2 * a - TARGETS[i];
    loss += (miss * miss) / INPUTS.length;
    by1 += ((2 * miss) / INPUTS.length) * w2 * (1 - a * a) * x;
    by2 += ((2 * miss) / INPUTS.length) * a;
  });
  return [loss, by1, by2];
}

// Each gets the gradient, what it remembers of one weight, and the number of the step; it returns
// how far the weight moves for a rate of 1.
const METHODS = {
  plain: (g) => -g,
  momentum: (g, memory) => -(memory.u = 0.9 * (memory.u || 0) + g),
  Adam(g, memory, step) {
    memory.m = 0.9 * (memory.m || 0) + 0.1 * g;
    memory.v = 0.999 * (memory.v || 0) + 0.001 * g * g;
    const v = memory.v / (1 - 0.999 ** step);
    return -(memory.m / (1 - 0.9 ** step)) / (Math.sqrt(v) + 1e-8);
  },
};

// All points from the start on, [w1, w2] each.
export function descend(method, start, rate) {
  const points = [start];
  const memories = [{}, {}];
  for (let step = 1; step <= SURFACE_STEPS; step++) {
    const [, ...gradient] = surface(points[step - 1]);
    const moved = points[step - 1].map(
      (w, k) => w + rate * METHODS[method](gradient[k], memories[k], step),
    );
    points.push(moved);
  }
  return points;
}

function mountSurface(host) {
  const picture = stillOf(host).querySelector("svg").cloneNode(true);
  const { width, height } = picture.viewBox.baseVal;
  const says = telling();
  const state = { start: [2.8, -0.6], rate: 0.1, steps: SURFACE_STEPS };
  const place = ([w1, w2]) =>
    [(width / 2) * (1 + w1 / SPAN[0]), (height / 2) * (1 - w2 / SPAN[1])].map((v) => v.toFixed(1));
  const within = (point) => point.map((w, k) => Math.max(-SPAN[k], Math.min(SPAN[k], w)));

  const update = (change) => {
    Object.assign(state, change);
    rates.set(state.rate);
    moveTo(steps, state.steps, `${state.steps}`);
    moveTo(across, state.start[0], show(state.start[0], 1));
    moveTo(upward, state.start[1], show(state.start[1], 1));
    const told = Object.keys(METHODS).map((method) => {
      const path = descend(method, state.start, state.rate).slice(0, state.steps + 1);
      const line = picture.querySelector(`.path.${method}`);
      line.setAttribute("d", `M${path.map((point) => place(point).join(" ")).join("L")}`);
      const end = picture.querySelector(`.stop.${method}`);
      end.setAttribute("transform", `translate(${place(within(path.at(-1)))})`);
      const outside = String(within(path.at(-1))) === String(path.at(-1)) ? "" : " (outside)";
      return `${method} ${show(surface(path.at(-1))[0], 6)}${outside}`;
    });
    says.textContent = `Loss after ${state.steps} steps, from ${show(surface(state.start)[0])}: ${told.join(", ")}.`;
  };

  const rates = choice("Learning rate", [0.03, 0.1, 0.3].map((v) => [v, v]), (rate) => update({ rate }));
  const steps = slider("Steps", { min: 0, max: SURFACE_STEPS }, (value) => update({ steps: value }));
  const across = slider("Start, first weight", { min: -3, max: 3, step: 0.1 }, (w) =>
    update({ start: [w, state.start[1]] }),
  );
  const upward = slider("Start, second weight", { min: -2.5, max: 2.5, step: 0.1 }, (w) =>
    update({ start: [state.start[0], w] }),
  );
  picture.classList.add("play-pick");
  picture.addEventListener("click", (event) => {
    const box = picture.getBoundingClientRect();
    const w1 = SPAN[0] * ((2 * (event.clientX - box.left)) / box.width - 1);
    const w2 = SPAN[1] * (1 - (2 * (event.clientY - box.top)) / box.height);
    update({ start: [w1, w2].map((w) => Math.round(10 * w) / 10) });
  });
  host.append(picture, rates.element, steps.element, across.element, upward.element, says);
  update({});
}

register("loss_surface", mountSurface);
