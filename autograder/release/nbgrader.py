"""A course for nbgrader: its `source/`, with a notebook an exercise, and its configuration."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable

from autograder.authoring.notebooks import PACKAGE, notebook, questions
from autograder.catalogue import EXERCISES
from autograder.core import frozen
from autograder.release.contents import Course, text_of, with_needed
from autograder.release.package import with_imports

CONFIG = "nbgrader_config.py"
SOURCE = "source"
FIRST_DATE = (1980, 1, 1, 0, 0, 0)


def course_files(names: Iterable[str], course: Course) -> dict[str, bytes]:
    """Return the files of a course, by their paths.

    Parameters
    ----------
    names : iterable of str
        The exercises: each becomes an assignment.
    course : Course

    Raises
    ------
    Incomplete
        If something of the course is missing.
    BadQuestions
    """
    tree = {CONFIG: TEXT.encode()}
    for name in names:
        for path, data in _assignment(name, course).items():
            tree[f"{SOURCE}/{name}/{path}"] = data
    return tree


def _assignment(name: str, course: Course) -> dict[str, bytes]:
    exercise = EXERCISES[name]
    solution = text_of(course.solutions / f"{name}.py")
    page = notebook(exercise, solution, questions(course.solutions, exercise))
    tree = {f"{name}.ipynb": page.encode()}
    for path in (frozen.frozen_file, frozen.mistakes_file):
        file = path(course.exercises, exercise)
        tree[file.relative_to(course.exercises).as_posix()] = text_of(file).encode()
    modules = ("autograder.learner.notebook", "autograder.datasets")
    return tree | {PACKAGE: _packed(with_imports(modules, with_needed([name], course)))}


def _packed(files: dict[str, str]) -> bytes:
    """Return an archive that Python can import from, the same each time."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for path in sorted(files):
            member = zipfile.ZipInfo(path, FIRST_DATE)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.create_system = 3  # Unix, wherever it is made
            archive.writestr(member, files[path])
    return content.getvalue()


TEXT = """\
# nbgrader's configuration for the notebooks in source/. Add what your course needs.
c = get_config()  # noqa: F821

c.CourseDirectory.course_id = "downhill"

# What students find in place of the solutions, the same as in the modules.
c.ClearSolutions.code_stub = {"python": "raise NotImplementedError"}
c.ClearSolutions.text_stub = "Your answer."

# Cells that a student has deleted are graded, too.
c.OverwriteCells.add_missing_cells = True

# The project trains a network in one of its cells.
c.ExecutePreprocessor.timeout = 120
"""
