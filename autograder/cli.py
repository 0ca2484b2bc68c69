"""The command line: `autograder COMMAND`.

What a command needs is imported when it runs, so that learners, who have only NumPy
and pytest, can use theirs.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from autograder.commands import Refused

SECRET = Path(".autograder/secret")
RESULTS = Path("results")
EXTRA = {
    "rich": "instructor",
    "jinja2": "instructor",
    "yaml": "instructor",
    "copydetect": "instructor",
    "distributed": "cluster",
    "nbgrader": "notebooks",
}
"""Packages that not everybody has, and the extra that brings them."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return the exit code: 0 if all is well, 1 if not, 2 if it can't run."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    options = _parser().parse_args(arguments)
    try:
        command = importlib.import_module(f"autograder.commands.{options.command}")
        return int(command.run(options))
    except ModuleNotFoundError as problem:
        if problem.name in EXTRA:
            mend = f"python -m pip install -e '.[{EXTRA[problem.name]}]'"
            print(f"autograder: this needs {problem.name}: {mend}", file=sys.stderr)
            return 2
        raise
    except Refused as problem:
        print(f"autograder: {problem}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # whoever read the output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        print("\nautograder: stopped", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="autograder", description="Checks and grades the exercises of the course Downhill."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    grade = commands.add_parser("grade", help="grade a folder of submissions")
    grade.add_argument(
        "submissions", type=Path, help="a folder with a folder or a .zip a student, or a download"
    )
    grade.add_argument("--out", type=Path, default=RESULTS, help=f"default: {RESULTS}")
    grade.add_argument("--course", type=Path, help="deadlines and rules; default: course.toml")
    grade.add_argument("--exercise", action="append", help="grade only this one; may be repeated")
    grade.add_argument("--check", action="append", help="grade only this one; may be repeated")
    grade.add_argument("--jobs", type=int, help="submissions at a time; all processors by default")
    grade.add_argument("--patience", type=float, default=1.0, help="a factor on all time limits")
    _with_solutions(grade)
    grade.add_argument("--secret", type=Path, default=SECRET, help=f"default: {SECRET}")
    _with_isolation(grade)
    grade.add_argument("--shard", metavar="I/N", help="grade only the I-th of N parts")
    grade.add_argument("--scheduler", help="grade on a dask cluster: tls://HOST:PORT")
    for name, what in (("ca", "authority"), ("cert", "certificate"), ("key", "private key")):
        grade.add_argument(f"--tls-{name}", type=Path, help=f"the cluster's {what}, a PEM file")
    grade.set_defaults(command="grade")

    similar = commands.add_parser("similar", help="show which submissions share code")
    similar.add_argument("submissions", type=Path, help="as for grade")
    similar.add_argument("--out", type=Path, default=RESULTS, help=f"default: {RESULTS}")
    similar.add_argument("--course", type=Path, help="for the roster; default: course.toml")
    similar.add_argument("--exercise", action="append", help="only this one; may be repeated")
    similar.add_argument(
        "--at-least",
        type=float,
        default=0.6,
        metavar="SHARE",
        help="of the code of one that the other has, too; default: 0.6",
    )
    _with_solutions(similar)
    similar.set_defaults(command="similar")

    merge = commands.add_parser("merge", help="put the shards of a class together")
    merge.add_argument("out", type=Path, nargs="?", default=RESULTS, help=f"default: {RESULTS}")
    merge.set_defaults(command="merge")

    adjust = commands.add_parser("adjust", help="give points by hand, kept through all regrades")
    adjust.add_argument("student")
    adjust.add_argument("check", help="such as losses.softmax_survives_large_logits")
    adjust.add_argument("points", type=int, nargs="?")
    adjust.add_argument("--why", help="the reason, for the student to read")
    adjust.add_argument("--undo", action="store_true", help="the autograder's points again")
    _with_results(adjust)
    adjust.set_defaults(command="adjust")

    explain = commands.add_parser("explain", help="say where a number in the gradebook comes from")
    explain.add_argument("student")
    explain.add_argument("exercise", nargs="?", help="all by default")
    _with_results(explain)
    explain.set_defaults(command="explain")

    doctor = commands.add_parser("doctor", help="say how far students' code is confined here")
    doctor.set_defaults(command="doctor")

    reproduce = commands.add_parser("reproduce", help="run a recorded draw of a student again")
    reproduce.add_argument("student")
    reproduce.add_argument("check", help="such as losses.softmax_survives_large_logits")
    _with_results(reproduce)
    reproduce.add_argument("--submissions", type=Path, help="if the folder was moved")
    _with_solutions(reproduce)
    _with_isolation(reproduce)
    reproduce.set_defaults(command="reproduce")

    observe = commands.add_parser("observe", help="run one draw of a check on your own code")
    observe.add_argument("check", help="such as losses.softmax_survives_large_logits")
    observe.add_argument("--seed", type=int, default=0, help="the draw; 0 is the visible one")
    observe.add_argument("--folder", type=Path, default=Path("exercises"), help="your modules")
    observe.set_defaults(command="observe")

    watch = commands.add_parser("watch", help="check again whenever you save")
    _with_exercises(watch)
    watch.set_defaults(command="watch")

    hint = commands.add_parser("hint", help="show a hint for a function")
    hint.add_argument("function", help="such as losses.mse_loss")
    hint.add_argument("--level", type=int, choices=(1, 2, 3), default=1, help="1 says least")
    _with_exercises(hint)
    hint.set_defaults(command="hint")

    progress = commands.add_parser("progress", help="show where you stand")
    _with_exercises(progress)
    progress.set_defaults(command="progress")

    solution = commands.add_parser("solution", help="show a solution, once you have your own")
    solution.add_argument("function", help="such as losses.mse_loss")
    solution.add_argument("--anyway", action="store_true", help="don't ask")
    _with_exercises(solution)
    _with_solutions(solution)
    solution.set_defaults(command="solution")

    practice = commands.add_parser("practice", help="order lines, fill a blank, find a bug")
    practice.add_argument("kind", choices=("order", "blank", "bug"))
    practice.add_argument("function", help="such as losses.mse_loss")
    practice.add_argument("--seed", type=int, default=0, help="another task of the kind")
    _with_solutions(practice)
    practice.set_defaults(command="practice")

    checks = commands.add_parser("checks", help="list the checks and their points")
    checks.set_defaults(command="checks")

    audit = commands.add_parser("audit", help="measure the autograder's own error rates")
    audit.add_argument("exercises", nargs="*", metavar="EXERCISE", help="all by default")
    _with_solutions(audit)
    audit.set_defaults(command="audit")

    release = commands.add_parser("release", help="write what a class gets, without solutions")
    release.add_argument("folder", type=Path, help="new, empty, or with an earlier release")
    release.add_argument("--exercise", action="append", help="only this one; may be repeated")
    for option, what in (
        ("--with-course", "the website, to be read without a network"),
        ("--with-practice", "the solutions and what is made from them, for self-study"),
        ("--wheelhouse", "what learners have to install, for machines of this kind"),
    ):
        release.add_argument(option, action="store_true", help=f"add {what}")
    release.add_argument("--zip", type=Path, metavar="FILE", help="write an archive of it, too")
    release.add_argument(
        "--site", type=Path, default=Path("site"), help="what `make site` has built (site)"
    )
    _with_exercises(release)
    _with_solutions(release)
    release.set_defaults(command="release")

    notebooks = commands.add_parser("notebooks", help="write a course for nbgrader")
    notebooks.add_argument("folder", type=Path, help="nbgrader's; gets source/ and a configuration")
    notebooks.add_argument("--exercise", action="append", help="only this one; may be repeated")
    notebooks.add_argument("--force", action="store_true", help="replace what is in source/")
    _with_exercises(notebooks)
    _with_solutions(notebooks)
    notebooks.set_defaults(command="notebooks")

    worksheet = commands.add_parser("worksheet", help="write backpropagation sheets to print")
    whose = worksheet.add_mutually_exclusive_group(required=True)
    whose.add_argument("--student", help="what the gradebook calls them; gives them their numbers")
    whose.add_argument("--roster", type=Path, metavar="FILE", help="all who are on it")
    worksheet.add_argument("--key", action="store_true", help="the answers instead of the sheets")
    worksheet.add_argument(
        "--out", type=Path, help="default: worksheets; with --key, worksheet-keys"
    )
    _with_solutions(worksheet)
    worksheet.set_defaults(command="worksheet")

    export = commands.add_parser("export", help="write grades for a learning platform")
    export.set_defaults(command="export")
    platforms = export.add_subparsers(dest="platform", required=True, metavar="PLATFORM")
    for name, what in (("canvas", "gradebook"), ("moodle", "grading worksheet or grades")):
        export = platforms.add_parser(name, help=f"fill in a {what} exported from there")
        _with_out(export, "the file to upload")
        export.add_argument("--template", type=Path, required=True, help=f"the exported {what}")
        export.add_argument(
            "--column",
            action="append",
            required=True,
            metavar="HEADER=EXERCISE",
            help='which points go where, "HEADER=total" for all; may be repeated',
        )
        export.add_argument(
            "--match",
            metavar="HEADER",
            help="the column that says what submissions are called; by default they are called "
            "as they were when they were downloaded from there, with the id",
        )
        export.add_argument(
            "--scale", action="store_true", help="scale points to those that the column takes"
        )
    export.add_argument("--feedback", metavar="HEADER", help="the column for the feedback")
    export = platforms.add_parser("gradescope", help="write results.json, as its autograders do")
    _with_out(export, "a folder with a file a student; a file with --student")
    export.add_argument("--student", help="only this one")
    _with_visibility(export)
    export = platforms.add_parser("nbgrader", help="fill in gradebook.db, or make one")
    _with_results(export)
    export.add_argument("--out", type=Path, required=True, help="nbgrader's gradebook.db")
    export.add_argument(
        "--force",
        action="store_true",
        help="replace an assignment of an exercise's name, and points given in nbgrader",
    )

    gradescope = commands.add_parser(
        "gradescope", help="write the .zip with which Gradescope grades by itself"
    )
    gradescope.add_argument("zip", type=Path, metavar="FILE", help="holds solutions and secret")
    gradescope.add_argument("--exercise", action="append", help="only this one; may be repeated")
    _with_visibility(gradescope)
    gradescope.add_argument(
        "--minutes", type=int, default=10, help="the assignment's time limit there; default: 10"
    )
    gradescope.add_argument(
        "--unsafe", action="store_true", help="grade there even if there is no sandbox"
    )
    gradescope.add_argument("--force", action="store_true", help="replace what is there")
    _with_solutions(gradescope)
    gradescope.add_argument("--secret", type=Path, default=SECRET, help=f"default: {SECRET}")
    gradescope.set_defaults(command="gradescope")

    for name, of in (("stubs", "the stubs"), ("freeze", "the frozen observations")):
        made = commands.add_parser(name, help=f"write {of} in exercises/ from solutions/")
        made.add_argument(
            "--check", action="store_true", help="write nothing; fail if any is stale"
        )
        made.add_argument("--exercises", type=Path, default=Path("exercises"))
        _with_solutions(made)
        made.set_defaults(command="made", what=name)
    return parser


def _with_exercises(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--exercises", type=Path, default=Path("exercises"), help="your folder; default: exercises"
    )


def _with_results(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--results", type=Path, default=RESULTS, help=f"what grade wrote; default: {RESULTS}"
    )


def _with_out(parser: argparse.ArgumentParser, out: str) -> None:
    _with_results(parser)
    parser.add_argument("--out", type=Path, required=True, help=out)
    parser.add_argument("--force", action="store_true", help="replace what is there")


def _with_visibility(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--visibility",
        choices=("visible", "after_due_date", "after_published", "hidden"),
        default="visible",
        help="when students see it",
    )


def _with_isolation(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--isolation",
        choices=("full", "base", "portable"),
        help="this tier or none; by default the best that holds, see autograder doctor",
    )
    parser.add_argument("--unsafe", action="store_true", help="go on without a sandbox if need be")


def _with_solutions(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--solutions",
        type=Path,
        default=Path("solutions"),
        help="the reference; default: solutions",
    )
