// Arithmetic with the same result, to the bit, in every browser and in Python (docs/play/engine.py):
// only + - * / and comparisons of doubles, in a fixed order. Math.exp, Math.tanh and Math.log1p
// may differ between engines in their last bits, so they don't appear here.

const LN2_HIGH = 6.93147180369123816490e-1;
const LN2_LOW = 1.90821492927058770002e-10;
const INVERSE_LN2 = 1.44269504088896338700;

const POWERS_OF_2 = new Float64Array(2046); // 2^-1022 to 2^1023, each exact
POWERS_OF_2[1022] = 1;
for (let k = 1023; k < 2046; k++) POWERS_OF_2[k] = 2 * POWERS_OF_2[k - 1];
for (let k = 1021; k >= 0; k--) POWERS_OF_2[k] = POWERS_OF_2[k + 1] / 2;

const EXP = []; // 1/13!, ..., 1/1!, 1/0!
for (let k = 0, factorial = 1; k < 14; factorial *= ++k) EXP.unshift(1 / factorial);
const ATANH = []; // 1/33, ..., 1/3, 1
for (let k = 0; k < 17; k++) ATANH.unshift(1 / (2 * k + 1));

function horner(coefficients, x) {
  let sum = coefficients[0];
  for (let i = 1; i < coefficients.length; i++) sum = sum * x + coefficients[i];
  return sum;
}

// e^x as 2^k e^r with |r| <= ln(2)/2 (Cody and Waite), e^r from its Taylor polynomial.
export function exp(x) {
  if (x < -708) return 0;
  if (x > 709) return Infinity;
  const k = Math.floor(x * INVERSE_LN2 + 0.5);
  const r = x - k * LN2_HIGH - k * LN2_LOW;
  return horner(EXP, r) * POWERS_OF_2[k + 1022];
}

export function sigmoid(z) {
  const e = exp(-Math.abs(z));
  return (z < 0 ? e : 1) / (1 + e);
}

export function tanh(x) {
  const e = exp(-2 * Math.abs(x));
  const t = (1 - e) / (1 + e);
  return x < 0 ? -t : t;
}

// Binary cross-entropy of sigmoid(z) and a label of 0 or 1, from z, so that it is always finite:
// log(1 + e^s) with s = z for label 0 and -z for label 1; log(1 + u) = 2 atanh(u / (2 + u)).
export function logisticLoss(z, label) {
  const s = label ? -z : z;
  const u = exp(-Math.abs(z));
  const v = u / (2 + u);
  return (s > 0 ? s : 0) + 2 * v * horner(ATANH, v * v);
}

// Uniform numbers in [0, 1): the generator mulberry32 of Tommy Ettinger, in the public domain.
export function generator(seed) {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

// Nearly normal, mean 0 and deviation 1: the sum of twelve uniform numbers, which is exact.
export function normal(uniform) {
  let sum = -6;
  for (let i = 0; i < 12; i++) sum += uniform();
  return sum;
}

// [cos, sin] of an angle: the Taylor polynomial for a 64th of it, doubled six times.
export function direction(angle) {
  const a = angle / 64;
  const q = a * a;
  let c = 1 - (q / 2) * (1 - (q / 12) * (1 - (q / 30) * (1 - q / 56)));
  let s = a * (1 - (q / 6) * (1 - (q / 20) * (1 - (q / 42) * (1 - q / 72))));
  for (let i = 0; i < 6; i++) [c, s] = [c * c - s * s, 2 * c * s];
  return [c, s];
}
