"""The XOR lab in a kernel: its controls are set and clicked, and what they do is looked at."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

from conftest import ROOT

sys.path.insert(0, str(ROOT / "docs"))
from notebooks import chapter, from_script

DRIVE = """
said = {}
lab.data.value = "corner"
said["begin"] = [len(lab.losses), lab.status.value]
lab.one.click()
said["one"] = len(lab.losses)
lab.ten.click()
said["ten"] = len(lab.losses)
lab.converge.click()
said["corner"] = [lab.losses, lab.net.accuracy(lab.X, lab.y), lab.status.value]
for method in ("search", "average", "classical"):
    lab.data.value = "noisy"
    lab.data.value = "clean"
    lab.method.value = method
    before, picture = lab.net.get_weights(), lab.picture.value
    lab.ten.click()
    said[method] = [list(lab.net.get_weights() - before), picture != lab.picture.value]
said["rates"] = []
for rate in (0.1, 0.3, 0.5, 1.0):
    lab.method.value, lab.rate.value = "classical", rate
    lab.again.click()
    weights = lab.net.get_weights()
    gradient = descent.loss_gradient(lab.net, lab.X, lab.y)
    lab.one.click()
    said["rates"].append(float(np.abs(weights - rate * gradient - lab.net.get_weights()).max()))
lab.method.value, lab.rate.value, solved = "search", 1.0, {}
for start in ("ten", "trained"):
    lab.start.value, solved[start] = start, 0
    for _ in range(5):
        lab.again.click()
        lab.converge.click()
        solved[start] += lab.net.accuracy(lab.X, lab.y) >= 0.99
said["solved"] = {name: int(number) for name, number in solved.items()}
said["kinds"] = []
for kind in descent.KINDS:
    lab.data.value = kind
    said["kinds"].append([lab.X.tolist(), lab.y.tolist()])
import json
print(json.dumps(said))
"""


def test_the_controls_do_what_they_say(tmp_path: Path) -> None:
    text = (ROOT / "course/descent/lab.py").read_text(encoding="utf-8")
    tree = nbformat.reads(from_script(text + f"\n# %%\n{DRIVE}"), as_version=4)
    nbformat.validate(tree)
    place = {"metadata": {"path": str(ROOT / "course" / "descent")}}
    done = NotebookClient(tree, timeout=120, resources=place).execute()
    printed = "".join(
        output["text"]
        for cell in done.cells
        for output in cell.get("outputs", [])
        if output["output_type"] == "stream" and output["name"] == "stdout"
    )
    assert "The functions are those of solutions/descent.py" in printed
    said: dict[str, Any] = json.loads(printed.splitlines()[-1])
    assert said["begin"][0] == 1
    assert "0 steps: loss" in said["begin"][1]
    assert 2 == said["one"] <= said["ten"] <= 12
    losses, accuracy, status = said["corner"]
    assert accuracy >= 0.99
    assert losses == sorted(losses, reverse=True)
    assert f"{len(losses) - 1} steps: loss {losses[-1]:.4f}" in status
    for method in ("search", "average", "classical"):
        moved, redrawn = said[method]
        assert any(moved)
        assert redrawn
    assert max(said["rates"]) < 1e-12
    assert said["solved"]["trained"] == 5 > said["solved"]["ten"]
    assert len({str(points) for points in said["kinds"]}) == 5
    widget = "application/vnd.jupyter.widget-view+json"
    assert any(
        widget in output.get("data", {}) for c in done.cells for output in c.get("outputs", [])
    )


def test_the_container_and_binder_install_what_is_there() -> None:
    settings = json.loads((ROOT / ".devcontainer/devcontainer.json").read_text(encoding="utf-8"))
    build = (ROOT / "binder/postBuild").read_text(encoding="utf-8")
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for command in (settings["postCreateCommand"], build):
        [wanted] = re.findall(r"-e '\.\[([\w,]+)\]'", command)
        assert set(wanted.split(",")) == {"lab", "site"} <= set(extras["optional-dependencies"])
        for name in re.findall(r"-c (\S+)|python (\S+\.py)", command):
            assert (ROOT / "".join(name)).is_file()
    assert (ROOT / "binder/postBuild").stat().st_mode & 0o111
    assert (ROOT / "binder/runtime.txt").read_text().startswith("python-3.11")


def test_the_notebooks_are_written_with_the_standard_library_alone(tmp_path: Path) -> None:
    """As for who wants the lab, and has installed nothing of the website."""
    for part in ("docs", "course"):
        (tmp_path / part).mkdir()
    for name in ("notebooks.py", "pages.py"):
        (tmp_path / "docs" / name).write_bytes((ROOT / "docs" / name).read_bytes())
    for name in ("losses/index.md", "descent/lab.py"):
        (tmp_path / "course" / name).parent.mkdir()
        (tmp_path / "course" / name).write_bytes((ROOT / "course" / name).read_bytes())
    command = [sys.executable, "-S", str(tmp_path / "docs/notebooks.py")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    written = sorted(path.name for path in tmp_path.rglob("*.ipynb"))
    assert written == ["index.ipynb", "lab.ipynb"]


def test_a_chapter_in_jupyter_says_its_numbers() -> None:
    page = ROOT / "course" / "schedules" / "index.md"
    prose = [
        "".join(cell["source"])
        for cell in json.loads(chapter(page))["cells"]
        if cell["cell_type"] == "markdown"
    ]
    computed = re.findall(r"`\{python\} ([^`]*)`", page.read_text(encoding="utf-8"))
    assert computed
    assert not [one for one in computed if one in "".join(prose)]
