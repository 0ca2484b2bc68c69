"""Compare what the pages show under two versions of NumPy.

    python docs/agree.py write FILE      with the one
    python docs/agree.py compare FILE    with the other

Figures, and blocks that say of themselves that they vary, are not compared.
"""

import json
import sys
from pathlib import Path
from typing import Any

from pages import PageError
from weave import chosen, outcome


def shown() -> dict[str, Any]:
    """Return what the visible blocks and the expressions of each page came to."""
    found = {}
    for name in chosen():
        came = outcome(name)
        if "error" in came:
            raise PageError(came["error"])
        texts = [*came["shown"], *came["values"].items()]
        found[name] = [[line, text] for line, text in texts if not text.startswith("<")]
    return found


def main() -> int:
    """Write what is shown, or compare it with what was written."""
    work, file = sys.argv[1], Path(sys.argv[2])
    here = shown()
    if work == "write":
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(here), "utf-8")
        return 0
    there = json.loads(file.read_text("utf-8"))
    differences = [
        f"{name}, line {line}:\n{text}\nand there:\n{other}"
        for name in here
        for (line, text), (_, other) in zip(here[name], there[name], strict=True)
        if text != other
    ]
    print(*differences, f"{len(here)} pages, {len(differences)} differences", sep="\n\n")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
