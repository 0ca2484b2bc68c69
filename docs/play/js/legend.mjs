// What every mark means.

import { h, svg } from "./dom.mjs";

const icon = (d, kind) =>
  svg("svg", { class: "play-icon", viewBox: "0 0 16 16", "aria-hidden": "true" }, svg("path", { class: kind, d }));

const DISC = "M3 8a5 5 0 1 0 10 0a5 5 0 1 0 -10 0z";
const TRIANGLE = "M8 2.5l5.5 10h-11z";

const MARKS = {
  field: [
    [DISC, "point train c1", "class 1"],
    [TRIANGLE, "point train c0", "class 0"],
    [DISC, "point test c1", "hollow: test"],
    ["M2 8a6 6 0 1 0 12 0a6 6 0 1 0 -12 0z", "wrong shown", "wrong answer"],
    ["M1 8h14", "boundary", "undecided"],
  ],
  curves: [
    ["M0 8h16", "line train", "training loss"],
    ["M0 8h16", "line test", "test loss"],
    ["M8 3l5 5l-5 5l-5 -5z", "mark best", "best test epoch"],
  ],
};

export function legend(name) {
  const items = MARKS[name].map(([d, kind, text]) => h("li", {}, icon(d, kind), text));
  return h("ul", { class: "play-legend" }, ...items);
}
