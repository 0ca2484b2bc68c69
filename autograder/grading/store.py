"""Where results are kept: an SQLite file that survives whatever ends a run.

A verdict belongs to files, not to a student: whoever hands in the same files has the
same one, and a later run finds it again. The roster says who handed in what, in the
last run; another one, who did in the run before. An instructor's adjustments belong to
students, and stay through all runs.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

FILE = "store.sqlite"
VERSION = 1
_PATIENCE = 60.0
"""Seconds to wait for another run that is writing."""

_SCHEMA = """
create table if not exists facts (name text primary key, value text not null) without rowid;
create table if not exists verdicts (
    key text primary key,    -- of the files, the checks, the reference and the engine
    final integer not null,  -- 0 if it is better found again: the grader or the clock was at fault
    record text not null     -- what `results.of` makes, as JSON
) without rowid;
create table if not exists roster (
    student text primary key,
    source text not null,
    digest text not null,
    problems text not null,  -- JSON
    key text not null
) without rowid;
create table if not exists before (
    student text primary key,
    digest text not null,
    key text not null
) without rowid;
create table if not exists adjustments (
    student text,
    check_id text,
    points integer not null,
    why text not null,
    primary key (student, check_id)
) without rowid;
"""


_BETTER = (
    "on conflict (key) do update set final = excluded.final, record = excluded.record "
    "where excluded.final >= final"
)


class StoreProblem(RuntimeError):
    """A store that can't be used; the message says why and what to do."""


@dataclass(frozen=True)
class Adjustment:
    """Points that an instructor gives in place of the autograder's.

    Attributes
    ----------
    student, check_id : str
    points : int
    why : str
        For the student to read.
    """

    student: str
    check_id: str
    points: int
    why: str

    def apply(self, record: dict[str, Any]) -> None:
        """Change a record, which says so; nothing if the check wasn't graded."""
        check = record["checks"].get(self.check_id)
        if check is None:
            return
        more = self.points - check["points"]
        check["adjusted"] = {"from": check["points"], "why": self.why}
        check["points"] = self.points
        record["problems"].append(
            f"adjusted by hand, {self.check_id}: {self.points} points in place of "
            f"{check['adjusted']['from']}: {self.why}"
        )
        exercise = self.check_id.partition(".")[0]
        record["exercises"][exercise] = (record["exercises"][exercise] or 0) + more
        record["total"] += more


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

    def add(self, verdicts: Iterable[tuple[str, bool, dict[str, Any]]]) -> None:
        """Keep verdicts: all of them or, if this process ends in between, none.

        Parameters
        ----------
        verdicts : iterable of (str, bool, dict)
            Key, whether it is final, and record.
        """
        rows = [(key, final, json.dumps(record)) for key, final, record in verdicts]
        with self._transaction():
            self._db.executemany(f"insert into verdicts values (?, ?, ?) {_BETTER}", rows)

    def enroll(self, student: str, source: str, digest: str, problems: list[str], key: str) -> None:
        """Note who handed in what."""
        row = (student, source, digest, json.dumps(problems), key)
        self._db.execute("insert or replace into roster values (?, ?, ?, ?, ?)", row)

    def keep_only(self, students: Iterable[str]) -> None:
        """Take everybody else off the roster."""
        with self._transaction():
            self._db.execute("create temp table if not exists present (student primary key)")
            self._db.execute("delete from present")
            self._db.executemany("insert into present values (?)", ((s,) for s in students))
            self._db.execute("delete from roster where student not in (select * from present)")

    def students(self, student: str | None = None) -> Iterator[dict[str, Any]]:
        """Yield everybody's record, or one student's, sorted by name.

        Only those whose verdict there is.
        """
        adjustments: dict[str, list[Adjustment]] = {}
        for adjustment in self.adjustments():
            adjustments.setdefault(adjustment.student, []).append(adjustment)
        rows = self._db.execute(
            "select student, source, digest, problems, record from roster join verdicts using (key)"
            + (" order by student" if student is None else " where student = ?"),
            () if student is None else (student,),
        )
        for name, source, digest, problems, record in rows:
            facts = json.loads(record)
            facts["problems"] = [*json.loads(problems), *facts["problems"]]
            for adjustment in adjustments.get(name, []):
                adjustment.apply(facts)
            yield {"student": name, "source": source, "digest": digest, **facts}

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
        """Keep the roster of the run before, if that was finished, to compare with."""
        if self.fact("complete"):
            with self._transaction():
                self._db.execute("delete from before")
                self._db.execute("insert into before select student, digest, key from roster")
        self.note("complete", None)

    def changes(self) -> Iterator[tuple[str, bool, dict[str, Any], dict[str, Any]]]:
        """Yield who has another verdict than in the run before.

        Yields
        ------
        student : str
        edited : bool
            Whether other files were handed in.
        before, after : dict
            The records, without adjustments.
        """
        rows = self._db.execute(
            "select student, before.digest <> roster.digest, old.record, new.record"
            " from before join roster using (student)"
            " join verdicts old on old.key = before.key join verdicts new on new.key = roster.key"
            " where before.key <> roster.key order by student"
        )
        for student, edited, old, new in rows:
            yield student, bool(edited), json.loads(old), json.loads(new)

    def names(self) -> list[str]:
        """Return the roster."""
        return [row[0] for row in self._db.execute("select student from roster order by student")]

    def take_over(self, other: Path) -> None:
        """Add another store's verdicts and roster to this one.

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
                self._db.execute("insert or replace into roster select * from other.roster")
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
