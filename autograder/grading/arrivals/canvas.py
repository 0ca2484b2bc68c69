"""Canvas's "Download Submissions".

References
----------
https://github.com/instructure/canvas-lms/blob/master/lib/content_zipper.rb
"""

from __future__ import annotations

import re

from autograder.grading.arrivals.place import Groups, Layout, Place, most_are
from autograder.grading.names import shown

_CANVAS = re.compile(
    r"(?P<name>.*?)(?P<late>_LATE)?_(?P<id>[0-9]+)_(?P<attachment>[0-9]+)_(?P<file>.+)", re.DOTALL
)
_ANONYMOUS = re.compile(
    r"(?P<late>LATE_)?(?P<name>anon)_(?P<id>[0-9A-Za-z]+)_(?P<attachment>[0-9]+)_(?P<file>.+)",
    re.DOTALL,
)
_TYPED = re.compile(r".*_[0-9A-Za-z]+_(text|link)\.html", re.DOTALL)


def read(place: Place) -> Layout | None:
    """Read `NAME_LATE_ID_ATTACHMENT_FILE`, where the name is all small letters.

    Without a name, "anon" and an id of letters and digits. Of a name with a number between
    two underscores Canvas drops the underscores, so that the first two numbers are the
    student's and the file's; but a name may end with an underscore and a number.
    """
    files = [entry for entry in place.entries if entry.kind == "file"]
    form = _CANVAS
    if files and all(_ANONYMOUS.fullmatch(e.name) or _TYPED.fullmatch(e.name) for e in files):
        form = _ANONYMOUS
    hits = [entry for entry in files if form.fullmatch(entry.name)]
    if not hits or not most_are(len(hits), place, files=True):
        return None
    groups = Groups(place)
    for entry in place.entries:
        found = form.fullmatch(entry.name)
        if found:
            student = f"{found['name']}_{found['id']}"
            identities = (found["name"], found["id"])[form is _ANONYMOUS :]
            late = bool(found["late"])
            if form is _CANVAS and not late and re.match("[1-9][0-9]*_.", found["file"]):
                either, or_ = found["id"], found["attachment"]
                problem = (
                    f"in {shown(entry.name)} the student's number can be {either} or {or_}: "
                    f"rename it to NAME_{either}_1_FILE or NAME_{or_}_1_FILE, whichever it is"
                )
                groups.doubt(entry, student, identities, problem)
            else:
                # Canvas calls a file that is handed in once more NAME-1.py.
                file = re.sub(r"-[0-9]+(?=\.(?:py|ipynb)$)", "", found["file"])
                groups.add(entry, student, file, identities, late)
        elif _TYPED.fullmatch(entry.name):
            groups.ignore(entry, "not a file that was handed in")
        else:
            groups.ignore(entry, "not one of Canvas's names")
    return groups.result()
