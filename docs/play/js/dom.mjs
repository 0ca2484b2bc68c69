// Building blocks of every figure: elements, groups of choices, buttons, sliders.

// h("p", { class: "note", onclick: f }, "text", child): an element with attributes, listeners and
// children. An attribute that is false or null is left out.
export function h(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

// The same for SVG.
export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== false && value != null) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child != null));
  return element;
}

let ids = 0;
export const newId = () => `play-${++ids}`;

export function button(text, onclick, attributes = {}) {
  return h("button", { type: "button", onclick, ...attributes }, text);
}

// A group of radio buttons in a row: arrow keys move in it. `options` are [value, text] pairs;
// `onchange` gets the value; `set(value)` chooses without calling it.
export function choice(legend, options, onchange, note) {
  const name = newId();
  const inputs = new Map();
  const labels = options.map(([value, text]) => {
    const input = h("input", { type: "radio", name, onchange: () => onchange(value) });
    inputs.set(value, input);
    return h("label", {}, input, h("span", {}, text));
  });
  const element = h("fieldset", { class: "play-choice", title: note }, h("legend", {}, legend));
  element.append(h("div", {}, ...labels));
  return {
    element,
    set(value) {
      for (const [each, input] of inputs) input.checked = each === value;
    },
  };
}

// A slider with its name and its value; `set(value, text, max)` moves it, with a text for screen
// readers; `say(text)` writes beside its name.
export function slider(label, { min, max, step = 1 }, oninput) {
  const id = newId();
  const output = h("output", { for: id, "aria-live": "off" });
  const input = h("input", { type: "range", id, min, max, step, oninput: () => oninput(+input.value) });
  return {
    input,
    element: h("div", { class: "play-slider" }, h("label", { for: id }, label), output, input),
    say: (text) => (output.value = text),
    set(value, text, limit = max) {
      input.max = limit;
      input.value = value;
      input.setAttribute("aria-valuetext", text);
    },
  };
}

export function details(summary, ...children) {
  return h("details", { class: "play-more" }, h("summary", {}, summary), ...children);
}

// Numbers as a reader wants them: four digits after the point, fewer when they are large.
export function show(value, digits = 4) {
  if (!Number.isFinite(value)) return "not a number";
  const size = Math.abs(value);
  const text = value.toFixed(size >= 100 ? 1 : size >= 10 ? Math.min(digits, 2) : digits);
  return text.replace("-", "\u2212");
}
export const percent = (share) => `${Math.round(100 * share)} %`;
