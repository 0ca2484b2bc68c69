"""The checks in a notebook: `check("mse_loss_is_a_mean_of_squares")`.

What is checked are the notebook's own names, by the same draws and in the same words as under
`pytest exercises/`. An exercise that needs another one's functions imports them from its notebook.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import sys
from dataclasses import replace
from pathlib import Path
from types import FrameType, ModuleType

from autograder.catalogue import EXERCISES
from autograder.core import notebook
from autograder.core.exercise import Check
from autograder.core.explain import render
from autograder.core.observe import Crash, Seen
from autograder.core.workbook import Workbook
from autograder.learner.verifier import Draw, Unsolved, Verifier


class Wrong(Unsolved):
    """A check that does not hold; Jupyter shows what is said of it, and no traceback."""

    def __str__(self) -> str:
        return render(self.verdict)

    def _render_traceback_(self) -> list[str]:
        """Return what IPython shows in place of a traceback."""
        return str(self).splitlines()


class Checks:
    """The checks of an exercise, for the cells of its notebook.

    Parameters
    ----------
    exercise : str
    folder : Path
        Where the frozen observations are; where the notebook is, by default.
    """

    def __init__(self, exercise: str, folder: Path | None = None) -> None:
        self.exercise = EXERCISES[exercise]
        self.folder = folder or Path.cwd()
        _Others.begin(self.folder, exercise)

    def __call__(self, name: str) -> None:
        """Run a check, and say that it holds.

        Raises
        ------
        Wrong
            If it doesn't, or nothing is written yet.
        """
        check = next((one for one in self.exercise.checks if one.name == name), None)
        if check is None:
            raise LookupError(f"{self.exercise.name} has no check {name!r}")
        verdict = _InCells(self.folder, sys._getframe(1)).verdict(check)
        if verdict.outcome != "correct":
            raise Wrong(verdict) from None
        print(render(verdict, "✓"))


class _InCells(Verifier):
    """Runs checks on what the cells of a notebook have defined so far."""

    def __init__(self, folder: Path, cell: FrameType) -> None:
        super().__init__(folder, folder)
        self.workbook = _Cells(cell)

    def _look(self, check: Check, draw: Draw) -> Seen:
        seen = super()._look(check, draw)
        return replace(seen, crash=_without_files(seen.crash)) if seen.crash else seen


def _without_files(crash: Crash) -> Crash:
    """Call cells what people do: Jupyter gives each a file with a number for a name."""
    frames = tuple(replace(frame, file="a cell of yours") for frame in crash.frames)
    return replace(crash, frames=frames)


class _Cells(Workbook):
    """The names of a notebook, as a module whose folder is that of the cells' code."""

    def __init__(self, cell: FrameType) -> None:
        super().__init__(Path(cell.f_code.co_filename).parent, EXERCISES)
        self._cell = cell

    def file(self, name: str) -> Path:
        """Return something that is there."""
        return Path.cwd()

    def module(self, name: str) -> ModuleType:
        """Return the names as they are now."""
        module = ModuleType(name)
        module.__dict__.update(self._cell.f_globals)
        module.__file__ = str(self.folder / f"{name}.ipynb")
        return module


class _Others(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports the other exercises from their notebooks: beside this one, or in folders beside it.

    Parameters
    ----------
    folder : Path
        Where this notebook is.
    exercise : str
        Its own exercise.
    """

    def __init__(self, folder: Path, exercise: str) -> None:
        self.folder, self.exercise = folder, exercise

    @classmethod
    def begin(cls, folder: Path, exercise: str) -> None:
        """Have imports ask here first, and nobody of this kind from before."""
        sys.meta_path[:] = [one for one in sys.meta_path if type(one).__name__ != cls.__name__]
        sys.meta_path.insert(0, cls(folder, exercise))

    def find_spec(
        self, name: str, path: object, target: object = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Return how to import an exercise, None if there is no notebook of it."""
        if name not in EXERCISES or name == self.exercise:
            return None
        return importlib.util.spec_from_loader(name, self) if self._notebook(name) else None

    def _notebook(self, name: str) -> Path | None:
        places = (self.folder / f"{name}.ipynb", self.folder.parent / name / f"{name}.ipynb")
        return next((path for path in places if path.is_file()), None)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> None:
        """Have Python make the module."""

    def exec_module(self, module: ModuleType) -> None:
        """Define in a module what its notebook does."""
        name = module.__name__
        found = self._notebook(name)
        assert found
        functions = {function.partition(".")[0] for function in EXERCISES[name].functions}
        try:
            source = notebook.module(found.read_bytes(), functions).source
        except notebook.NotANotebook as problem:
            raise ImportError(f"{found}: {problem}", name=name) from None
        exec(compile(source, f"{found.stem} notebook", "exec"), module.__dict__)
