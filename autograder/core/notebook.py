"""What a Jupyter notebook defines, as the text of a module; no cell of it is run.

Taken are functions and classes, and those imports and assignments that they use. So a plot, a
check or an experiment in a notebook can't break what is defined beside it.

A hostile notebook can make Python's parser take all memory, or end the process. So this is also
a script, to be run in a process of its own: names as arguments, the notebook as input, JSON out.
"""

from __future__ import annotations

import ast
import json
import re
import symtable
import sys
import warnings
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

MAX_CODE = 2**18
"""Characters of the code that is looked at."""

MAX_STATEMENTS = 5_000
"""Statements of a notebook that are looked at."""

MAX_TOLD = 5
"""Places that are named; of others there is only the number."""

RUN_THEIR_CELL = ("%%time", "%%capture")
"""Cell magics after which the cell is run as if it had none."""

USUAL = ("matplotlib", "load_ext", "autoreload", "config", "pip", "conda")
"""Magics that nobody needs to hear about."""

_MAGIC = re.compile(r"(?:[\w.,]+ *= *)?(?:%{1,2}(?=[a-zA-Z])|!+) *(\w*)", re.ASCII)
_HELP = re.compile(r"\?{1,2}[\w.]+|[\w.]+\?{1,2}", re.ASCII)
_BROKEN = (SyntaxError, ValueError, RecursionError, MemoryError)
"""What Python raises of a text that is no code."""

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
Choosable = ast.Assign | ast.AnnAssign | ast.AugAssign | ast.Import | ast.ImportFrom


class NotANotebook(Exception):
    """A file that is no notebook, with a sentence that says why."""


@dataclass(frozen=True)
class Module:
    """What a notebook defines.

    Attributes
    ----------
    source : str
        Python code; a comment says which cell each part is from.
    left_out : list of str
        What else was there that could define something, in words.
    """

    source: str
    left_out: list[str]


def module(content: bytes, names: Iterable[str]) -> Module:
    """Return what a notebook defines.

    Parameters
    ----------
    content : bytes
        Of an `.ipynb` file; anything may be in it.
    names : iterable of str
        What is asked for: assignments to these are taken, too.

    Raises
    ------
    NotANotebook
    """
    left_out: list[str] = []
    parts = list(_parts(content, left_out))
    binding: dict[str, list[_Part]] = defaultdict(list)
    for part in parts:
        for name in part.binds:
            binding[name].append(part)
    asked: set[str] = set()
    waiting = [*names, *(name for part in parts if part.kind is Definition for name in part.uses)]
    taken = {part for part in parts if part.kind is Definition or "*" in part.binds}
    while waiting:
        name = waiting.pop()
        if name not in asked:
            asked.add(name)
            taken.update(binding[name])
            waiting += [other for part in binding[name] for other in part.uses]
    left_out += [f"cell {p.cell}, line {p.line}: {p.first}" for p in parts if p.kind is ast.stmt]
    lines, cell = [], 0
    for part in sorted(taken, key=lambda part: (not part.is_future, part.order)):
        if part.cell != cell:
            cell = part.cell
            lines.append(f"# cell {cell}")
        lines += [part.text, ""]
    return Module("\n".join(lines), left_out)


def told(left_out: list[str]) -> str:
    """Return what was left out as one sentence; "" if nothing was."""
    if not left_out:
        return ""
    more = len(left_out) - MAX_TOLD
    places = "; ".join(left_out[:MAX_TOLD]) + (f"; and {more} more" if more > 0 else "")
    return (
        "taken are functions, classes, and the imports and assignments that they use. "
        f"Left out: {places}"
    )


@dataclass(frozen=True, eq=False)
class _Part:
    """A statement of a cell.

    Attributes
    ----------
    kind : type
        `Definition`, `Choosable`, `ast.Expr` for what can't define anything, or `ast.stmt`.
    order : (int, int)
        Where it stands.
    text : str
    binds, uses : set of str
        Names of the notebook's.
    """

    kind: Any
    order: tuple[int, int]
    text: str
    binds: set[str]
    uses: set[str]

    @property
    def cell(self) -> int:
        return self.order[0]

    @property
    def line(self) -> int:
        return self.order[1]

    @property
    def first(self) -> str:
        line = self.text.partition("\n")[0]
        return line if len(line) <= 50 else f"{line[:49]}…"

    @property
    def is_future(self) -> bool:
        return self.text.startswith("from __future__ ")


def _parts(content: bytes, left_out: list[str]) -> list[_Part]:
    """Return the statements; cells that can't be read are left out."""
    parts: list[_Part] = []
    length = 0
    for number, source in _code_cells(content):
        if source is None:
            left_out.append(f"cell {number}: its source is not text")
            continue
        length += len(source)
        if length > MAX_CODE:
            raise NotANotebook(f"its code is longer than {MAX_CODE // 2**10} KiB")
        try:
            parts += _statements(number, _without_magics(number, source, left_out))
        except _BROKEN as problem:
            line = getattr(problem, "lineno", None)
            where = f", line {line}" if line else ""
            left_out.append(f"cell {number}{where}: it is not valid Python")
    return parts


def _code_cells(content: bytes) -> Iterator[tuple[int, str | None]]:
    """Yield the number and the text of every code cell, counted from 1 over all cells."""
    try:
        tree = json.loads(content)
    except RecursionError:
        raise NotANotebook("it is nested too deep") from None
    except ValueError:
        raise NotANotebook("it is not a notebook: save it again in Jupyter") from None
    if isinstance(tree, dict) and "worksheets" in tree:
        raise NotANotebook("it has an old format: open it in a current Jupyter, and save it")
    cells = tree.get("cells") if isinstance(tree, dict) else None
    if not isinstance(cells, list):
        raise NotANotebook("it is not a notebook: it has no cells")
    for number, cell in enumerate(cells, start=1):
        if isinstance(cell, dict) and cell.get("cell_type") == "code":
            yield number, _text(cell.get("source", ""))


def _text(source: Any) -> str | None:
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if not isinstance(source, str):
        return None
    return source.replace("\r\n", "\n").replace("\r", "\n")


def _without_magics(number: int, source: str, left_out: list[str]) -> str:
    """Return a cell's Python, with `pass` where Jupyter's own commands were."""
    lines = source.split("\n")
    first = next((i for i, line in enumerate(lines) if line.strip()), 0)
    if lines[first].startswith("%%"):
        command = lines[first].split()[0]
        if command not in RUN_THEIR_CELL:
            left_out.append(f"cell {number}: {lines[first][:50]}")
            return ""
        lines[first] = ""
    if _is_python("\n".join(lines)):
        return "\n".join(lines)
    goes_on = False
    for i, line in enumerate(lines):
        text = line.strip()
        magic = _MAGIC.match(text)
        if not (goes_on or magic or _HELP.fullmatch(text)):
            continue
        if magic and not goes_on and magic[1] not in USUAL:
            left_out.append(f"cell {number}, line {i + 1}: {text[:50]}")
        lines[i] = "" if goes_on else f"{line[: len(line) - len(line.lstrip())]}pass"
        goes_on = line.endswith("\\")
    return "\n".join(lines)


def _is_python(text: str) -> bool:
    try:
        _tree(text)
    except _BROKEN:
        return False
    return True


def _tree(text: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text)


def _statements(cell: int, text: str) -> Iterator[_Part]:
    lines = text.split("\n")
    body = _tree(text).body
    if len(body) > MAX_STATEMENTS:
        raise NotANotebook(f"a cell has more than {MAX_STATEMENTS} statements")
    for i, node in enumerate(body):
        start = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
        end = node.end_lineno or start
        shared = (i and body[i - 1].end_lineno == start) or (
            i + 1 < len(body) and body[i + 1].lineno == end
        )
        own = ast.unparse(node) if shared else "\n".join(lines[start - 1 : end])
        yield _Part(_kind(node), (cell, start), own, _bound(node), _used(own))


def _kind(node: ast.stmt) -> Any:
    if isinstance(node, ast.Pass):
        return ast.Expr
    return next((k for k in (Definition, Choosable, ast.Expr) if isinstance(node, k)), ast.stmt)


def _bound(node: ast.stmt) -> set[str]:
    """Return the names that a statement defines or changes."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        names = {(one.asname or one.name).partition(".")[0] for one in node.names}
        return names | ({"*"} if getattr(node, "module", None) == "__future__" else set())
    targets = getattr(node, "targets", None) or [getattr(node, "target", None)]
    names = set()
    while targets:
        target = targets.pop()
        if isinstance(target, ast.Tuple | ast.List):
            targets += target.elts
        elif isinstance(target, ast.Starred | ast.Attribute | ast.Subscript):
            targets.append(target.value)
        elif isinstance(target, ast.Name):
            names.add(target.id)
    return names


def _used(text: str) -> set[str]:
    """Return the names that a statement, or a function in it, takes from around it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        top = symtable.symtable(text, "cell", "exec")
    names, tables = set(), [top]
    while tables:
        table = tables.pop()
        tables += table.get_children()
        names |= {s.get_name() for s in table.get_symbols() if table is top or s.is_global()}
    return names


MAX_MEMORY = 2**30
"""Bytes that the script may use, where the system can limit that."""


def main(names: list[str]) -> None:
    """Read a notebook from the standard input, and write what is in it to the output."""
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    try:
        found = module(sys.stdin.buffer.read(), names)
        answer = {"source": found.source, "left_out": found.left_out}
    except NotANotebook as problem:
        answer = {"problem": str(problem)}
    print(json.dumps(answer))


if __name__ == "__main__":
    main(sys.argv[1:])
