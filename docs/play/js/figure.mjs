// What all figures share: finding their places on the page, the animation, the spoken outcome.

import { h } from "./dom.mjs";

const figures = new Map();

// `mount(host, options)` builds a figure in an element; it gets the options of the page's fence.
export function register(name, mount) {
  figures.set(name, mount);
}

// Turn every <figure class="play" data-play="NAME" data-...> into what answers back. The still
// picture in it stays for print.
export function start() {
  for (const place of document.querySelectorAll("figure.play[data-play]")) {
    const mount = figures.get(place.dataset.play);
    if (!mount) continue;
    const host = h("div", { class: "play-live" });
    place.prepend(host);
    place.classList.add("play-ready"); // first, so that a figure knows its size and its colors
    mount(host, { ...place.dataset });
  }
}

const stillness = matchMedia("(prefers-reduced-motion: reduce)");
export const prefersStillness = () => stillness.matches;

// Calls `frame()` once a frame until it returns false or `pause` is called; a figure that leaves
// the screen pauses. `onchange` is told when the animation starts and stops.
export class Animation {
  constructor(host, frame, onchange) {
    this.playing = false;
    this.frame = frame;
    this.onchange = onchange;
    new IntersectionObserver(([entry]) => entry.isIntersecting || this.pause()).observe(host);
    document.addEventListener("visibilitychange", () => document.hidden && this.pause());
  }

  play() {
    if (this.playing) return;
    this.playing = true;
    this.onchange(true);
    const tick = () => {
      if (!this.playing) return;
      if (this.frame() === false) this.pause();
      else requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  }

  pause() {
    if (!this.playing) return;
    this.playing = false;
    this.onchange(false);
  }
}

// A line that screen readers read out when it changes; seen only if nothing else on the page says
// the same.
export function announcer() {
  const element = h("p", { class: "play-status", role: "status" });
  return {
    element,
    say(text, seen = false) {
      element.textContent = text;
      element.classList.toggle("seen", seen);
    },
  };
}

// Calls `redraw` when the page turns dark or light.
export function onScheme(redraw) {
  new MutationObserver(redraw).observe(document.body, {
    attributeFilter: ["data-md-color-scheme"],
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
}

// Calls `redraw` when an element gets another size.
export function onResize(element, redraw) {
  new ResizeObserver(redraw).observe(element);
}
