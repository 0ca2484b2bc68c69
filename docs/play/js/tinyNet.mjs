// The stress test of chapter 10: four choices pick one of the runs that Python has made.

import { choice } from "./dom.mjs";
import { register } from "./figure.mjs";
import { stillOf, telling } from "./steps.mjs";

function mountStress(host) {
  const { choices, results } = JSON.parse(stillOf(host).querySelector("script").textContent);
  const table = stillOf(host).querySelector("table").cloneNode(true);
  const bars = [...table.querySelectorAll(".play-bar")];
  const says = telling();
  const names = Object.keys(choices);
  const chosen = names.map(() => 0);
  const groups = names.map((name, k) =>
    choice(name, choices[name].map((value, i) => [i, value]), (i) => {
      chosen[k] = i;
      draw();
    }),
  );
  function draw() {
    groups.forEach((group, k) => group.set(chosen[k]));
    const place = chosen.reduce((sum, i, k) => sum * choices[names[k]].length + i, 0);
    results[place].forEach((percent, k) => {
      bars[k].textContent = `${percent} %`;
      bars[k].style.setProperty("--share", `${percent}%`);
    });
    const [right, gray] = [results[place].slice(0, 4), results[place].slice(-2)];
    const lines = right[0] > right[1] && right[3] > right[2] ? "tells lines apart" : "does not tell lines apart";
    says.textContent = `This network ${lines}, and is up to ${Math.max(...gray)} % sure of a gray block.`;
  }
  host.append(...groups.map((group) => group.element), table, says);
  draw();
}

register("tinynet", mountStress);
