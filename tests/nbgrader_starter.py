"""Runs nbgrader's commands, each in a process of its own, and imports nbgrader once for all.

A line of JSON on the standard input says what to run; the answer is how it ended.
"""

import json
import os
import sys
import warnings
from typing import Any

from nbgrader.apps.nbgraderapp import main


def run(command: list[str], folder: str, environment: dict[str, str], said: str) -> int:
    """Run a command in a child, what it says going into a file, and return how it ended."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    code: Any = 1
    try:
        file = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(file, 1)
        os.dup2(file, 2)
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environment)
        warnings.simplefilter("ignore")
        sys.argv = command
        main()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else bool(end.code)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(int(code))


for line in sys.stdin:
    print(run(**json.loads(line)), flush=True)
