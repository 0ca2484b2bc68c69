"""A folder of modules that belong together: a learner's, or the reference's."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType


class Workbook:
    """The modules in a folder, imported when they are asked for.

    Two workbooks in one process don't meet: `losses` of one is never taken for
    `losses` of the other, and afterwards `sys.modules` is as it was.

    Parameters
    ----------
    folder : Path
    names : iterable of str
        The modules that may be found there; they can import each other.
    """

    def __init__(self, folder: Path, names: Iterable[str]) -> None:
        self.folder = folder.resolve()
        self.names = list(names)
        self._loaded: dict[str, ModuleType] = {}
        self._problems: dict[str, BaseException] = {}

    def file(self, name: str) -> Path:
        """Return where a module is, or would be."""
        return self.folder / f"{name}.py"

    def module(self, name: str) -> ModuleType:
        """Import a module, once.

        Raises
        ------
        BaseException
            Whatever importing it raised, the same each time.
        """
        if name in self._problems:
            raise self._problems[name]
        if name not in self._loaded:
            try:
                with self.on_stage():
                    importlib.import_module(name)
            except BaseException as problem:
                self._problems[name] = problem
                raise
        return self._loaded[name]

    @contextmanager
    def on_stage(self) -> Iterator[None]:
        """Make `import NAME` mean this folder's, and only for a while."""
        others = {name: sys.modules.pop(name) for name in self.names if name in sys.modules}
        sys.modules.update(self._loaded)
        sys.path.insert(0, str(self.folder))
        importlib.invalidate_caches()
        # Compiled files are told apart by the second: too coarse for a save after a save.
        writes, sys.dont_write_bytecode = sys.dont_write_bytecode, True
        try:
            yield
        finally:
            sys.dont_write_bytecode = writes
            sys.path.remove(str(self.folder))
            for name in self.names:
                if name in sys.modules:
                    self._loaded[name] = sys.modules.pop(name)
            sys.modules.update(others)
