"""The tests with the oldest and the newest NumPy: `nox`."""

import nox

nox.options.sessions = ["tests", "pages"]


@nox.session
@nox.parametrize("numpy", ["1.26.*", "2.*"], ids=["oldest", "newest"])
def tests(session: nox.Session, numpy: str) -> None:
    """Run the test suite; further arguments go to pytest."""
    session.install("-e", ".[dev]", f"numpy=={numpy}")
    session.run("python", "-c", "import numpy; print('NumPy', numpy.__version__)")
    asked = {"DOWNHILL_NUMPY": numpy}
    session.run("python", "-m", "pytest", "tests", "-W", "error", *session.posargs, env=asked)


@nox.session
def pages(session: nox.Session) -> None:
    """Compare what the pages show with the oldest and the newest NumPy."""
    session.install("-e", ".[site]", "numpy==1.26.*")
    session.run("python", "docs/agree.py", "write", "build/oldest.json")
    session.install("--upgrade", "numpy==2.*")
    session.run("python", "docs/agree.py", "compare", "build/oldest.json")
