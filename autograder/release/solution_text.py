"""The assurance that nothing given to learners holds a solution: every file is searched.

What is looked for are the lines of the reference and of the alternatives, without
their spaces, line breaks and quotes: so a line is found however it is indented or
wrapped, and also within a notebook or another archive.
"""

from __future__ import annotations

import ast
import bz2
import gzip
import html
import io
import lzma
import re
import tarfile
import tokenize
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.authoring.stubs import BEGIN, END, stub
from autograder.catalogue import EXERCISES

DISTINCTIVE = 18
"""How many characters make a line one that nobody writes by chance."""

IDIOMS = ('with np.errstate(all="ignore"):', "rng = np.random.default_rng(seed)")
"""Long lines that say nothing about an exercise: others have them, too."""

TAUGHT = (
    "n_test = round(test_fraction * n)",
    "weight_grads, bias_grads = net.backward(target)",
    "parameters = net.weights + net.biases",
    "output = net.forward(x)",
    "best = best_epoch(test_losses)",
    "if predictions.shape != targets.shape:",
    'raise ValueError("unequal shapes")',
    'raise ValueError("shapes")',
    'raise ValueError(f"predictions {predictions.shape} and targets {targets.shape} differ")',
    "for _ in range(epochs):",
    "for x, target in zip(X, y, strict=True):",
)
"""Lines that pages and hints show: how a given class or function is used, a refusal, a loop."""

TEACHING = ("website/", "exercises/hints/")
"""Where they may be shown."""

IGNORED = b" \t\n\r\f\v\0\\\"'"
COMPILED = (".pyc", ".pyo")
BINARIES = "wheelhouse/"
"""Where a file may be neither text nor an archive: the packages of others hold libraries."""

PICTURE = b"\x89PNG\r\n"
HTML = b"<!doctype html"
TAGS = re.compile(rb"<[^>]*>")

PACKED: dict[bytes, Callable[[bytes], bytes]] = {
    b"\x1f\x8b": gzip.decompress,
    b"BZh": bz2.decompress,
    b"\xfd7zXZ\0": lzma.decompress,
}
"""How single compressed files begin, and what opens them."""

BROKEN = (zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, OSError)
LOCKED = (RuntimeError, NotImplementedError)
"""What opening an archive raises that is damaged, or encrypted or of another kind."""


@dataclass(frozen=True)
class Leak:
    """A place in a release that can't be given to learners.

    Attributes
    ----------
    place : str
        The file; within an archive "wheels/some.whl/module.py".
    what : str
        Which line of which solution it holds, or why it couldn't be searched.
    """

    place: str
    what: str


class SolutionText:
    """The text of the solutions, to be looked for.

    Parameters
    ----------
    solutions : Path
        The folder with the reference and the alternatives.

    Attributes
    ----------
    lines : dict of bytes to str
        What is looked for, squeezed, and where it stands.
    """

    def __init__(self, solutions: Path) -> None:
        reference = {path: path.read_text(encoding="utf-8") for path in _modules(solutions)}
        given = b"\n".join(_squeezed(stub(text, str(path))) for path, text in reference.items())
        idioms = {_squeezed(line) for line in IDIOMS}
        self._taught = {_squeezed(line) for line in TAUGHT}
        self.lines: dict[bytes, str] = {}
        others = sorted((solutions / "alternatives").rglob("*.py"))
        texts = {**reference, **{path: path.read_text(encoding="utf-8") for path in others}}
        for path, text in texts.items():
            regions = _marked(text) if path in reference else _functions(text)
            where = path.relative_to(solutions).as_posix()
            for row, line in _distinctive(text, regions):
                if line not in given and line not in idioms:
                    self.lines.setdefault(line, f"line {row} of solutions/{where}")
        self._anchors = {line: _longest_word(line) for line in self.lines}

    def leaks(self, tree: Mapping[str, bytes]) -> list[Leak]:
        """Return the places that hold a line of a solution, or can't be searched.

        Parameters
        ----------
        tree : mapping of str to bytes
            The contents of files by their paths.
        """
        return [leak for path in sorted(tree) for leak in self._leaks(path, tree[path])]

    def _leaks(self, place: str, data: bytes) -> Iterator[Leak]:
        if place.endswith(COMPILED):
            yield Leak(place, "is compiled Python, and can't be searched")
        if data[:99].lstrip().lower().startswith(HTML):  # its code is cut up by colors
            data = html.unescape(TAGS.sub(b"", data).decode(errors="replace")).encode()
        squeezed = data.translate(None, IGNORED)
        words = set(re.findall(rb"\w+", squeezed))
        for line, where in self.lines.items():
            anchor = self._anchors[line]
            if anchor and anchor not in words:  # much quicker than looking for the line
                continue
            taught = line in self._taught and place.startswith(TEACHING)
            if line in squeezed and not taught:
                yield Leak(place, f"holds {where}")
        try:
            members = list(_members(data))
        except (*BROKEN, *LOCKED) as problem:
            yield Leak(place, f"is an archive, and can't be searched: {problem}")
            return
        known = place.startswith(BINARIES) or data.startswith(PICTURE)
        if not (members or _is_text(data) or known):
            yield Leak(place, "is neither text nor an archive, and can't be searched")
        for name, inner in members:
            yield from self._leaks(f"{place}/{name}", inner)


def _modules(solutions: Path) -> list[Path]:
    return [solutions / f"{name}.py" for name in EXERCISES]


def _squeezed(text: str) -> bytes:
    return text.encode().translate(None, IGNORED)


def _longest_word(line: bytes) -> bytes:
    """Return a word that must stand in a text with that line; nothing if there is none.

    The first and the last don't count: squeezed, they run into their neighbors.
    """
    return max(re.findall(rb"(?<=\W)\w+(?=\W)", line), key=len, default=b"")


def _distinctive(text: str, regions: list[range]) -> Iterator[tuple[int, bytes]]:
    """Yield what tells each region, with its row: its long lines, or all of it if none is."""
    rows_and_lines = list(_logical_lines(text))
    for region in regions:
        own = [(row, _squeezed(line)) for row, line in rows_and_lines if row in region]
        long = [(row, line) for row, line in own if len(line) >= DISTINCTIVE]
        if own:
            yield from long or [(region.start, b"".join(line for _, line in own))]


def _marked(reference: str) -> list[range]:
    """Return the rows between the markers."""
    rows: dict[str, list[int]] = {BEGIN: [], END: []}
    for row, line in enumerate(reference.splitlines(), start=1):
        if line.strip() in rows:
            rows[line.strip()].append(row)
    return [range(a + 1, b) for a, b in zip(rows[BEGIN], rows[END], strict=True)]


def _functions(alternative: str) -> list[range]:
    """Return the rows of each function's body, without its docstring."""
    regions = []
    for node in ast.walk(ast.parse(alternative)):
        if isinstance(node, ast.FunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            if body:
                regions.append(range(body[0].lineno, (body[-1].end_lineno or 0) + 1))
    return regions


def _logical_lines(source: str) -> Iterator[tuple[int, str]]:
    """Yield each statement, its head if it has a body, and each comment, with their rows."""
    lines = source.splitlines(keepends=True)
    start = end = (0, 0)
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string
        elif token.type == tokenize.NEWLINE:
            rows = lines[start[0] - 1 : end[0]]
            rows[-1] = rows[-1][: end[1]]
            yield start[0], "".join(rows)
            start = (0, 0)
        elif token.type not in (tokenize.NL, tokenize.INDENT, tokenize.DEDENT):
            start, end = start if start[0] else token.start, token.end


def _is_text(data: bytes) -> bool:
    try:
        return "\0" not in data.decode()
    except UnicodeDecodeError:
        return False


def _members(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield what is packed into a file, one level down; nothing if it isn't an archive."""
    file = io.BytesIO(data)
    if zipfile.is_zipfile(file):
        with zipfile.ZipFile(file) as archive:
            yield from ((name, archive.read(name)) for name in archive.namelist())
        return
    for magic, unpack in PACKED.items():
        if data.startswith(magic):
            yield "unpacked", unpack(data)
            return
    if tarfile.is_tarfile(io.BytesIO(data)):
        with tarfile.open(fileobj=io.BytesIO(data)) as tar:
            for member in tar:
                content = tar.extractfile(member)
                if content:
                    yield member.name, content.read()
