"""Where another program is installed, and how it is run."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

from benchmarks.machine import environment
from benchmarks.measure import ROOT, NotMeasured, say

_VERSION = "import sys; from importlib.metadata import version; print(version(sys.argv[1]))"


class Environment:
    """A Python of its own for another program, made when it is first needed.

    It lives in `.cache/` and has what `benchmarks/peers/NAME.txt` asks for. If that changes, it
    is installed anew.

    Parameters
    ----------
    name : str
        Of the requirement file.
    package : str
        The distribution that is measured.

    Raises
    ------
    NotMeasured
        If it can't be installed here.
    """

    def __init__(self, name: str, package: str) -> None:
        self.package = package
        self._home = ROOT / ".cache" / name
        python = self._home / "bin" / "python"
        self.python = str(python)
        needed = Path(__file__).with_name(f"{name}.txt")
        self._install(needed)
        home = self._home / "home"  # nobody's settings of Jupyter count
        home.mkdir(exist_ok=True)
        # nbgrader calls `alembic` by its bare name, as in an activated environment.
        path = f"{python.parent}{os.pathsep}{os.environ.get('PATH', '')}"
        self.variables = environment(PATH=path, HOME=str(home))
        self.version = self._output("-c", _VERSION, package)

    def _install(self, needed: Path) -> None:
        ready = self._home / "ready"
        digest = hashlib.sha256(needed.read_bytes()).hexdigest()
        if ready.exists() and ready.read_text() == digest:
            return
        say(f"installing {self.package} into {self._home.relative_to(ROOT)}")
        for command in (
            [sys.executable, "-m", "venv", str(self._home)],
            [self.python, "-m", "pip", "install", "--quiet", "-r", str(needed)],
        ):
            done = subprocess.run(
                command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
            )
            if done.returncode:
                last = (done.stdout.strip().splitlines() or ["no reason given"])[-1]
                raise NotMeasured(f"{self.package} can't be installed: {last}")
        ready.write_text(digest)

    def _output(self, *arguments: str) -> str:
        command = [self.python, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def run(self, folder: Path, *arguments: str) -> None:
        """Run the Python in a folder.

        Raises
        ------
        RuntimeError
            If it fails; with what it said.
        """
        done = subprocess.run(
            [self.python, *arguments],
            cwd=folder,
            env=self.variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{' '.join(arguments)} failed:\n{done.stdout}")
