// Quizzes and steps to order. Without this script they are lists with the answers folded below;
// here they become forms. What a reader answered stays in the reader's browser.
(() => {
  const STORE = "downhill.answers";

  function answers() {
    try {
      return JSON.parse(localStorage.getItem(STORE)) ?? {};
    } catch {
      return {};
    }
  }

  // A browser may forbid it, and then the answers last as long as the page.
  function keep(all) {
    try {
      if (all) localStorage.setItem(STORE, JSON.stringify(all));
      else localStorage.removeItem(STORE);
    } catch {}
  }

  function element(name, properties = {}, ...children) {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  }

  function button(text, click, label = "") {
    const made = element("button", { type: "button", className: "md-button", onclick: click }, text);
    if (label) made.ariaLabel = label;
    return made;
  }

  // What a form says after a check: the verdict, and why, with formulas and code as on the page.
  function say(status, right, ...content) {
    status.className = `task-status ${right ? "right" : "wrong"}`;
    status.replaceChildren(element("strong", {}, right ? "Right." : "Not yet."), " ", ...content);
  }

  function silence(status) {
    status.className = "task-status";
    status.replaceChildren();
  }

  function record(task, right, given) {
    const all = answers();
    all[task.id] = { right, given, tries: (all[task.id]?.tries ?? 0) + 1 };
    keep(all);
    count();
  }

  // The sentence of an answer, without its first word, which says the verdict.
  function reason(item) {
    const copy = item.cloneNode(true);
    copy.querySelector("strong")?.remove();
    return [...copy.childNodes];
  }

  function makeQuiz(task) {
    const [options, why] = [...task.querySelectorAll("ol")].map((list) => [...list.children]);
    const right = task.dataset.right.split(" ").map(Number);
    const question = options[0].parentElement.previousElementSibling;
    const kind = right.length > 1 ? "checkbox" : "radio";
    const inputs = options.map((_, index) =>
      element("input", { type: kind, name: task.id, value: String(index) }),
    );
    const status = element("div", { className: "task-status", role: "status" });

    const check = () => {
      const given = inputs.flatMap((input, index) => (input.checked ? [index] : []));
      if (!given.length) return say(status, false, "Choose an answer first.");
      const wrong = given.filter((index) => !right.includes(index));
      const solved = !wrong.length && given.length === right.length;
      const told = solved ? right : wrong.slice(0, 1);
      const reasons = told.flatMap((index) => [...reason(why[index]), " "]);
      say(status, solved, ...(told.length ? reasons : ["That is right, but there is more."]));
      record(task, solved, given);
    };
    const form = element(
      "form",
      { onsubmit: (event) => (event.preventDefault(), check()), onchange: () => silence(status) },
      element(
        "fieldset",
        {},
        element("legend", {}, ...question.childNodes),
        ...options.map((option, index) =>
          element("label", {}, inputs[index], element("span", {}, ...option.childNodes)),
        ),
      ),
      element("button", { type: "submit", className: "md-button" }, "Check"),
      status,
    );
    if (kind === "checkbox") form.querySelector("legend").append(" (Several are right.)");
    question.remove();
    options[0].parentElement.replaceWith(form);

    const before = answers()[task.id];
    for (const index of before?.given ?? []) if (inputs[index]) inputs[index].checked = true;
    if (before) say(status, before.right, "Your answer from last time.");
    return () => (form.reset(), silence(status));
  }

  function makeOrder(task) {
    const list = task.querySelector("ul");
    const places = task.dataset.places.split(" ").map(Number);
    const steps = [...list.children];
    const status = element("div", { className: "task-status", role: "status" });
    const sorted = element("ol", { className: "task-steps" });

    const move = (step, by) => {
      const now = [...sorted.children];
      const index = now.indexOf(step);
      const target = now[index + by];
      if (!target) return;
      if (by < 0) target.before(step);
      else target.after(step);
      refresh();
      step.querySelector(by < 0 ? ".up" : ".down").focus();
      status.className = "task-status";
      status.textContent = `Now step ${index + by + 1} of ${steps.length}.`;
    };
    const refresh = () => {
      [...sorted.children].forEach((step, index) => {
        step.querySelector(".up").ariaDisabled = String(index === 0);
        step.querySelector(".down").ariaDisabled = String(index === steps.length - 1);
      });
    };
    steps.forEach((step, index) => {
      const words = step.textContent.trim();
      const text = element("span", { className: "task-step" }, ...step.childNodes);
      const up = button("↑", () => move(step, -1), `Move up: ${words}`);
      const down = button("↓", () => move(step, 1), `Move down: ${words}`);
      up.classList.add("up");
      down.classList.add("down");
      step.dataset.place = String(places[index]);
      step.append(text, element("span", { className: "task-moves" }, up, down));
    });
    const start = () => (sorted.replaceChildren(...steps), refresh(), silence(status));
    const check = () => {
      const now = [...sorted.children].map((step) => Number(step.dataset.place));
      const wrong = now.findIndex((place, index) => place !== index);
      if (wrong < 0) say(status, true, "Each step stands where it belongs.");
      else if (wrong === 0) say(status, false, "Another step comes first.");
      else say(status, false, `The first ${wrong} are right; another step follows them.`);
      record(task, wrong < 0, now);
    };
    start();
    list.replaceWith(sorted, button("Check", check), status);
    if (answers()[task.id]?.right) say(status, true, "You have solved this before.");
    return start;
  }

  // How many tasks of this page are solved, below the last of them.
  let count = () => {};

  function makeScore(tasks, resets) {
    const text = element("span");
    const forget = button("Forget my answers", () => {
      keep(null);
      resets.forEach((reset) => reset());
      count();
    });
    forget.title = "On all pages. They are stored in this browser only.";
    count = () => {
      const all = answers();
      const solved = tasks.filter((task) => all[task.id]?.right).length;
      text.textContent = `Solved on this page: ${solved} of ${tasks.length}. `;
    };
    count();
    tasks.at(-1).after(element("p", { className: "task-score" }, text, forget));
  }

  const quizzes = [...document.querySelectorAll(".quiz")];
  const orders = [...document.querySelectorAll(".order")];
  const resets = [...quizzes.map(makeQuiz), ...orders.map(makeOrder)];
  const tasks = [...document.querySelectorAll(".quiz, .order")];
  if (tasks.length) makeScore(tasks, resets);
})();
