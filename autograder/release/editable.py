"""Installs this folder without a download: what `pip install -e .` calls (PEP 517, PEP 660).

It stands in a class's folder as `autograder/editable.py`. A wheel is a zip file of what
goes into the environment; an editable one holds only the way to this folder.
"""

from __future__ import annotations

import base64
import hashlib
import locale
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


def build_editable(wheel_directory: str, *_unused: Any, **_unused_too: Any) -> str:
    """Write a wheel that makes the modules here importable, and return its name."""
    # site.py reads such a file as UTF-8 since Python 3.13, and as the system writes before.
    encoding = "utf-8" if sys.version_info >= (3, 13) else locale.getencoding()
    return _wheel(Path(wheel_directory), {"downhill_class.pth": f"{ROOT}\n".encode(encoding)})


def build_wheel(wheel_directory: str, *_unused: Any, **_unused_too: Any) -> str:
    """Write a wheel with copies of the modules here, and return its name."""
    modules = sorted((ROOT / "autograder").rglob("*.py"))
    return _wheel(
        Path(wheel_directory),
        {path.relative_to(ROOT).as_posix(): path.read_bytes() for path in modules},
    )


def _wheel(directory: Path, files: dict[str, bytes]) -> str:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    name = f"{project['name'].replace('-', '_')}-{project['version']}"
    texts = {
        "METADATA": [
            "Metadata-Version: 2.1",
            f"Name: {project['name']}",
            f"Version: {project['version']}",
            f"Requires-Python: {project['requires-python']}",
            *(f"Requires-Dist: {one}" for one in project["dependencies"]),
        ],
        "WHEEL": [
            "Wheel-Version: 1.0",
            "Generator: downhill",
            "Root-Is-Purelib: true",
            "Tag: py3-none-any",
        ],
        "entry_points.txt": [
            "[console_scripts]",
            *(f"{command} = {of}" for command, of in project["scripts"].items()),
        ],
    }
    for file, lines in texts.items():
        files[f"{name}.dist-info/{file}"] = "".join(f"{line}\n" for line in lines).encode()
    record = f"{name}.dist-info/RECORD"
    rows = [f"{path},sha256={_digest(data)},{len(data)}\n" for path, data in files.items()]
    files[record] = "".join([*rows, f"{record},,\n"]).encode()
    wheel = directory / f"{name}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in files.items():
            archive.writestr(path, data)
    return wheel.name


def _digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
