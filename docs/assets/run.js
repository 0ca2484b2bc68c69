// "Run it here": an editor and the checks of one exercise, in the page.
//
// Every exercise of a page, an element with data-function="losses.mse_loss", gets a button.
// Nothing is loaded before it is pressed. A page has one editor and one Python, which move to the
// box that asks for them. What is written stays in this browser.

(() => {
  const SCRIPT = document.currentScript.src;
  const RUN = new URL("../run/", SCRIPT);
  const PATIENCE = 20; // seconds that a check has at least: Python is slower here
  const INDENT = "    ";

  function make(tag, properties = {}, ...children) {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  }

  const button = (text, onclick) =>
    make("button", { type: "button", className: "md-button", textContent: text, onclick });

  // --- What is kept in this browser ---

  const key = (exercise) => `downhill.code.${exercise}`;

  function kept(exercise) {
    try {
      return localStorage.getItem(key(exercise));
    } catch {
      return null; // storage is forbidden: the text lives as long as the page
    }
  }

  function keep(exercise, text) {
    try {
      if (text === null) localStorage.removeItem(key(exercise));
      else localStorage.setItem(key(exercise), text);
    } catch {}
  }

  function allKept() {
    const texts = {};
    try {
      for (const name of Object.keys(localStorage)) {
        if (name.startsWith(key(""))) texts[name.slice(key("").length)] = localStorage[name];
      }
    } catch {}
    return texts;
  }

  // --- The editor ---

  // As if it were typed, so that undo works.
  function type(area, text) {
    if (!document.execCommand(text ? "insertText" : "delete", false, text)) {
      area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
      area.dispatchEvent(new Event("input"));
    }
  }

  function shiftLines(area, outward) {
    const text = area.value;
    const start = text.lastIndexOf("\n", area.selectionStart - 1) + 1;
    const end = area.selectionEnd;
    const lines = text.slice(start, end).split("\n");
    const shifted = lines.map((line) => (outward ? line.replace(/^ {1,4}/, "") : INDENT + line));
    area.setSelectionRange(start, end);
    type(area, shifted.join("\n"));
    area.setSelectionRange(start, start + shifted.join("\n").length);
  }

  function editor(exercise, run) {
    let leaving = false; // Esc was pressed: the next Tab moves on
    const area = make("textarea", { id: "run-text", rows: 18, spellcheck: false, wrap: "off" });
    area.setAttribute("autocapitalize", "off");
    area.setAttribute("autocomplete", "off");
    area.setAttribute("aria-describedby", "run-keys");
    area.addEventListener("input", () => keep(exercise, area.value));
    area.addEventListener("blur", () => (leaving = false));
    area.addEventListener("keydown", (event) => {
      const plain = !(event.ctrlKey || event.metaKey || event.altKey);
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) run();
      else if (event.key === "Tab" && plain && !leaving) {
        const oneLine = !area.value.slice(area.selectionStart, area.selectionEnd).includes("\n");
        if (oneLine && !event.shiftKey) type(area, INDENT);
        else shiftLines(area, event.shiftKey);
      } else if (event.key === "Enter" && plain && !event.shiftKey && !event.isComposing) {
        const before = area.value.slice(0, area.selectionStart);
        const line = before.slice(before.lastIndexOf("\n") + 1);
        type(area, `\n${line.match(/^ */)[0]}${line.trimEnd().endsWith(":") ? INDENT : ""}`);
      } else {
        if (event.key !== "Shift") leaving = event.key === "Escape";
        return;
      }
      event.preventDefault();
    });
    return area;
  }

  function show(area, name) {
    const row = area.value.split("\n").findIndex((line) => line.match(`^ *(def|class) ${name}\\b`));
    if (row < 0) return;
    const place = area.value.split("\n", row).join("\n").length + 1;
    area.setSelectionRange(place, place);
    area.scrollTop = (row - 1) * parseFloat(getComputedStyle(area).lineHeight);
  }

  // --- Python ---

  let worker = null;
  let timer = 0;

  function stop() {
    worker?.terminate();
    worker = null;
    clearTimeout(timer);
  }

  function ask(wanted, texts, on) {
    worker ??= new Worker(new URL("run-worker.js", SCRIPT), { type: "module" });
    worker.onmessage = ({ data }) => {
      clearTimeout(timer);
      if (data.running) {
        const limit = Math.max(PATIENCE, 10 * data.seconds);
        timer = setTimeout(() => on.slow(data.running, limit), 1000 * limit);
        on.running(data.running);
      } else if (data.feedback) on.done(data.feedback);
      else on.failed(data.missing ? "numpy" : data.failed);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      on.failed(event.message || "the browser can't start a worker");
    };
    worker.postMessage({ wanted, texts });
  }

  // --- The panel ---

  let open = null; // the box that has the editor

  function close() {
    if (!open) return;
    stop();
    open.querySelector("section").remove();
    open.firstElementChild.setAttribute("aria-expanded", "false");
    open = null;
  }

  async function begin(box) {
    const again = open === box;
    close();
    if (again) return;
    open = box;
    box.firstElementChild.setAttribute("aria-expanded", "true");
    const [exercise, ...name] = box.parentElement.dataset.function.split(".");
    const command = box.parentElement.querySelector("pre code")?.textContent.split("\n")[0];
    const panel = build(exercise, name.join("."), command || `pytest exercises/test_${exercise}.py`);
    box.append(panel.section);
    await panel.fill();
  }

  function build(exercise, name, command) {
    const status = make("p", { className: "run-status" });
    status.setAttribute("role", "status");
    const results = make("div", { className: "run-results" });
    const area = editor(exercise, () => check(name));
    const stopper = button("Stop", () => finish(`Stopped. Python starts again with the next check.`));
    const checkers = [name, ""].map((one) =>
      button(one ? `Check ${one}` : `Check all of ${exercise}`, () => check(one)),
    );
    checkers[0].classList.add("md-button--primary");
    const download = button(`Download ${exercise}.py`, () => {
      const file = URL.createObjectURL(new Blob([area.value], { type: "text/x-python" }));
      make("a", { href: file, download: `${exercise}.py` }).click();
      URL.revokeObjectURL(file);
    });
    const restart = button("Start again from the stub", async () => {
      if (!confirm(`Throw away what you have written in ${exercise}.py?`)) return;
      keep(exercise, null);
      await fill();
    });

    function busy(yes) {
      stopper.disabled = !yes;
      for (const one of [...checkers, restart]) one.disabled = yes;
    }

    function finish(text) {
      stop();
      busy(false);
      status.textContent = text;
    }

    function without(reason) {
      const sentence = make("p", {}, `${reason} Your text is safe: download it into exercises/ and run `);
      sentence.append(make("code", { textContent: command }), " there.");
      results.replaceChildren(sentence);
    }

    async function contents() {
      const answer = await fetch(new URL("contents.json", RUN));
      if (!answer.ok) throw new Error(answer.status);
      return answer.json();
    }

    async function check(one) {
      if (checkers[0].disabled) return;
      results.replaceChildren();
      busy(true);
      status.textContent = worker ? "Python is at work." : "Python is loading. The first time takes some seconds.";
      let has;
      try {
        has = await contents();
      } catch {
        finish("Python can't be loaded.");
        return without("A browser loads Python only from a web server, and this page has none.");
      }
      if (!has.python || !has.numpy) {
        finish("Python can't be loaded.");
        const what = has.python ? "NumPy for the browser" : "Python for the browser";
        return without(`This copy of the site was built without ${what}.`);
      }
      if (stopper.disabled) return; // stopped meanwhile
      ask(one ? `${exercise}.${one}` : exercise, { ...allKept(), [exercise]: area.value }, {
        running: (title) => (status.textContent = `Checking: ${title}.`),
        slow: (title, seconds) =>
          finish(`Stopped after ${seconds} seconds at: ${title}. Is there a loop that never ends?`),
        failed: (why) => {
          finish("Python can't be loaded.");
          if (why === "numpy") without("NumPy did not arrive, or it is not the published file.");
          else without(`Something went wrong that is not your code: ${why}.`);
        },
        done: (feedback) => {
          busy(false);
          report(feedback);
        },
      });
    }

    function report({ checks, holds, wrong, waiting }) {
      status.textContent =
        holds.length === checks
          ? `All ${checks} checks hold.`
          : `${holds.length} of ${checks} checks hold.`;
      const parts = [];
      for (const { text, hint, printed } of wrong) {
        parts.push(make("pre", { tabIndex: 0, textContent: text }));
        if (printed) parts.push(fold("What your code printed", make("pre", { textContent: printed })));
        parts.push(fold("Hint", make("p", { textContent: hint })));
      }
      for (const reason of waiting) parts.push(make("p", { textContent: `Not attempted: ${reason}.` }));
      if (holds.length) {
        const list = make("ul", {}, ...holds.map((title) => make("li", { textContent: title })));
        parts.push(fold("What holds", list));
      }
      results.replaceChildren(...parts);
    }

    const fold = (title, content) =>
      make("details", {}, make("summary", { textContent: title }), content);

    async function fill() {
      const saved = kept(exercise);
      if (saved !== null) area.value = saved;
      else {
        try {
          const stub = await fetch(new URL(`${exercise}.py`, RUN));
          if (!stub.ok) throw new Error();
          area.value = await stub.text();
        } catch {
          without("The stub can't be loaded.");
        }
      }
      show(area, name.split(".").pop());
    }

    const section = make(
      "section",
      {},
      make("p", {}, "Your text stays in this browser. The checks are the same as on your machine, and they are feedback: no grade ever comes from here."),
      make("label", { htmlFor: "run-text", textContent: `${exercise}.py` }),
      area,
      make("p", { id: "run-keys", textContent: "Tab indents, Ctrl+Enter checks. To leave the editor with the keyboard, press Esc, then Tab." }),
      make("div", { className: "run-buttons" }, ...checkers, stopper, download, restart),
      status,
      results,
    );
    section.setAttribute("aria-label", `Editor for ${exercise}.py`);
    busy(false);
    return { section, fill };
  }

  for (const exercise of document.querySelectorAll(".exercise[data-function]")) {
    const box = make("div", { className: "run-here" });
    const opener = button("Run it here", () => begin(box));
    opener.setAttribute("aria-expanded", "false");
    box.append(opener);
    exercise.append(box);
  }
})();
