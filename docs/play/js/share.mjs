// What can be chosen, and the state of a playground as the end of an address:
// #playground?data=circle&noise=1&hidden=8&rate=0.3&weights=1&sample=22&epoch=271

import { BUDGET } from "./run.mjs";

const SEEDS = 1000; // 0 to 999

const oneOf = (values) => ({ values, valid: (value) => values.includes(value) });
const whole = (limit) => ({ valid: (value) => Number.isInteger(value) && value >= 0 && value < limit });

export const CHOICES = {
  data: oneOf(["xor", "circle", "spiral"]),
  noise: oneOf([false, true]),
  hidden: oneOf([0, 1, 2, 3, 4, 8]),
  rate: oneOf([0.03, 0.1, 0.3, 1, 3, 10, 30]),
  weights: whole(SEEDS),
  sample: whole(SEEDS),
};

const base = { data: "xor", noise: false, hidden: 4, rate: 0.3, weights: 1, sample: 22 };

// As PRESETS of docs/play/engine.py; a test compares them.
export const PRESETS = {
  converges: base,
  "too-hot": { ...base, rate: 30 },
  "too-simple": { ...base, hidden: 0 },
  overfits: { ...base, data: "circle", noise: true, hidden: 8 },
  "too-slow": { ...base, rate: 0.03 },
};

export function write(config, epoch) {
  const values = Object.entries(config).map(([key, value]) => `${key}=${Number.isNaN(+value) ? value : +value}`);
  return `#playground?${values.join("&")}&epoch=${epoch}`;
}

// Return the configuration and epoch of an address's end, or null if it is about something else.
// What is missing is as in the first preset; what can't be is named in `problems`, and left out.
export function read(fragment) {
  const [place, query] = fragment.split("?");
  if (place !== "#playground" || !query) return null;
  const config = { ...base };
  const problems = [];
  let epoch = 0;
  for (const [key, text] of new URLSearchParams(query)) {
    const value = key === "data" ? text : key === "noise" && text in [0, 1] ? text === "1" : text ? +text : NaN;
    if (key === "epoch" && whole(BUDGET + 1).valid(value)) epoch = value;
    else if (Object.hasOwn(CHOICES, key) && CHOICES[key].valid(value)) config[key] = value;
    else problems.push(`${key.slice(0, 20)}=${text.slice(0, 20)}`);
  }
  return { config, epoch, problems };
}

// The name of the preset that a configuration is, if it is one.
export function presetOf(config) {
  const same = (preset) => Object.keys(preset).every((key) => preset[key] === config[key]);
  return Object.keys(PRESETS).find((name) => same(PRESETS[name]));
}
