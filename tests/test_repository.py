"""The repository tells the truth about itself."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from fnmatch import fnmatch
from functools import partial
from pathlib import Path

import numpy as np
import pytest

import autograder as package
from conftest import ROOT, Run, program, run, solution
from conftest import package as installed

README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(text: str) -> list[str]:
    return re.findall(r"^```text\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def sample_class(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sample")
    made = run(sys.executable, "solutions/sample_class.py", str(folder / "class"))
    assert made.returncode == 0, made.stderr
    return folder


def test_the_readme_shows_a_real_failure() -> None:
    sys.path.insert(0, str(ROOT / "docs"))
    try:
        from failures import failure
    finally:
        sys.path.remove(str(ROOT / "docs"))
    real = failure("losses.mse_loss_is_a_mean_of_squares", lambda p, t: np.sum((p - t) ** 2))
    assert blocks(README)[0].rstrip("\n") == real


def test_the_readme_shows_real_progress(tmp_path: Path, check_exercises: Run) -> None:
    for name in ("losses", "backprop"):
        stub = (ROOT / "exercises" / f"{name}.py").read_text(encoding="utf-8")
        (tmp_path / f"{name}.py").write_text(stub, encoding="utf-8")
    first = solution("losses").partition("def mse_gradient")[0]
    rest = (tmp_path / "losses.py").read_text(encoding="utf-8").partition("def mse_gradient")
    (tmp_path / "losses.py").write_text(first + "".join(rest[1:]), encoding="utf-8")
    done = check_exercises(tmp_path, "exercises", "-k", "test_losses or test_backprop")
    assert blocks(README)[1] in done.stdout


def test_the_readme_shows_the_real_gradebook(sample_class: Path, autograder: Run) -> None:
    out = sample_class / "results"
    done = autograder(
        "grade",
        sample_class / "class",
        "--out",
        out,
        "--secret",
        sample_class / "secret",
        "--unsafe",
    )
    assert done.returncode == 0, done.stderr
    printed = "\n".join(line.rstrip() for line in done.stdout.splitlines())
    assert blocks(README)[2].rstrip("\n") in printed
    assert len(list((out / "feedback").glob("*.md"))) == 13
    lee = next((out / "feedback").glob("*lee*.md")).read_text(encoding="utf-8")
    assert "torch is not there; NumPy and your own modules are all you need" in lee
    kim = (out / "feedback" / "kim.md").read_text(encoding="utf-8")
    assert "✗ best_epoch · too slow" in kim


def test_every_command_in_the_readme_and_the_handbook_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^(\w+):", makefile, re.MULTILINE))
    handbook = (ROOT / "docs" / "instructors.md").read_text(encoding="utf-8")
    guide = (ROOT / "docs" / "contributing.md").read_text(encoding="utf-8")
    cluster = (ROOT / "docs" / "cluster.md").read_text(encoding="utf-8")
    helps = ""
    for text in (README, handbook, cluster, guide):
        assert set(re.findall(r"\bmake (demo|test|lint|site|made|bench)\b", text)) <= targets
        for command in re.findall(r"^\s*autograder ((?:export )?\w+)", text, re.MULTILINE):
            helped = run(sys.executable, "-m", "autograder", *command.split(), "--help")
            assert helped.returncode == 0, command
            helps += helped.stdout
    for option in re.findall(r"`(--[\w-]+)", handbook + cluster):
        assert option in helps or option in ("--nthreads",), option  # dask's own


def test_the_version_is_said_once_and_the_same() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    citation = (ROOT / "CITATION.cff").read_text()
    assert project["version"] == package.__version__
    assert f"version: {package.__version__}\n" in citation


ASKED_FOR = "DOWNHILL_NUMPY"


def test_numpy_is_the_one_asked_for() -> None:
    """Whoever tests with the oldest and the newest NumPy says which: "1.26.*"."""
    asked = os.environ.get(ASKED_FOR, "*")
    assert fnmatch(np.__version__, asked), f"NumPy {np.__version__} was installed, not {asked}"


def test_both_numpys_are_tested_and_the_oldest_is_the_one_that_is_promised() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    (oldest,) = (one.partition(">=")[2] for one in project["dependencies"] if "numpy" in one)
    both = f'["{oldest}.*", "2.*"]'
    for path in ("noxfile.py", ".github/workflows/tests.yml"):
        text = (ROOT / path).read_text(encoding="utf-8")
        assert both in text
        assert ASKED_FOR in text


def test_learners_install_little() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    names = {re.match(r"[\w-]+", one)[0] for one in project["dependencies"]}  # type: ignore[index]
    assert names == {"numpy", "matplotlib", "pytest"}


def test_the_core_and_the_checks_import_numpy_and_the_standard_library_only() -> None:
    code = (
        "import sys; import numpy.random; before = set(sys.modules)\n"
        "import autograder.catalogue, autograder.core.explain, autograder.core.frozen\n"
        "new = {name.partition('.')[0] for name in set(sys.modules) - before}\n"
        "print(sorted(n for n in new if n not in sys.stdlib_module_names and n != 'numpy'))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.strip() == "['autograder']", done.stderr


LAYERS = [
    "core",
    "isolation",
    "datasets",
    "catalogue",
    "learner",
    "authoring",
    "release",
    "grading",
    "reports",
    "exports",
    "commands",
]


def test_arrows_point_inward() -> None:
    package_root = ROOT / "autograder"
    for path in package_root.rglob("*.py"):
        layer = path.relative_to(package_root).parts[0].removesuffix(".py")
        if layer not in LAYERS:
            continue
        for imported in re.findall(r"^\s*from autograder\.(\w+)", path.read_text(), re.MULTILINE):
            assert imported in LAYERS, f"{path} imports {imported}"
            assert LAYERS.index(imported) <= LAYERS.index(layer), f"{path} imports {imported}"


def test_the_wheel_holds_the_autograder_only() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    assert settings["packages"] == {"find": {"include": ["autograder*"]}}


@pytest.mark.parametrize("missing", [partial(program, "no-such-thing"), partial(installed, "nope")])
def test_a_test_that_lacks_what_it_needs_is_skipped_and_fails_on_a_server(
    missing: Callable[[], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="is not installed"):
        missing()
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="nothing may be skipped"):
        missing()


def test_nothing_may_be_skipped_for_want_of_a_browser_where_the_server_tests() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "export CI=true" in script
    assert not re.search(
        r"importorskip\(.(playwright|axe)|skip\(.*(chromium|firefox|node|npm)",
        "".join(path.read_text("utf-8") for path in (ROOT / "tests").glob("test_*.py")),
        re.IGNORECASE,
    )
