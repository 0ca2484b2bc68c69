"""Python in the browser: what the button "run it here" loads, as files of the site.

`add_to(site)` writes the folder `run/`: the part of the autograder that a learner needs with the
stubs, hints and frozen observations as one archive, and Pyodide's own files where there are some.

    python docs/runhere.py build/pyodide

gets these: the runtime from npm, NumPy's wheel from Pyodide's own host, both held against a
checksum. A site that is built without them keeps the editor, and says how to check locally.
"""

import argparse
import hashlib
import io
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
import urllib.request
import zipfile
from collections.abc import Mapping
from pathlib import Path

import autograder
from autograder.authoring import made
from autograder.catalogue import EXERCISES
from autograder.release.package import with_imports
from autograder.release.solution_text import SolutionText

ROOT = Path(autograder.__file__).resolve().parents[1]
VERSION = "314.0.7"
RUNTIME = {
    "pyodide.mjs",
    "pyodide.asm.mjs",
    "pyodide.asm.wasm",
    "python_stdlib.zip",
    "pyodide-lock.json",
}
RUNTIME_SHA256 = "66b7949e5a0cba2250b586d7e368bf12fb482800748d182c4618254b685ffaa0"
"""Of the package as npm delivers it."""

WHEEL = "numpy-2.4.6-cp314-cp314-pyemscripten_2026_0_wasm32.whl"
WHEEL_SHA256 = "a292c1f5d7d8a2208cd5e94fc467604c131cabcd2fc14fed6eefde121e7fabdf"
WHEEL_URL = f"https://cdn.jsdelivr.net/pyodide/v{VERSION}/full/{WHEEL}"

LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""The date of every file in the archive, so that the same course gives the same bytes."""


class Unfit(Exception):
    """Something that must not be published; the message says what and what to do."""


def add_to(site: Path, pyodide: Path | None = None) -> str:
    """Write the folder `run/` of a site.

    Parameters
    ----------
    site : Path
    pyodide : Path, optional
        A folder with Pyodide's files, with or without NumPy's wheel.

    Returns
    -------
    str
        What the browser gets, in a few words.

    Raises
    ------
    Unfit
        If a file holds a line of a solution, or isn't the one that its checksum names.
    """
    folder = site / "run"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    course = course_files(ROOT)
    (folder / "course.zip").write_bytes(archive(course))
    for name in EXERCISES:
        (folder / f"{name}.py").write_bytes(course[f"exercises/{name}.py"])
    python = numpy = False
    if pyodide:
        python, numpy = True, copy_runtime(pyodide, folder / "pyodide")
    has = {"python": python, "numpy": numpy}
    (folder / "contents.json").write_text(json.dumps(has), encoding="utf-8")
    if not python:
        return "the editor without Python"
    return f"Pyodide {VERSION} {'with' if numpy else 'without'} NumPy"


def course_files(root: Path) -> dict[str, bytes]:
    """Return what a learner's checks need, by path.

    Raises
    ------
    Unfit
        If there is a line of a solution in it.
    """
    texts = with_imports(["autograder.learner.browser"], EXERCISES)
    tree = {path: text.encode() for path, text in texts.items()}
    for stub in made.stubs(root / "solutions", root / "exercises"):
        tree[f"exercises/{stub.path.name}"] = stub.text.encode()
    for folder, kind in (("hints", "*.toml"), ("observations", "*.json")):
        for path in sorted((root / "exercises" / folder).glob(kind)):
            tree[f"exercises/{folder}/{path.name}"] = path.read_bytes()
    leaks = SolutionText(root / "solutions").leaks(tree)
    if leaks:
        lines = [f"  {leak.place} {leak.what}" for leak in leaks]
        raise Unfit("\n".join(["what the browser would get gives an answer away:", *lines]))
    return tree


def archive(tree: Mapping[str, bytes]) -> bytes:
    """Return files as a zip archive, the same bytes for the same files."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for path in sorted(tree):
            entry = zipfile.ZipInfo(path, LONG_AGO)
            entry.compress_type = zipfile.ZIP_DEFLATED
            file.writestr(entry, tree[path])
    return packed.getvalue()


def copy_runtime(source: Path, target: Path) -> bool:
    """Copy Pyodide's files; return whether NumPy is among them.

    Raises
    ------
    Unfit
        If one is missing, of another version, or not what its checksum says.
    """
    missing = sorted(name for name in RUNTIME if not (source / name).is_file())
    if missing:
        raise Unfit(f"{source} lacks {', '.join(missing)}: run python docs/runhere.py {source}")
    lock = json.loads((source / "pyodide-lock.json").read_text(encoding="utf-8"))
    numpy = lock["packages"]["numpy"]
    if (numpy["file_name"], numpy["sha256"]) != (WHEEL, WHEEL_SHA256):
        raise Unfit(f"{source} is not Pyodide {VERSION}: run python docs/runhere.py {source}")
    wheel = source / WHEEL
    if wheel.is_file():
        refuse_unless(wheel.read_bytes(), WHEEL_SHA256, str(wheel))
    target.mkdir()
    for name in [*sorted(RUNTIME), *([WHEEL] if wheel.is_file() else [])]:
        shutil.copyfile(source / name, target / name)
    return wheel.is_file()


def refuse_unless(data: bytes, sha256: str, name: str) -> None:
    """Raise `Unfit` if data hasn't the checksum."""
    found = hashlib.sha256(data).hexdigest()
    if found != sha256:
        raise Unfit(f"{name} has the SHA-256 {found}, not {sha256}: it is not the published file")


def get_runtime(folder: Path) -> None:
    """Write Pyodide's files as npm delivers them."""
    npm = shutil.which("npm")
    if npm is None:
        raise Unfit("npm is not installed: it delivers Pyodide's files")
    with tempfile.TemporaryDirectory() as temporary:
        command = [npm, "pack", "--silent", f"pyodide@{VERSION}"]
        done = subprocess.run(
            command, cwd=temporary, capture_output=True, text=True, check=False, timeout=300
        )
        packed = Path(temporary, f"pyodide-{VERSION}.tgz")
        if done.returncode or not packed.is_file():
            raise Unfit(f"npm could not deliver pyodide {VERSION}: {done.stderr.strip()}")
        data = packed.read_bytes()
    refuse_unless(data, RUNTIME_SHA256, packed.name)
    folder.mkdir(parents=True, exist_ok=True)
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        for name in sorted(RUNTIME):
            member = tar.extractfile(f"package/{name}")
            if member is None:
                raise Unfit(f"{packed.name} lacks {name}")
            (folder / name).write_bytes(member.read())


def get_wheel(folder: Path, url: str = WHEEL_URL) -> None:
    """Write NumPy's wheel, if it is the one that Pyodide was published with."""
    try:
        with urllib.request.urlopen(url, timeout=60) as answer:
            data = answer.read()
    except OSError as problem:
        raise Unfit(f"{url} can't be had: {problem}") from None
    refuse_unless(data, WHEEL_SHA256, url)
    (folder / WHEEL).write_bytes(data)


def main() -> int:
    """Get Pyodide's files, or say what stands in the way."""
    parser = argparse.ArgumentParser(description="Get what runs Python in the browser.")
    parser.add_argument("folder", type=Path, help="where to put the files")
    parser.add_argument("--without-numpy", action="store_true", help="only what npm delivers")
    options = parser.parse_args()
    try:
        get_runtime(options.folder)
        if not options.without_numpy:
            get_wheel(options.folder)
    except Unfit as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
