"""`autograder observe`: one draw of a check on your own code, call by call."""

from __future__ import annotations

import argparse
import functools
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np

from autograder.catalogue import EXERCISES, find_check
from autograder.commands import Refused
from autograder.core.exercise import Check
from autograder.core.explain import judge, render
from autograder.core.observe import observe, raised
from autograder.core.workbook import Workbook

MAX_SHOWN_CALLS = 12


def run(options: argparse.Namespace) -> int:
    """Show what a check calls, with which arguments, and what comes back.

    Nothing is judged: the expected numbers of a hidden draw are the grader's.
    """
    try:
        check = find_check(options.check)
    except KeyError as problem:
        raise Refused(problem.args[0]) from None
    if not options.folder.is_dir():
        raise Refused(f"there is no folder {options.folder}; give yours with --folder")
    workbook = Workbook(options.folder, EXERCISES)
    prepared = check.prepared(options.seed)
    print(f"{check.id}, draw {options.seed}: {check.title}")
    try:
        module = workbook.module(check.exercise)
    except Exception as problem:
        seen = raised(problem, workbook.folder, importing=check.exercise)
    else:
        calls = _traced(module, check)
        inputs = prepared.inputs if prepared else None
        seen = observe(check, module, check.inner_seed(options.seed), inputs)
        _print_calls(calls)
    if seen.outcome == "seen":
        return 0
    print(render(judge(check, seen, None)))
    return 1


def _traced(module: ModuleType, check: Check) -> list[str]:
    """Wrap the function that a check is of, and return where its calls will be listed."""
    calls: list[str] = []
    owner: Any = module
    *path, name = check.function.split(".")
    for part in path:
        owner = getattr(owner, part, None)
    function = getattr(owner, name, None)
    if function is not None:
        setattr(owner, name, _listing(function, name, calls))
    return calls


def _listing(function: Callable[..., Any], name: str, calls: list[str]) -> Callable[..., Any]:
    @functools.wraps(function)
    def listed(*arguments: Any, **named: Any) -> Any:
        said = [_text(a) for a in arguments] + [f"{k}={_text(v)}" for k, v in named.items()]
        call = f"{name}(\n    " + ",\n    ".join(said) + "\n)"
        try:
            result = function(*arguments, **named)
        except BaseException as problem:
            calls.append(f"{call}\nraised {type(problem).__name__}: {problem}")
            raise
        calls.append(f"{call}\nreturned {_text(result)}")
        return result

    return listed


def _text(value: Any) -> str:
    with np.printoptions(threshold=60, edgeitems=3):
        return repr(value).replace("\n", "\n    ")


def _print_calls(calls: list[str]) -> None:
    for call in calls[:MAX_SHOWN_CALLS]:
        print(f"\n{call}")
    if len(calls) > MAX_SHOWN_CALLS:
        print(f"\n… and {len(calls) - MAX_SHOWN_CALLS} more calls")
