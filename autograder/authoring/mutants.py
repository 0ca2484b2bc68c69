"""Small wrong changes of the reference's work, made without thinking.

Known mistakes are what people write; mutants are what nobody thought of. A check
that no mutant of a line can fail doesn't test that line.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from autograder.authoring.stubs import BEGIN, END

SWAPS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.MatMult: ast.Mult,
    ast.Pow: ast.Mult,
    ast.USub: ast.UAdd,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.And: ast.Or,
    ast.Or: ast.And,
}
NAMES = {
    "mean": "sum",
    "sum": "mean",
    "max": "min",
    "argmax": "argmin",
    "argmin": "argmax",
    "exp": "sqrt",
    "log": "exp",
    "abs": "negative",
    "insert": "index",
    "reversed": "list",
    "all": "any",
}


@dataclass(frozen=True)
class Mutant:
    """The reference with one change.

    Attributes
    ----------
    name : str
        The function, the line and what was done to it.
    source : str
        The whole module.
    """

    name: str
    source: str


def mutants(source: str, skipped: Collection[str] = ()) -> Iterator[Mutant]:
    """Yield every mutant of what stands between the solution markers.

    Parameters
    ----------
    source : str
        The reference.
    skipped : collection of str
        Functions that are judged by a goal that they reach, not by their text.
    """
    tree = ast.parse(source)
    lines = source.splitlines()
    work = _work_lines(lines)
    for index, (function, node) in enumerate(_places(tree, work, skipped)):
        changed = copy.deepcopy(tree)
        what = _change(changed, _places(changed, work, skipped)[index][1])
        text = ast.unparse(ast.fix_missing_locations(changed))
        line = lines[node.lineno - 1].strip().rstrip(":")  # type: ignore[attr-defined]
        yield Mutant(f"{function}: {line}: {what}", text)


def _places(tree: ast.AST, work: set[int], skipped: Collection[str]) -> list[tuple[str, ast.AST]]:
    """Return the nodes that can be changed, each with the function that it is in.

    No message of an error is changed, and no extra strictness is taken away.
    """
    places: list[tuple[str, ast.AST]] = []

    def visit(node: ast.AST, function: str) -> None:
        if isinstance(node, ast.Raise) or getattr(node, "name", None) in skipped:
            return
        if isinstance(node, ast.keyword) and node.arg == "strict":
            return
        if getattr(node, "lineno", 0) in work and _can_change(node):
            places.append((function, node))
        inner = node.name if isinstance(node, ast.FunctionDef) and not function else function
        for child in ast.iter_child_nodes(node):
            visit(child, inner)

    visit(tree, "")
    return places


def _work_lines(lines: list[str]) -> set[int]:
    inside, work = False, set()
    for number, line in enumerate(lines, start=1):
        if line.strip() in (BEGIN, END):
            inside = line.strip() == BEGIN
        elif inside:
            work.add(number)
    return work


def _can_change(node: ast.AST) -> bool:
    if isinstance(node, ast.BinOp | ast.UnaryOp | ast.BoolOp | ast.AugAssign):
        return type(node.op) in SWAPS
    if isinstance(node, ast.Compare):
        return type(node.ops[0]) in SWAPS
    if isinstance(node, ast.Constant):
        return type(node.value) in (int, float, bool)
    if isinstance(node, ast.Attribute | ast.Name):
        return (node.attr if isinstance(node, ast.Attribute) else node.id) in NAMES
    return isinstance(node, ast.keyword | ast.Assign | ast.Expr)


def _change(tree: ast.AST, node: ast.AST) -> str:
    """Change a node in place and return in words what was done.

    `SWAPS` pairs operators of one kind, which the type checker can't see.
    """
    if isinstance(node, ast.BinOp | ast.UnaryOp | ast.BoolOp | ast.AugAssign):
        before = type(node.op)
        node.op = SWAPS[before]()  # type: ignore[assignment]
        return f"{before.__name__} to {type(node.op).__name__}"
    if isinstance(node, ast.Compare):
        compared = type(node.ops[0])
        node.ops[0] = SWAPS[compared]()  # type: ignore[call-overload]
        return f"{compared.__name__} to {type(node.ops[0]).__name__}"
    if isinstance(node, ast.Constant):
        value = node.value
        node.value = not value if isinstance(value, bool) else value + 1  # type: ignore[operator]
        return f"{value!r} to {node.value!r}"
    if isinstance(node, ast.Attribute):
        old_name, node.attr = node.attr, NAMES[node.attr]
        return f"{old_name} to {node.attr}"
    if isinstance(node, ast.Name):
        old_name, node.id = node.id, NAMES[node.id]
        return f"{old_name} to {node.id}"
    for parent in ast.walk(tree):
        for _, value in ast.iter_fields(parent):
            if isinstance(value, list) and node in value:
                if isinstance(node, ast.keyword):
                    value.remove(node)
                    return f"without {node.arg}"
                value[value.index(node)] = ast.Pass()
                return "left out"
    raise AssertionError("a node without a parent")
