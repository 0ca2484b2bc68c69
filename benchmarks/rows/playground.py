"""How fast the playground's engine is, in Node and in a browser."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from benchmarks.machine import environment
from benchmarks.measure import ROOT, Effort, Goal, Measured, NotMeasured, Row, Samples, say

DOCS = str(ROOT / "docs")
PRESET = "overfits"
"""The largest network: 2-8-1."""
FIELD = 100
"""Points of a field in each direction."""
A_FRAME = 20
"""Epochs that are trained between one picture and the next."""
NODE, CHROMIUM, TWIN = "Node", "Chromium", "its twin in Python"
SCRIPT = """
const clock = () => performance.now();
const run = new Run(input.config, Infinity);
let start = clock();
run.trainTo(BUDGET);
const epochs = (1e3 * BUDGET) / (clock() - start);
const weights = run.weightsAt(BUDGET);
const activations = new Float64Array(Math.max(1, input.config.hidden));
let total = 0;
start = clock();
for (let j = 0; j < input.field; j++)
  for (let i = 0; i < input.field; i++) {
    const [x, y] = [(2 * i) / input.field - 1, (2 * j) / input.field - 1];
    total += sigmoid(logit(weights, input.config.hidden, x, y, activations));
  }
return { epochs, field: clock() - start, total };
"""

Engine = Callable[[dict[str, Any]], dict[str, float]]


def node(code: str) -> Engine:
    """Return what measures in a fresh Node.

    Raises
    ------
    NotMeasured
        If it isn't installed.
    """
    path = shutil.which("node")
    if not path:
        raise NotMeasured("Node isn't installed")

    def measure(settings: dict[str, Any]) -> dict[str, float]:
        # Once to warm up, as a page is after its first run.
        program = f"const f = (input) => {{{code}}}; const input = {json.dumps(settings)};"
        program += "f(input); console.log(JSON.stringify(f(input)))"
        done = subprocess.run([path], input=program, capture_output=True, text=True, check=True)
        found: dict[str, float] = json.loads(done.stdout)
        return found

    return measure


@contextmanager
def chromium(code: str) -> Iterator[Engine]:
    """Yield what measures in a page of a browser.

    Raises
    ------
    NotMeasured
        If it isn't installed.
    """
    path = shutil.which("chromium")
    if not path:
        raise NotMeasured("Chromium isn't installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        try:
            page = browser.new_page()
            function = f"(input) => {{{code}}}"

            def measure(settings: dict[str, Any]) -> dict[str, float]:
                page.evaluate(function, settings)
                found: dict[str, float] = page.evaluate(function, settings)
                return found

            yield measure
        finally:
            browser.close()


def twin(settings: dict[str, Any]) -> dict[str, float]:
    """Measure the engine in Python, in this process."""
    import math

    import numpy as np

    from play.engine import BUDGET, Config, train

    start = time.process_time()
    run = train(Config(**settings["config"]), patience=math.inf)
    epochs = BUDGET / (time.process_time() - start)
    side = np.arange(settings["field"]) * 2 / settings["field"] - 1
    x, y = (grid.ravel() for grid in np.meshgrid(side, side))
    start = time.process_time()
    total = float(np.sum(run.predict(BUDGET, x, y)))
    return {"epochs": epochs, "field": 1e3 * (time.process_time() - start), "total": total}


def playground(effort: Effort) -> Measured:
    """Measure the engine in turn wherever it runs; see that all get the same field."""
    sys.path.insert(0, DOCS)
    from dataclasses import asdict

    from play.bundle import join
    from play.engine import PRESETS

    code = join("run.mjs") + SCRIPT
    settings = {"config": asdict(PRESETS[PRESET]), "field": FIELD}
    samples, versions = Samples(), {}
    with ExitStack() as stack:
        engines: dict[str, Engine] = {}
        starts: dict[str, Callable[[], Engine]] = {
            NODE: lambda: node(code),
            CHROMIUM: lambda: stack.enter_context(chromium(code)),
        }
        for name, start in starts.items():
            try:
                engines[name] = start()
                versions[name] = version(name.lower())
            except NotMeasured as why:
                samples.miss(name, "epochs/s", str(why))
        engines[TWIN] = twin
        rounds = effort.of(2, 9)
        say(f"{rounds} rounds")
        for _ in range(rounds):
            totals = []
            for name, engine in engines.items():
                found = engine(settings)
                totals.append(found["total"])
                frame = found["field"] + 1e3 * A_FRAME / found["epochs"]
                samples.add(name, **{"epochs/s": found["epochs"], "ms a field": found["field"]})
                if name != TWIN:
                    samples.add(name, **{"ms a frame": frame})
            if max(totals) - min(totals) > 1e-6 * max(totals):
                raise RuntimeError(f"the engines don't agree: {totals}")
    return Measured(samples.lines(), versions)


def version(program: str) -> str:
    """Return what a program says its version is."""
    done = subprocess.run(
        [program, "--version"], env=environment(), capture_output=True, text=True, check=True
    )
    return done.stdout.split()[-1] if program == "node" else done.stdout.split()[1]


ROWS = (
    Row(
        "playground",
        "The playground's engine",
        "A 2-8-1 network on the circle with noise, both losses measured in every epoch; and the "
        f"network's answers on a field of {FIELD} by {FIELD} points. A frame is {A_FRAME} epochs "
        "and a field, without drawing. All engines must get the same field.",
        playground,
        (
            Goal(NODE, "ms a frame", at_most=1000 / 60),
            Goal(CHROMIUM, "ms a frame", at_most=1000 / 60),
        ),
    ),
)
