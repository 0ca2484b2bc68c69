"""Feedback in place of tracebacks, for everything pytest runs in this folder."""

import os
from pathlib import Path

import pytest

# Small matrices are multiplied faster by one thread; it must be said before NumPy is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from autograder.learner.plugin import Feedback

NAME = "downhill"


def pytest_addoption(parser):
    group = parser.getgroup(NAME)
    group.addoption("--hints", action="store_true", help="show the first hint with each failure")


def pytest_configure(config):
    here = Path(__file__).parent
    # Authors and instructors can point the checks at another folder of modules.
    work = Path(os.environ.get("DOWNHILL_FOLDER", here))
    hints = config.getoption("hints", False)
    config.pluginmanager.register(Feedback(work, here, hints), NAME)


@pytest.fixture(scope="session")
def verify(pytestconfig):
    return pytestconfig.pluginmanager.get_plugin(NAME).verifier
