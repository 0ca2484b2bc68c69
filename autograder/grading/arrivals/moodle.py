"""Moodle's "Download all submissions", with and without "Download submissions in folders".

References
----------
https://github.com/moodle/moodle/blob/main/mod/assign/classes/downloader.php
"""

from __future__ import annotations

import re

from autograder.grading.arrivals.place import Groups, Layout, Place, most_are

_MOODLE = re.compile(
    r"(?P<name>[^_]*)(?:_(?P<id>[0-9]+))?_assignsubmission_(?P<plugin>[a-z]+)(?:_(?P<file>.*))?",
    re.DOTALL,
)


def read(place: Place) -> Layout | None:
    """Read `NAME_ID_assignsubmission_file_FILE`, or folders called so without FILE.

    Underscores of the name have become spaces, so that a FILE can't look like a name. With
    blind marking the name is "Participant"; a team's has the team's id, or none.
    """
    hits = [found for entry in place.entries if (found := _MOODLE.fullmatch(entry.name))]
    if not hits or not most_are(len(hits), place):
        return None
    groups = Groups(place)
    for entry in place.entries:
        found = _MOODLE.fullmatch(entry.name)
        if not found:
            groups.ignore(entry, "not one of Moodle's names")
        elif found["plugin"] != "file":
            groups.ignore(entry, "not a file that was handed in")
        else:
            name, id = found["name"], found["id"]
            identities = (name, id, f"Participant {id}") if id else (name,)
            student = f"{name}_{id}" if id else name
            groups.add(entry, student, found["file"] or "", identities)
    return groups.result()
