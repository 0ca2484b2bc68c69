"""A platform's own CSV file, read so that it can be written again byte for byte."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.grading.names import shown

DELIMITERS = (",", ";", "\t")
BYTE_ORDER_MARK = "\ufeff"


class BadTemplate(ValueError):
    """A file that can't be filled in, with a sentence that says why and what to do."""


@dataclass(frozen=True)
class Row:
    """A record of the file.

    Attributes
    ----------
    number : int
        The line it begins on; the header's is 1.
    cells : tuple of str
        As they stand in the file, with their quotation marks.
    end : str
        The line ending; empty if the file ends without one.
    """

    number: int
    cells: tuple[str, ...]
    end: str

    def text(self, index: int) -> str:
        """Return what a cell says, "" if the row has no such cell."""
        cell = self.cells[index] if index < len(self.cells) else ""
        return (cell[1:-1].replace('""', '"') if cell.startswith('"') else cell).strip()

    @property
    def label(self) -> str:
        """The row as a message calls it: its first two cells say whom it is about."""
        return f"row {self.number}: {' · '.join(shown(self.text(i)) for i in range(2))}"


class Template:
    """A CSV file that is kept as it is, but for the cells that are filled in.

    Parameters
    ----------
    path : Path
        In UTF-8, with or without a byte order mark.

    Attributes
    ----------
    head : Row
    columns : list of str
        What the header says.

    Raises
    ------
    BadTemplate
        Here and while reading: if the file is missing, not UTF-8 or no CSV.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        first = next(self._records(), None)
        if first is None:
            raise BadTemplate(f"{path} is empty")
        self._mark = BYTE_ORDER_MARK if first[1].startswith(BYTE_ORDER_MARK) else ""
        found = [(one, row) for one in DELIMITERS if (row := _row(*first, one))]
        if not found:
            raise self._broken(1)
        self._delimiter, self.head = max(found, key=lambda one: len(one[1].cells))
        self.columns = [self.head.text(index) for index in range(len(self.head.cells))]

    def index(self, column: str) -> int:
        """Return where a column is.

        Raises
        ------
        BadTemplate
            If it isn't there, or is there twice.
        """
        found = [index for index, name in enumerate(self.columns) if name == column.strip()]
        if len(found) == 1:
            return found[0]
        if found:
            raise BadTemplate(
                f"{self.path} has {len(found)} columns {column!r}: rename all but one"
            )
        there = "\n  ".join(shown(name) for name in self.columns if name)
        raise BadTemplate(f"{self.path} has no column {column!r}, only\n  {there}")

    def rows(self) -> Iterator[Row]:
        """Yield the rows below the header."""
        records = self._records()
        next(records)
        for number, record in records:
            row = _row(number, record, self._delimiter)
            if row is None:
                raise self._broken(number)
            yield row

    def line(self, row: Row, filled: Mapping[int, str]) -> str:
        """Return a row as it is written, with some cells replaced.

        Parameters
        ----------
        row : Row
        filled : mapping of int to str
            What the cells are to say, by their index.
        """
        cells = list(row.cells)
        for index, text in filled.items():
            cells[index] = self._quoted(text)
        mark = self._mark if row is self.head else ""
        return mark + self._delimiter.join(cells) + row.end

    def _quoted(self, text: str) -> str:
        special = {self._delimiter, '"', "\r", "\n"}
        return '"' + text.replace('"', '""') + '"' if special & set(text) else text

    def _records(self) -> Iterator[tuple[int, str]]:
        """Yield the line where a record begins, and its text; quoted line breaks don't end it."""
        lines: list[str] = []
        inside = False
        number = 0
        try:
            with self.path.open(encoding="utf-8", newline="") as file:
                for number, line in enumerate(file, 1):
                    lines.append(line)
                    inside ^= line.count('"') % 2 == 1
                    if not inside:
                        yield number - len(lines) + 1, "".join(lines)
                        lines = []
        except OSError as problem:
            raise BadTemplate(f"{self.path} can't be read ({problem.strerror})") from None
        except UnicodeDecodeError:
            raise BadTemplate(
                f"{self.path} is not UTF-8: export it again, and don't save it in a spreadsheet"
            ) from None
        if lines:
            raise self._broken(number - len(lines) + 1)

    def _broken(self, number: int) -> BadTemplate:
        return BadTemplate(
            f"{self.path}, line {number}: the quotation marks don't fit; export the file again"
        )


def _row(number: int, record: str, delimiter: str) -> Row | None:
    """Return a record's row, None if it is no CSV with this delimiter."""
    body = record.removeprefix(BYTE_ORDER_MARK) if number == 1 else record
    end = body[len(body.rstrip("\r\n")) :]
    body = body.removesuffix(end)
    cell = re.compile(rf'"[^"]*(?:""[^"]*)*"|[^"{delimiter}]*')
    cells = []
    at = -1
    while at < len(body):
        found = cell.match(body, at + 1)
        assert found  # an empty cell always is
        cells.append(found[0])
        at = found.end()
        if at < len(body) and body[at] != delimiter:
            return None
    return Row(number, tuple(cells), end)
