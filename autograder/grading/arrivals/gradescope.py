"""Gradescope's "Export Submissions".

The file `submission_metadata.yml` is documented nowhere; its form is that which instructors'
tools read.

References
----------
https://github.com/rhattark/SER594 (hw2/hw2q3_Hattarki.py)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import yaml

from autograder.grading.arrivals.place import Layout, Place, recorded
from autograder.grading.names import shown
from autograder.grading.submissions import HandIn
from autograder.grading.trees import Entry, Unreadable

MAX_METADATA = 2**27
"""Bytes of the largest list of submissions that is read."""

MAX_NESTING = 50
"""How deep that list may go."""

METADATA = "submission_metadata.yml"


def read(place: Place) -> Layout | None:
    """Read `submission_metadata.yml`, and the folders called `submission_ID` beside it."""
    entries = {entry.name: entry for entry in place.entries}
    if METADATA not in entries:
        return None
    records = _nested(place.text(METADATA, MAX_METADATA))
    if not isinstance(records, dict):
        raise Unreadable(f"{METADATA} is no list of submissions; export them again")
    hand_ins: list[HandIn] = []
    ignored: list[str] = []
    for key, record in records.items():
        for name, one, submitters in _versions(key, record):
            entry = entries.pop(name, None)
            if entry and entry.kind != "link":
                hand_ins += _submitted(place, entry, one, submitters)
            elif name == key:
                ignored.append(f"{shown(key)}: in {METADATA}, but not there")
    for entry in entries.values():
        if entry.kind == "folder":
            problem = f"{METADATA} doesn't say whose it is"
            name = shown(entry.name)
            part, source = place.part(entry), place.source(entry.name)
            hand_ins.append(HandIn(name, source, (part,), problems=(problem,)))
        elif entry.name != METADATA:
            ignored.append(f"{place.source(entry.name)}: not a student's folder")
    return hand_ins, ignored


def _versions(key: str, record: Any) -> Iterator[tuple[str, dict[str, Any], list[Any]]]:
    """Yield a submission and the earlier ones: the folder's name, the record, by whom."""
    own = record if isinstance(record, dict) else {}
    submitters = own.get(":submitters")
    submitters = submitters if isinstance(submitters, list) else []
    yield key, own, submitters
    history = own.get(":history")
    for one in history if isinstance(history, list) else []:
        if isinstance(one, dict) and ":id" in one:
            yield f"submission_{one[':id']}", one, submitters


def _submitted(
    place: Place, entry: Entry, record: dict[str, Any], submitters: list[Any]
) -> Iterator[HandIn]:
    """Yield a submission for everybody who handed it in."""
    source = place.source(entry.name)
    time = recorded(str(record.get(":created_at", "")))
    hand_in = HandIn(shown(entry.name), source, (place.part(entry),), time=time)
    problems = () if time else (f"{METADATA} has no time of it that can be read",)
    known = [one for one in map(_identities, submitters) if one]
    if not known:
        problem = f"{METADATA} doesn't say whose it is"
        yield replace(hand_in, problems=(*problems, problem))
    for own in known:
        where = source if len(known) == 1 else f"{source} ({own[0]})"
        yield replace(hand_in, student=own[0], source=where, identities=own[1:], problems=problems)


def _identities(submitter: Any) -> tuple[str, ...]:
    """Return the e-mail address, the student's id, and the name, those that there are."""
    if not isinstance(submitter, dict):
        return ()
    known = (submitter.get(key) for key in (":email", ":sid", ":name"))
    return tuple(shown(one.strip()) for one in known if isinstance(one, str) and one.strip())


def _nested(text: str) -> Any:
    """Return YAML as dicts, lists and texts.

    Nothing in it becomes anything else: a student's id keeps its zeros, Ruby's tags are
    left out, and what refers to something else is empty. So it is read event by event: a
    loader would follow any depth, and end this process.

    Raises
    ------
    Unreadable
    """
    stack: list[list[Any]] = [[]]
    try:
        for event in yaml.parse(text, getattr(yaml, "CBaseLoader", yaml.BaseLoader)):
            if isinstance(event, yaml.CollectionStartEvent):
                stack.append([])
            elif isinstance(event, yaml.CollectionEndEvent):
                items = stack.pop()
                if isinstance(event, yaml.MappingEndEvent):
                    pairs = zip(items[::2], items[1::2], strict=True)
                    stack[-1].append({key: one for key, one in pairs if isinstance(key, str)})
                else:
                    stack[-1].append(items)
            elif isinstance(event, yaml.ScalarEvent):
                stack[-1].append(event.value)
            elif isinstance(event, yaml.AliasEvent):
                stack[-1].append("")
            if len(stack) > MAX_NESTING:
                raise Unreadable(f"{METADATA} goes too deep")
    except yaml.YAMLError as problem:
        mark = getattr(problem, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        raise Unreadable(f"{METADATA}{line} is broken; export the submissions again") from None
    return stack[0][0] if stack[0] else None
