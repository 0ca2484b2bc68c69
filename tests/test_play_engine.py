"""The playground's two engines: the same run to the bit, in Python, in Node and in a browser."""

from __future__ import annotations

import json
import math
import os
import queue
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from play_runs import trained

from autograder.core.workbook import Workbook
from conftest import program
from play.bundle import join
from play.engine import PRESETS, Config, exp, make_data, tanh, train_seeds
from play.golden import GOLDEN as TRACES
from play.golden import digest, golden

GOLDEN = json.loads(TRACES.read_text(encoding="utf-8"))

Script = Callable[..., Any]

HEX = """
const hex = (numbers) =>
  Array.from(new Uint8Array(Float64Array.from(numbers).buffer), (byte) =>
    byte.toString(16).padStart(2, "0")).join("");
"""

TRACE = """
function trace(config) {
  const run = new Run(config, Infinity).trainTo(BUDGET);
  const epochs = [0, 500, 1000, 1500, 2000, 2500, 3000, 3500, 4000];
  const [train, test] = run.curves;
  return [epochs.map((epoch) => hex(run.weightsAt(epoch))), hex(train), hex(test)];
}
"""


def node(code: str) -> Any:
    done = subprocess.run(
        ["node"],
        input=f"console.log(JSON.stringify((() => {{{code}}})()))",
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module", params=["node", "chromium"])
def script(request: pytest.FixtureRequest) -> Iterator[Script]:
    """Return a function that runs JavaScript after the engine's modules, with one argument."""
    engine = join("run.mjs") + HEX

    if request.param == "node":
        program("node")
        yield lambda code, argument: node(f"{engine}const input = {json.dumps(argument)};{code}")
        return
    page = request.getfixturevalue("browser").new_page()
    yield lambda code, argument: page.evaluate(f"(input) => {{{engine}{code}}}", argument)
    page.close()


def numbers(text: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.frombuffer(bytes.fromhex(text), "<f8")


def test_the_golden_traces_are_current() -> None:
    assert golden() == TRACES.read_text(encoding="utf-8")


@pytest.mark.parametrize("preset", PRESETS)
def test_the_script_reproduces_every_preset_bit_for_bit(script: Script, preset: str) -> None:
    assert_golden(preset, script(f"{TRACE} return trace(input);", GOLDEN[preset]["config"]))


def test_firefox_reproduces_every_preset_bit_for_bit(tmp_path: Path) -> None:
    firefox = program("firefox-esr", "firefox")
    configs = json.dumps([trace["config"] for trace in GOLDEN.values()])
    answer = f"JSON.stringify({configs}.map(trace))"
    code = f"{join('run.mjs')}{HEX}{TRACE} fetch('/', {{ method: 'POST', body: {answer} }})"
    received: queue.Queue[str] = queue.Queue()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(f"<!doctype html><script>(() => {{{code}}})()</script>".encode())

        def do_POST(self) -> None:
            received.put(self.rfile.read(int(self.headers["Content-Length"])).decode())
            self.send_response(204)
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/"
        command = [firefox, "--headless", "--no-remote", "--profile", str(tmp_path), address]
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        try:
            seen = json.loads(received.get(timeout=120))
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            server.shutdown()
    for preset, each in zip(GOLDEN, seen, strict=True):
        assert_golden(preset, each)


def assert_golden(preset: str, seen: list[Any]) -> None:
    trace = GOLDEN[preset]
    weights = [numbers(text) for text in seen[0]]
    assert [digest(each) for each in weights] == trace["every_500"]
    assert weights[-1].tolist() == trace["weights"]
    assert digest(numbers(seen[1])) == trace["train"]
    assert digest(numbers(seen[2])) == trace["test"]


def test_both_draw_the_same_points(script: Script) -> None:
    configs = [
        Config(data=data, noise=noise, sample=sample)
        for data in ("xor", "circle", "spiral")
        for noise in (False, True)
        for sample in (0, 1, 22, 999)
    ]
    seen = script(
        """
        return input.map((config) => {
          const { train, test } = makeData(config);
          return hex(["x", "y", "labels"].flatMap((key) => [...train[key], ...test[key]]));
        });
        """,
        [asdict(config) for config in configs],
    )
    for config, text in zip(configs, seen, strict=True):
        data = make_data(config)
        assert numbers(text).tolist() == [*data.x, *data.y, *data.labels], config


def test_both_end_a_run_by_the_same_rule(script: Script) -> None:
    configs = [Config(), Config(hidden=0), Config(rate=1e308), Config(rate=30.0, weights=4)]
    seen = script(
        """
        return input.map((config) => {
          const run = new Run(config).trainTo(BUDGET);
          return [run.end, run.epochs, run.bestEpoch];
        });
        """,
        [asdict(config) for config in configs],
    )
    runs = [trained(config) for config in configs]
    assert seen == [[run.end, run.epochs, run.best_epoch] for run in runs]
    assert {run.end for run in runs} == {"solved", "budget", "not finite"}


def test_the_script_diagnoses_as_chapter_6_does(script: Script, reference: Workbook) -> None:
    rng = np.random.default_rng(0)
    curves = []
    for _ in range(300):
        steps = rng.choice([-0.02, 0.1, 0.2]) * rng.random((2, 30)) * rng.choice([0, 1], (2, 30))
        steps = np.cumsum(steps + rng.normal(0, rng.choice([0.001, 0.05]), (2, 30)), axis=1)
        curves.append(np.maximum(0.001, 0.7 + steps).tolist())
    curves.append([[0.7, 0.1, math.inf], [0.7, 0.3, 0.1]])
    curves.append([[0.7, 0.1, math.nan], [0.7, 0.3, 0.1]])
    seen = script(
        "return JSON.parse(input).map((c) => diagnose(...c.map((x) => x.map(Number))));",
        json.dumps([[list(map(str, curve)) for curve in pair] for pair in curves])
        .replace('"inf"', '"Infinity"')
        .replace('"nan"', '"NaN"'),
    )
    expected = [reference.module("overfitting").diagnose(*pair) for pair in curves]
    assert seen == expected
    assert set(seen) == {"unstable", "underfit", "overfit", "converged"}


def test_own_exp_and_tanh_are_right_to_a_few_units_in_the_last_place() -> None:
    x = np.linspace(-708, 708, 20_001)
    assert np.max(np.abs(exp(x) / np.exp(x) - 1)) < 5e-16
    x = np.linspace(-25, 25, 20_001)
    assert np.max(np.abs(tanh(x) - np.tanh(x))) < 5e-16
    assert exp(np.array([-1e4, 1e4])).tolist() == [0, math.inf]


def test_seeds_trained_side_by_side_give_the_runs_of_each_alone() -> None:
    together = train_seeds(Config(rate=30.0), [4, 7])
    alone = trained(Config(rate=30.0, weights=7))
    assert together[1].config == alone.config
    assert np.array_equal(together[1].history, alone.history)
    assert together[1].end == alone.end


@pytest.mark.parametrize("preset", ["converges", "too-simple", "overfits"])
def test_an_ordinary_numpy_network_agrees(preset: str) -> None:
    config = PRESETS[preset]
    run, data = trained(config), make_data(config)
    X, t = np.column_stack([data.x, data.y])[:40], data.labels[:40, None]
    start, h = run.history[0], config.hidden
    if h:
        W1, b1 = start[: 2 * h].reshape(h, 2), start[2 * h : 3 * h]
        W2, b2 = start[3 * h : 4 * h].reshape(1, h), start[4 * h :]
    else:
        W2, b2 = start[:2].reshape(1, 2), start[2:]
    for epoch in range(run.epochs + 1):
        A = np.tanh(X @ W1.T + b1) if h else X
        p = 1 / (1 + np.exp(-(A @ W2.T + b2)))
        loss = -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))
        assert abs(loss - run.train[epoch]) < 1e-9
        d2 = (p - t) / len(X)
        if h:
            d1 = d2 @ W2 * (1 - A**2)
            W1, b1 = W1 - config.rate * d1.T @ X, b1 - config.rate * d1.sum(axis=0)
        W2, b2 = W2 - config.rate * d2.T @ A, b2 - config.rate * d2.sum(axis=0)
