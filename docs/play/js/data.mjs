// The examples: points of two classes in the square from -3 to 3.

import { direction, generator, normal } from "./numerics.mjs";

export const N_TRAIN = 40;
export const N_TEST = 20;

const square = (uniform) => 2 * uniform() - 1;

// Each takes the number of a point among the n of its set and returns [x, y, label], with x and y
// from -1 to 1. Classes (and the quadrants of XOR) take turns, so both sets are balanced.
const SHAPES = {
  xor(i, n, uniform) {
    const [right, up] = [[1, 1], [1, -1], [-1, -1], [-1, 1]][i % 4];
    const x = right * (0.15 + 0.85 * uniform());
    return [x, up * (0.15 + 0.85 * uniform()), right === up ? 1 : 0];
  },
  circle(i, n, uniform) {
    const label = i % 2;
    for (;;) {
      const x = square(uniform);
      const y = square(uniform);
      const q = x * x + y * y;
      if (label ? q < 0.2025 : q > 0.49 && q < 1) return [x, y, label];
    }
  },
  spiral(i, n, uniform) {
    const label = i % 2;
    const t = 0.1 + (0.9 * Math.floor(i / 2)) / (n / 2 - 1) + 0.02 * square(uniform);
    const [c, s] = direction(t * 7.853981633974483);
    const sign = label ? -1 : 1;
    return [sign * t * c, sign * t * s, label];
  },
};

// Return the training set and the test set, each {n, x, y, labels}.
export function makeData({ data, noise, sample }) {
  const uniform = generator(sample);
  const points = [];
  for (const n of [N_TRAIN, N_TEST])
    for (let i = 0; i < n; i++) points.push(SHAPES[data](i, n, uniform));
  const [x, y, labels] = [0, 1, 2].map((k) => Float64Array.from(points, (point) => point[k]));
  // The noise is drawn last: the noisy points are the clean ones, moved.
  for (let i = 0; i < points.length; i++) {
    x[i] = 3 * (noise ? x[i] + 0.2 * normal(uniform) : x[i]);
    y[i] = 3 * (noise ? y[i] + 0.2 * normal(uniform) : y[i]);
  }
  const part = (from, n) => ({
    n,
    x: x.subarray(from, from + n),
    y: y.subarray(from, from + n),
    labels: labels.subarray(from, from + n),
  });
  return { train: part(0, N_TRAIN), test: part(N_TRAIN, N_TEST) };
}
