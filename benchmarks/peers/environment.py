"""Where another grader is installed, and how it is run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

_VERSION = (
    "import sys; from importlib.metadata import version; "
    "print(version(sys.argv[1]), 'with NumPy', version('numpy'))"
)


class Environment:
    """A Python in which another grader is installed.

    Parameters
    ----------
    package : str
        The grader's distribution.
    python : Path
        The interpreter, in its own virtual environment.
    home : Path
        Becomes the home folder, so that nobody's settings of Jupyter count.
    """

    def __init__(self, package: str, python: Path, home: Path) -> None:
        self.package = package
        python = python.absolute()  # it is run in other folders
        self.python = str(python)
        home.mkdir(parents=True, exist_ok=True)
        # nbgrader calls `alembic` by its bare name, as in an activated environment.
        path = f"{python.parent}{os.pathsep}{os.environ.get('PATH', '')}"
        self.variables = {
            **os.environ,
            "PATH": path,
            "HOME": str(home),
            "OPENBLAS_NUM_THREADS": "1",
            "OMP_NUM_THREADS": "1",
        }

    def version(self) -> str:
        """Return the versions of the grader and of NumPy; "" if one isn't installed."""
        command = [self.python, "-c", _VERSION, self.package]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=True)
        except (OSError, subprocess.CalledProcessError):
            return ""
        return done.stdout.strip()

    def run(self, folder: Path, *arguments: str) -> None:
        """Run the Python in a folder.

        Raises
        ------
        SystemExit
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
            sys.exit(f"{' '.join(arguments)} failed:\n{done.stdout}")
