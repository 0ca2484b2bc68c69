"""Where results are kept: an SQLite file that survives whatever ends a run.

A verdict belongs to files, not to a student: whoever hands in the same files has the
same one, and a later run finds it again. Who handed in what is kept of the last run and
of the run before. An instructor's adjustments belong to students, and stay through all
runs.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any, Self

from autograder.grading.grades import Adjustment, Attempt

FILE = "store.sqlite"
VERSION = 2
_PATIENCE = 60.0
"""Seconds to wait for another run that is writing."""

_SCHEMA = """
create table if not exists facts (name text primary key, value text not null) without rowid;
create table if not exists verdicts (
    key text primary key,    -- of the files, the checks, the reference and the engine
    final integer not null,  -- 0 if it is better found again: the grader or the clock was at fault
    seconds real not null,   -- of processor time; measured, and so in no result
    record text not null     -- what `results.of` makes, as JSON
) without rowid;
create table if not exists expected (student text primary key) without rowid;
create table if not exists adjustments (
    student text,
    check_id text,
    points integer not null,
    why text not null,
    primary key (student, check_id)
) without rowid;
"""

_HAND_INS = """
create table if not exists {} (
    student text,
    source text,
    time text,                     -- ISO 8601 with a zone, null if it isn't known
    dated text not null,
    marked_late integer not null,
    digest text not null,
    problems text not null,        -- JSON
    key text not null,
    primary key (student, source)
) without rowid;
"""
_SCHEMA += _HAND_INS.format("hand_ins") + _HAND_INS.format("hand_ins_before")

_BETTER = (
    "on conflict (key) do update set "
    "final = excluded.final, seconds = excluded.seconds, record = excluded.record "
    "where excluded.final >= final"
)


class StoreProblem(RuntimeError):
    """A store that can't be used; the message says why and what to do."""


Verdict = tuple[str, bool, float, dict[str, Any]]
"""Of a verdict: the key, whether it is final, seconds of processor time, and the record."""


class Store:
    """An open store.

    Parameters
    ----------
    path : Path
        The file; made if it isn't there.

    Raises
    ------
    StoreProblem
        If it is no store, or of another version.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            # Each write is a transaction of its own, unless one is begun.
            self._db = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None)
            self._db.execute("pragma journal_mode = wal")
            self._db.execute("pragma synchronous = normal")  # enough for the end of a process
            self._db.executescript(_SCHEMA)
        except sqlite3.Error as problem:
            raise StoreProblem(f"{path} can't be used ({problem}): delete it, or move it") from None
        version = self.fact("version")
        if version is None:
            self.note("version", VERSION)
        elif version != VERSION:
            self.close()
            raise StoreProblem(f"{path} was written by another version: delete it, grade again")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *problem: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def note(self, name: str, value: Any) -> None:
        """Keep a fact about the run."""
        row = (name, json.dumps(value))
        self._db.execute("insert or replace into facts values (?, ?)", row)

    def fact(self, name: str) -> Any:
        """Return a fact, None if it isn't known."""
        row = self._db.execute("select value from facts where name = ?", (name,)).fetchone()
        return json.loads(row[0]) if row else None

    def has(self, key: str) -> bool:
        """Return whether there is a final verdict under a key."""
        found = self._db.execute("select 1 from verdicts where key = ? and final", (key,))
        return found.fetchone() is not None

    def add(self, verdicts: Iterable[Verdict]) -> None:
        """Keep verdicts: all of them or, if this process ends in between, none."""
        rows = [(*facts, json.dumps(record)) for *facts, record in verdicts]
        with self._transaction():
            self._db.executemany(f"insert into verdicts values (?, ?, ?, ?) {_BETTER}", rows)

    def enroll(self, student: str, attempt: Attempt) -> None:
        """Note who handed in what; the attempt's record is left aside."""
        row = (
            student,
            attempt.source,
            attempt.time and attempt.time.isoformat(),
            attempt.dated,
            attempt.marked_late,
            attempt.digest,
            json.dumps(attempt.problems),
            attempt.key,
        )
        self._db.execute(f"insert or replace into hand_ins values ({'?, ' * 7}?)", row)

    def keep_only(self, handed_in: Iterable[tuple[str, str]]) -> None:
        """Forget what else was handed in.

        Parameters
        ----------
        handed_in : iterable of (str, str)
            Student and source.
        """
        with self._transaction():
            self._db.execute("drop table if exists present")
            self._db.execute("create temp table present (student, source)")
            self._db.execute("create index temp.by_student on present (student, source)")
            self._db.executemany("insert into present values (?, ?)", handed_in)
            self._db.execute(
                "delete from hand_ins where (student, source) not in (select * from present)"
            )

    def expect(self, students: Iterable[str]) -> None:
        """Note who is in the class, whether they hand in anything or not."""
        with self._transaction():
            self._db.execute("delete from expected")
            self._db.executemany("insert into expected values (?)", ((one,) for one in students))

    def attempts(
        self, student: str | None = None, before: bool = False
    ) -> Iterator[tuple[str, list[Attempt]]]:
        """Yield everybody, or one student, sorted by name, with what was handed in.

        Of that, only what has a verdict; who has handed in nothing comes if the class is
        known. `before` asks for the run before.
        """
        hand_ins = "hand_ins_before" if before else "hand_ins"
        rows = self._db.execute(
            f"select student, source, time, dated, marked_late, digest, problems, key, record"
            f" from {hand_ins} join verdicts using (key) where ?1 is null or student = ?1"
            f" union all select student, {'null, ' * 7} null from expected"
            f" where student not in (select student from {hand_ins})"
            f" and (?1 is null or student = ?1) order by student, source",
            (student,),
        )
        for name, theirs in groupby(rows, lambda row: str(row[0])):
            yield name, [_attempt(row) for row in theirs if row[1] is not None]

    def seconds(self) -> Iterator[float]:
        """Yield the processor time of each submission."""
        rows = self._db.execute("select seconds from hand_ins join verdicts using (key)")
        yield from (row[0] for row in rows)

    def adjustments(self) -> list[Adjustment]:
        """Return the instructor's adjustments, sorted by student."""
        rows = self._db.execute("select * from adjustments order by student, check_id")
        return [Adjustment(*row) for row in rows]

    def adjust(self, adjustment: Adjustment) -> None:
        """Keep an adjustment, in place of an earlier one of the same check."""
        self._db.execute("pragma synchronous = full")  # nobody would find it again
        row = (adjustment.student, adjustment.check_id, adjustment.points, adjustment.why)
        self._db.execute("insert or replace into adjustments values (?, ?, ?, ?)", row)

    def take_back(self, student: str, check_id: str) -> bool:
        """Drop an adjustment; return whether there was one."""
        where = "delete from adjustments where student = ? and check_id = ?"
        return self._db.execute(where, (student, check_id)).rowcount > 0

    def begin(self) -> None:
        """Keep what is known of the run before, if that was finished, to compare with."""
        if self.fact("complete"):
            with self._transaction():
                self._db.execute("delete from hand_ins_before")
                self._db.execute("insert into hand_ins_before select * from hand_ins")
            self.note("course before", self.fact("course"))
        self.note("complete", None)

    def names(self) -> list[str]:
        """Return everybody who has handed in something, or was given points by hand."""
        rows = self._db.execute(
            "select student from hand_ins union select student from adjustments order by student"
        )
        return [row[0] for row in rows]

    def sources(self) -> dict[str, list[str]]:
        """Return where each student's hand-ins were found."""
        found: dict[str, list[str]] = {}
        for student, source in self._db.execute("select student, source from hand_ins"):
            found.setdefault(student, []).append(source)
        return found

    def take_over(self, other: Path) -> None:
        """Add to this one what another store knows of a class.

        Raises
        ------
        StoreProblem
            If it can't be read.
        """
        try:
            self._db.execute("attach database ? as other", (str(other),))
            with self._transaction():
                self._db.execute(
                    f"insert into verdicts select * from other.verdicts where true {_BETTER}"
                )
                self._db.execute("insert or replace into hand_ins select * from other.hand_ins")
                self._db.execute("insert or replace into expected select * from other.expected")
            self._db.execute("detach database other")
        except sqlite3.Error as problem:
            raise StoreProblem(f"{other} can't be read ({problem})") from None

    def _transaction(self) -> _Transaction:
        return _Transaction(self._db)


class _Transaction:
    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def __enter__(self) -> None:
        self._db.execute("begin immediate")  # waits for another writer, here and not later

    def __exit__(self, kind: object, problem: object, trace: object) -> None:
        self._db.execute("rollback" if problem else "commit")


def _attempt(row: Sequence[Any]) -> Attempt:
    _, source, time, dated, marked_late, digest, problems, key, record = row
    return Attempt(
        source,
        digest,
        datetime.fromisoformat(time) if time else None,
        dated,
        bool(marked_late),
        json.loads(problems),
        key,
        json.loads(record),
    )
