// What a network answers everywhere in a square around the points, and the points themselves.

import { h, svg } from "./dom.mjs";

const CELLS = 96; // cells a side
const CORNERS = [[0, 0], [1, 0], [1, 1], [0, 1]]; // of a cell, around it
const SHOWN = 5; // logits beyond it look the same

// The color of class 0, of "can't say" and of class 1, as [r, g, b], from the style sheet.
function palette(element) {
  const style = getComputedStyle(element);
  const color = (name) => style.getPropertyValue(name).trim().split(/\s+/).map(Number);
  const [zero, unsure, one] = ["--play-zero", "--play-unsure", "--play-one"].map(color);
  const table = new Uint8ClampedArray(3 * 256);
  for (let i = 0; i < 256; i++) {
    const certain = 2 / (1 + Math.exp(-SHOWN * (i / 127.5 - 1))) - 1;
    const end = certain < 0 ? zero : one;
    for (let k = 0; k < 3; k++)
      table[3 * i + k] = unsure[k] + (end[k] - unsure[k]) * Math.abs(certain);
  }
  return table;
}

const SHAPE = {
  1: (x, y) => `M${x - 2} ${y}a2 2 0 1 0 4 0a2 2 0 1 0 -4 0z`,
  0: (x, y) => `M${x} ${y - 2.5}l2.35 4.1h-4.7z`,
};

export class Field {
  constructor(host, { label, onhover }) {
    this.canvas = h("canvas", { width: CELLS, height: CELLS });
    this.marks = svg("svg", { viewBox: "0 0 100 100", role: "img", "aria-label": label });
    this.boundary = svg("path", { class: "boundary" });
    this.element = h("div", { class: "play-field" }, this.canvas, this.marks);
    host.append(this.element);
    this.context = this.canvas.getContext("2d");
    this.image = this.context.createImageData(CELLS, CELLS);
    this.logits = new Float64Array((CELLS + 1) * (CELLS + 1));
    this.points = [];
    this.recolor();
    if (!onhover) return;
    const read = (event) => {
      const box = this.element.getBoundingClientRect();
      const x = this.limit * ((2 * (event.clientX - box.left)) / box.width - 1);
      onhover(x, this.limit * (1 - (2 * (event.clientY - box.top)) / box.height));
    };
    this.element.addEventListener("pointermove", read);
    this.element.addEventListener("pointerdown", read); // a finger only taps
    this.element.addEventListener("pointerleave", () => onhover(null));
  }

  // From the square's coordinates to those of the drawing, 0 to 100.
  place(v) {
    return 50 + (50 * v) / this.limit;
  }

  describe(text) {
    this.marks.setAttribute("aria-label", text);
  }

  // Read the colors again, after the page has turned dark or light; then draw.
  recolor() {
    this.colors = null;
  }

  // Show the points of sets such as { n, x, y, labels, kind }; `kind` is "train" or "test".
  setPoints(sets) {
    this.limit = Math.max(3.3, ...sets.flatMap(({ x, y }) => [...x, ...y].map((v) => 1.06 * Math.abs(v))));
    const place = (v) => this.place(v);
    this.points = sets.flatMap(({ n, x, y, labels, kind }) =>
      Array.from({ length: n }, (_, i) => {
        const [px, py] = [place(x[i]), 100 - place(y[i])];
        const shape = svg("path", { class: `point ${kind} c${labels[i]}`, d: SHAPE[labels[i]](px, py) });
        const ring = svg("circle", { class: "wrong", cx: px, cy: py, r: 3.6 });
        return { x: x[i], y: y[i], label: labels[i], ring, shape };
      }),
    );
    const axes = svg("path", { class: "axes", d: "M50 0V100M0 50H100" });
    const marks = this.points.flatMap(({ ring, shape }) => [ring, shape]);
    this.marks.replaceChildren(axes, this.boundary, ...marks);
  }

  // Draw the answers of `logit(x, y)`; `line` = [w_x, w_y, b] gives the boundary of a straight one.
  draw(logit, line) {
    this.colors ??= palette(this.element);
    const { colors, logits, image, limit } = this;
    for (let row = 0, i = 0; row <= CELLS; row++) {
      const y = limit * (1 - (2 * row) / CELLS);
      for (let column = 0; column <= CELLS; column++)
        logits[i++] = logit(limit * ((2 * column) / CELLS - 1), y);
    }
    for (let row = 0, pixel = 0; row < CELLS; row++) {
      for (let column = 0; column < CELLS; column++, pixel += 4) {
        const i = row * (CELLS + 1) + column;
        const z = (logits[i] + logits[i + CELLS + 2]) / 2;
        const share = (Math.max(-1, Math.min(1, z / SHOWN)) + 1) / 2;
        const color = 3 * Math.round(255 * share);
        for (let k = 0; k < 3; k++) image.data[pixel + k] = colors[color + k];
        image.data[pixel + 3] = 255;
      }
    }
    this.context.putImageData(image, 0, 0);
    this.boundary.setAttribute("d", line ? this.straight(line) : this.contour(logit));
    for (const { x, y, label, ring } of this.points)
      ring.classList.toggle("shown", logit(x, y) > 0 !== (label === 1));
  }

  // The curve on which the logit is 0, cell by cell (marching squares). Where it crosses the side of
  // a cell is found by halving that side.
  contour(logit) {
    const { logits, limit } = this;
    const at = (v) => limit * ((2 * v) / CELLS - 1);
    let d = "";
    for (let row = 0; row < CELLS; row++) {
      for (let column = 0; column < CELLS; column++) {
        const i = row * (CELLS + 1) + column;
        const corners = [logits[i], logits[i + 1], logits[i + CELLS + 2], logits[i + CELLS + 1]];
        const above = corners.filter((z) => z > 0).length;
        if (above === 0 || above === 4) continue;
        const crossings = [];
        for (let side = 0; side < 4; side++) {
          const [from, to] = [corners[side], corners[(side + 1) % 4]];
          if (from > 0 === to > 0) continue;
          const [x, y] = CORNERS[side];
          const [u, v] = CORNERS[(side + 1) % 4];
          let [low, high] = [0, 1];
          const place = (t) => [column + x + t * (u - x), row + y + t * (v - y)];
          for (let k = 0; k < 6; k++) {
            const middle = (low + high) / 2;
            const [px, py] = place(middle);
            if (logit(at(px), -at(py)) > 0 === from > 0) low = middle;
            else high = middle;
          }
          crossings.push(place(low).map((c) => ((100 * c) / CELLS).toFixed(2)).join(" "));
        }
        for (let k = 0; k < crossings.length; k += 2) d += `M${crossings[k]}L${crossings[k + 1]}`;
      }
    }
    return d;
  }

  // The line w_x x + w_y y + b = 0 through the square.
  straight([wx, wy, b]) {
    const far = 2 * this.limit;
    const ends = Math.abs(wy) > Math.abs(wx)
      ? [-far, far].map((x) => [x, -(wx * x + b) / wy])
      : [-far, far].map((y) => [-(wy * y + b) / wx, y]);
    if (!ends.flat().every(Number.isFinite)) return "";
    return `M${ends.map(([x, y]) => `${this.place(x)} ${100 - this.place(y)}`).join("L")}`;
  }
}
