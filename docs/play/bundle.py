"""Join the scripts of the interactive figures into one: `python docs/play/bundle.py > play.js`.

The scripts in `js/` are modules, for reading and for tests. Browsers refuse modules on pages that
are read from a folder, so the site gets one classic script: the modules in the order in which they
import each other, in one function, made small. Their top-level names therefore have to differ, and
only static imports of names are understood.
"""

from __future__ import annotations

import re
from pathlib import Path

SOURCES = Path(__file__).with_name("js")
MAIN = "main.mjs"
IMPORT = re.compile(r'^import (?:\{[^}]*\} from )?"\./([\w-]+\.mjs)";\n', re.MULTILINE)
DEFINITION = re.compile(r"^(?:export )?(?:async )?(?:function|class|const|let) ([\w$]+)", re.M)
EXPORT = re.compile(r"^export ", re.MULTILINE)


def bundle() -> str:
    """Return the script of the site; where the minifier can't be installed, it stays long."""
    script = f'(()=>{{"use strict";{join(MAIN)}}})()'
    try:
        import minify
    except ImportError:
        return script
    small: str = minify.string("application/javascript", script)
    return small


def join(main: str, sources: Path = SOURCES) -> str:
    """Return a module after all that it imports; raise `ValueError` if two define a name."""
    parts: list[str] = []
    names: dict[str, str] = {}
    seen: set[str] = set()

    def add(module: str) -> None:
        if module in seen:
            return
        seen.add(module)
        text = (sources / module).read_text(encoding="utf-8")
        for imported in IMPORT.findall(text):
            add(imported)
        for name in DEFINITION.findall(text):
            if name in names:
                raise ValueError(f"{name} is defined in {names[name]} and in {module}: rename one")
            names[name] = module
        parts.append(EXPORT.sub("", IMPORT.sub("", text)))

    add(main)
    return "".join(parts)


if __name__ == "__main__":
    print(bundle(), end="")
