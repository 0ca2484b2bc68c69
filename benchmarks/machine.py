"""The machine that is measured on, and the environment in which."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import subprocess
import sys
from pathlib import Path

from benchmarks.measure import ROOT

CHOSEN = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "PYTHONDONTWRITEBYTECODE")
"""Settings of whoever measures that others don't have: they make the matrix products those of
another machine, or have every module compiled at each start."""
ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
KERNEL = (
    "import numpy, threadpoolctl\n"
    "print(*sorted({str(p.get('architecture')) for p in threadpoolctl.threadpool_info()}))"
)


def environment(**more: str) -> dict[str, str]:
    """Return the environment of everything measured: one thread for the matrix products.

    Parameters
    ----------
    **more : str
        Further variables.
    """
    kept = {name: value for name, value in os.environ.items() if name not in CHOSEN}
    return {**kept, **ONE_THREAD, **more}


def settle() -> None:
    """Give this process that environment; to be called before NumPy is imported."""
    for name in CHOSEN:
        os.environ.pop(name, None)
    os.environ.update(ONE_THREAD)


def machine() -> dict[str, str]:
    """Return what the numbers depend on."""
    about = Path("/proc/cpuinfo")
    lines = about.read_text(encoding="utf-8").splitlines() if about.exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return {
        "processor": models[0] if models else platform.processor() or platform.machine(),
        "processors": str(os.cpu_count()),
        "kernel of the matrix products": _kernel(),
        "system": f"{platform.system()} {platform.release().partition('-')[0]}",
        "Python": platform.python_version(),
        "NumPy": importlib.metadata.version("numpy"),
        "pytest": importlib.metadata.version("pytest"),
    }


def _kernel() -> str:
    """Return which of its kernels OpenBLAS chose, by threadpoolctl if it is installed."""
    command = [sys.executable, "-c", KERNEL]
    done = subprocess.run(
        command, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or "not known: threadpoolctl isn't installed"


def load() -> str:
    """Return how many processes have been waiting for a processor in the last minute."""
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "not known"
