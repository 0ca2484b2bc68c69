// Figures that are a row of states: a slider moves through a list that is complete without a script.

import { button, h, slider } from "./dom.mjs";
import { register } from "./figure.mjs";

export const stillOf = (host) => host.parentElement.querySelector(".play-still");
// What a figure says, for the eye and for a screen reader, whenever it changes.
export const telling = () => h("p", { class: "play-says", role: "status" });

// Move a slider, and write its value beside its name.
export function moveTo(slider, value, text) {
  slider.set(value, text);
  slider.say(text);
}

function mountSteps(host) {
  const picture = stillOf(host).querySelector("svg").cloneNode(true);
  const list = stillOf(host).querySelector("ol");
  const items = [...list.children];
  const marker = picture.querySelector(".marker");
  const lit = [...picture.querySelectorAll("[data-on]")];
  const known = [...picture.querySelectorAll("[data-from]")];
  const says = telling();
  const move = slider(list.dataset.title, { min: 0, max: items.length - 1 }, go);
  const back = button("Back", () => go(+move.input.value - 1));
  const next = button("Next", () => go(+move.input.value + 1), { class: "play-main" });

  function go(state) {
    back.disabled = state === 0;
    next.disabled = state === items.length - 1;
    moveTo(move, state, items[state].dataset.name);
    says.innerHTML = items[state].innerHTML;
    for (const part of lit) {
      part.classList.toggle("on", part.dataset.on.split(" ").includes(String(state)));
    }
    for (const part of known) part.classList.toggle("unknown", +part.dataset.from > state);
    marker?.setAttribute("transform", `translate(${items[state].dataset.at})`);
  }

  picture.classList.add("play-walked");
  host.append(picture, h("div", { class: "play-row" }, back, next), move.element, says);
  go(0);
}

for (const name of ["backprop_trace", "v_curve", "learning_rates"]) register(name, mountSteps);
