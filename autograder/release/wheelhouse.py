"""What learners have to install, as wheels: for machines without a network."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterable
from pathlib import Path


class NoWheels(Exception):
    """The wheels can't be had; the message says why."""


def platform() -> str:
    """Return what the wheels downloaded here are for: "Python 3.11 on linux-x86_64"."""
    return f"Python {sysconfig.get_python_version()} on {sysconfig.get_platform()}"


def wheels(requirements: Iterable[str], constraints: Path) -> dict[str, bytes]:
    """Return the wheels of packages, and of all that these need, by file name.

    Parameters
    ----------
    requirements : iterable of str
        Such as "numpy>=1.26".
    constraints : Path
        Which versions to take, if the file exists.

    Raises
    ------
    NoWheels
        If pip can't download them.
    """
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    command += ["--only-binary", ":all:"]
    if constraints.exists():
        command += ["--constraint", str(constraints)]
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [*command, "--dest", folder, *requirements],
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
        if done.returncode:
            errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
            raise NoWheels(f"pip download: {' '.join(errors) or f'exit code {done.returncode}'}")
        return {path.name: path.read_bytes() for path in sorted(Path(folder).iterdir())}
