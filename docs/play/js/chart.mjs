// A chart of lines with axes, in SVG: its colors come from the style sheet, and it prints.

import { svg } from "./dom.mjs";
import { onResize } from "./figure.mjs";

const LEFT = 46;
const RIGHT = 20;
const TOP = 12;
const BOTTOM = 40;

function scale({ from, to, log }, start, end) {
  const f = log ? Math.log10 : (value) => value;
  const [low, high] = [f(from), f(to)];
  const place = (value) => {
    const share = (f(log ? Math.max(value, from / 10) : value) - low) / (high - low);
    return start + (end - start) * Math.max(-0.02, Math.min(1.02, share));
  };
  place.invert = (position) => {
    const value = low + ((position - start) / (end - start)) * (high - low);
    return log ? 10 ** value : value;
  };
  return place;
}

// Where an axis has numbers: at the powers of ten, or about five round ones.
function ticks({ from, to, log }) {
  const list = [];
  if (log) {
    for (let k = Math.round(Math.log10(from)); k <= Math.log10(to) + 1e-9; k++) list.push(10 ** k);
    return list;
  }
  const rough = (to - from) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((k) => k * power).find((each) => each >= rough);
  for (let k = Math.ceil(from / step - 1e-9); k * step <= to + step * 1e-9; k++) list.push(k * step);
  return list;
}

const tickText = (value) => (value ? String(+value.toPrecision(3)) : "0").replace("-", "\u2212");

// The path of a line. Of many values within one pixel, the smallest and the largest are drawn.
function path({ xs, ys }, X, Y) {
  let d = "";
  let column = null;
  let low = 0;
  let high = 0;
  let last = 0;
  const flush = () => {
    if (column === null) return;
    d += `${d ? "L" : "M"}${column} ${low.toFixed(1)}`;
    if (high - low > 0.5) d += `V${high.toFixed(1)}`;
    if (Math.abs(last - high) > 0.5) d += `V${last.toFixed(1)}`;
  };
  for (let i = 0; i < ys.length; i++) {
    if (!Number.isFinite(ys[i])) continue;
    const x = Math.round(2 * X(xs ? xs[i] : i)) / 2;
    const y = Y(ys[i]);
    if (x !== column) {
      flush();
      column = x;
      low = high = y;
    }
    low = Math.min(low, y);
    high = Math.max(high, y);
    last = y;
  }
  flush();
  return d;
}

// draw({ x, y, lines, marks, cursor }): axes are { from, to, log, label }; a line is
// { kind, ys, xs } (without xs: 0, 1, 2, ...), its `kind` the class that the style sheet colors,
// the last on top; a mark is { x, y, kind, text }; the cursor is an x, with a dot on every line.
// `onpick(x)` is called where somebody clicks or drags, `onhover(x or null)` where they point.
export class Chart {
  constructor(host, { label, onpick, onhover }) {
    this.element = svg("svg", { class: "play-chart", role: "img", "aria-label": label });
    host.append(this.element);
    this.host = host;
    const at = (event) => {
      const x = this.X.invert(event.clientX - this.element.getBoundingClientRect().left);
      return Math.max(this.content.x.from, Math.min(this.content.x.to, x));
    };
    if (onpick) {
      this.element.classList.add("play-pick");
      this.element.addEventListener("pointerdown", (event) => {
        this.element.setPointerCapture(event.pointerId);
        onpick(at(event));
      });
    }
    this.element.addEventListener("pointermove", (event) => {
      if (onpick && event.buttons) onpick(at(event));
      if (onhover) onhover(at(event));
    });
    if (onhover) this.element.addEventListener("pointerleave", () => onhover(null));
    onResize(host, () => this.content && this.draw(this.content));
  }

  describe(text) {
    this.element.setAttribute("aria-label", text);
  }

  draw(content) {
    this.content = content;
    const width = this.host.clientWidth;
    const height = this.host.clientHeight;
    if (!width || !height) return;
    const X = scale(content.x, LEFT, width - RIGHT);
    const Y = scale(content.y, height - BOTTOM, TOP);
    this.X = X;
    this.element.setAttribute("viewBox", `0 0 ${width} ${height}`);
    const bottom = height - BOTTOM;
    this.element.replaceChildren(
      ...ticks(content.y).flatMap((value) => [
        svg("path", { class: "grid", d: `M${LEFT} ${Y(value)}H${width - RIGHT}` }),
        svg("text", { x: LEFT - 6, y: Y(value) + 4, class: "end" }, tickText(value)),
      ]),
      ...ticks(content.x).flatMap((value) => [
        svg("path", { class: "grid", d: `M${X(value)} ${bottom}v4` }),
        svg("text", { x: X(value), y: bottom + 17, class: "middle" }, tickText(value)),
      ]),
      svg("path", { class: "axis", d: `M${LEFT} ${TOP}V${bottom}H${width - RIGHT}` }),
      svg("text", { x: (LEFT + width) / 2, y: height - 5, class: "middle title" }, content.x.label),
      svg("text", { x: 0, y: 0, class: "middle title", transform: `translate(11 ${(TOP + bottom) / 2}) rotate(-90)` }, content.y.label),
      ...content.lines.map((line) => svg("path", { class: `line ${line.kind}`, d: path(line, X, Y) })),
      ...(content.marks || []).flatMap((mark) => this.mark(mark, X, Y, width)),
      ...this.cursor(content, X, Y, bottom),
    );
  }

  mark({ x, y, kind, text }, X, Y, width) {
    const right = X(x) > width - 110;
    return [
      svg("path", { class: `mark ${kind}`, d: `M${X(x)} ${Y(y) - 6}l6 6l-6 6l-6 -6z` }),
      svg("text", { class: `mark-text ${right ? "end" : ""}`, x: X(x) + (right ? -10 : 10), y: Y(y) + 16 }, text),
    ];
  }

  cursor({ cursor, lines }, X, Y, bottom) {
    if (cursor == null) return [];
    const dots = lines.map((line) => {
      const y = valueAt(line, cursor);
      return y == null ? null : svg("circle", { class: `dot ${line.kind}`, cx: X(cursor), cy: Y(y), r: 4 });
    });
    return [
      svg("path", { class: "cursor", d: `M${X(cursor)} ${TOP}V${bottom}` }),
      ...dots.filter(Boolean),
    ];
  }
}

// The value of a line at the nearest of its x, or null beyond its end.
export function valueAt({ xs, ys }, x) {
  let i = Math.round(x);
  if (xs) {
    i = 0;
    for (let k = 1; k < xs.length; k++) if (Math.abs(xs[k] - x) < Math.abs(xs[i] - x)) i = k;
  }
  return Number.isFinite(ys[i]) ? ys[i] : null;
}
