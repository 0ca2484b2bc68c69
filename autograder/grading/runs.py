"""Grade a whole class: on this machine or on others, and never anything twice.

What is graded goes to the store at once. A run that is ended, by whatever, is taken up
by the next.
"""

from __future__ import annotations

import functools
import gc
import hashlib
import platform
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    ProcessPoolExecutor,
    wait,
)
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Self

import numpy as np

import autograder
from autograder.authoring.variants import Variants
from autograder.grading import results
from autograder.grading.engine import Grader, checks_of
from autograder.grading.grades import Attempt
from autograder.grading.slots import Limits
from autograder.grading.store import Store, Verdict
from autograder.grading.submissions import HandIn, Submission
from autograder.isolation import kernel
from autograder.isolation.kernel import NotConfined
from autograder.isolation.tiers import Tier

ENGINE = ("core", "catalogue", "isolation", "grading", "authoring", "datasets.py")
"""The parts of this package that a verdict depends on."""

MOST_LOSSES = 20
"""Batches that may lose their process before a run gives up."""

FEW_COLLECTIONS = 50_000
"""New objects between two searches for garbage."""

Batch = list[tuple[str, Submission]]
"""Submissions with the keys of their verdicts."""

Verdicts = list[Verdict]
"""Of a batch; see `Store.add`."""


class RunProblem(RuntimeError):
    """What stops a run; what was graded before is kept."""


@dataclass(frozen=True)
class Course:
    """All that a process needs to know to grade.

    Attributes
    ----------
    solutions : Path
    secret : bytes
    names : tuple of str
        The exercises or checks to grade.
    limits : Limits
    tier : Tier
    outside : tuple of Path
        What students' code must not reach, besides the reference.
    """

    solutions: Path
    secret: bytes
    names: tuple[str, ...]
    limits: Limits
    tier: Tier
    outside: tuple[Path, ...] = ()

    @property
    def exercises(self) -> list[str]:
        """What is looked for in a submission."""
        return list(dict.fromkeys(check.exercise for check in checks_of(self.names)))

    def check_solutions(self) -> None:
        """Import the reference and read its mistakes.

        Raises
        ------
        ImportError, BadCatalogue
            If one of them can't be used.
        """
        variants = Variants(self.solutions)
        for name in self.exercises:
            variants.reference.module(name)
            for mistake in variants.mistakes(name):
                variants.with_mistake(mistake)

    def grader(self) -> Grader:
        """Return a grader of this course."""
        return Grader(self.solutions, self.secret, self.names, self.limits, self.tier, self.outside)

    @property
    def digest(self) -> str:
        """A fingerprint of everything but the submission that a verdict depends on.

        It is of the files on the machine where it is asked for.
        """
        return _course_digest(self)

    def key(self, submission: Submission) -> str:
        """Return the key of a submission's verdict."""
        return hashlib.sha256(f"{self.digest} {submission.digest}".encode()).hexdigest()


@functools.cache
def _course_digest(course: Course) -> str:
    package = Path(autograder.__file__).parent
    facts = (
        autograder.__version__,
        np.__version__,
        platform.python_version(),
        *(_digest(package / part, "*.py") for part in ENGINE),
        _digest(course.solutions, "*.py"),
        _digest(course.solutions / "mistakes", "*.toml"),
        hashlib.sha256(course.secret).hexdigest(),
        course.names,
        course.limits,
        str(course.tier),
    )
    return hashlib.sha256(repr(facts).encode()).hexdigest()


def _digest(place: Path, pattern: str) -> str:
    whole = hashlib.sha256()
    files = sorted(place.rglob(pattern)) if place.is_dir() else [place]
    for file in files:
        content = hashlib.sha256(file.read_bytes()).hexdigest()
        whole.update(f"{file.relative_to(place.parent).as_posix()} {content}\n".encode())
    return whole.hexdigest()


_ONE_AT_A_TIME = threading.Lock()


@functools.lru_cache(1)
def _grader(course: Course) -> Grader:
    try:
        grader = course.grader()  # a process keeps it, and its slot, for life
    except NotConfined as problem:
        raise NotConfined(f"{platform.node()}: {course.tier}: {problem}") from None
    gc.set_threshold(FEW_COLLECTIONS)  # what is kept for the next submission is no garbage
    Finalize(None, grader.close, exitpriority=10)
    return grader


def grade_batch(course: Course, digest: str, batch: Batch) -> Verdicts:
    """Grade some submissions, in whatever process this is called.

    Parameters
    ----------
    course : Course
    digest : str
        The course's digest where the run was started.
    batch : list of (str, Submission)

    Raises
    ------
    RunProblem
        If the course isn't the same here.
    NotConfined
        If its tier doesn't hold here.
    """
    if course.digest != digest:
        raise RunProblem(
            f"{platform.node()} has another version of the course, of Python or of NumPy: "
            "install the same everywhere"
        )
    verdicts = []
    with _ONE_AT_A_TIME:  # a slot, and the reference, serve one at a time
        for key, submission in batch:
            graded = _grader(course).grade(submission)
            verdicts.append((key, graded.final, graded.seconds, results.of(graded)))
    return verdicts


class Place:
    """Where batches are graded: an executor, and another one if that breaks.

    Parameters
    ----------
    start : callable
        Returns an executor.
    jobs : int
        How many batches it works on at a time.
    batch : int
        Submissions in a batch.
    lost : tuple of exception types
        Raised by a batch whose process was killed.
    """

    def __init__(
        self,
        start: Callable[[], Executor],
        jobs: int,
        batch: int,
        lost: tuple[type[BaseException], ...] = (BrokenExecutor, CancelledError),
    ) -> None:
        self.start, self.jobs, self.batch, self.lost = start, jobs, batch, lost
        self._executor = start()

    def submit(self, course: Course, batch: Batch) -> Future[Verdicts]:
        """Have a batch graded."""
        try:
            return self._executor.submit(grade_batch, course, course.digest, batch)
        except BrokenExecutor:
            self._executor = self.start()
            return self._executor.submit(grade_batch, course, course.digest, batch)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *problem: object) -> None:
        self._executor.shutdown(cancel_futures=True)


def this_machine(jobs: int) -> Place:
    """Return a place of so many processes on this machine."""
    spawn = get_context("spawn")
    start = functools.partial(ProcessPoolExecutor, jobs, spawn, _end_with_parent)
    return Place(start, jobs, batch=4)


def _end_with_parent() -> None:
    """Have this process ended when its parent is, so that no run leaves any behind."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends us
    if sys.platform.startswith("linux"):
        kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)


def grade_class(
    course: Course, hand_ins: Iterable[HandIn], store: Store, place: Place
) -> Iterator[tuple[int, bool]]:
    """Grade what the store doesn't have yet; yield what is done.

    Parameters
    ----------
    course : Course
    hand_ins : iterable of HandIn
        Each is read when there is room for it: a large class needs no more memory
        than a small one.
    store : Store
    place : Place

    Yields
    ------
    count : int
        So many more submissions are done.
    known : bool
        Whether the store had them already.

    Raises
    ------
    RunProblem
        If processes are killed again and again.
    NotConfined, SlotBroken
        If nobody can be graded.
    """
    run = _Run(course, store, place)
    batch: Batch = []
    taken: set[str] = set()
    for hand_in in hand_ins:
        submission = hand_in.read(course.exercises)
        key = course.key(submission)
        store.enroll(hand_in.student, _attempt(hand_in, submission, key))
        if key in taken or store.has(key):
            yield 1, True
            continue
        taken.add(key)
        batch.append((key, submission))
        if len(batch) == place.batch:
            yield from run.settle(2 * place.jobs)
            run.submit(batch)
            batch = []
    if batch:
        run.submit(batch)
    yield from run.settle(0)


def _attempt(hand_in: HandIn, submission: Submission, key: str) -> Attempt:
    return Attempt(
        hand_in.source,
        submission.digest,
        hand_in.time,
        submission.dated,
        hand_in.marked_late,
        submission.problems,
        key,
    )


class _Run:
    """The batches that are under way."""

    def __init__(self, course: Course, store: Store, place: Place) -> None:
        self.course, self.store, self.place = course, store, place
        self.waiting: dict[Future[Verdicts], Batch] = {}
        self.losses = 0

    def submit(self, batch: Batch) -> None:
        self.waiting[self.place.submit(self.course, batch)] = batch

    def settle(self, most: int) -> Iterator[tuple[int, bool]]:
        """Take in what is ready until at most so many batches are under way."""
        while len(self.waiting) > most:
            for future in wait(self.waiting, return_when=FIRST_COMPLETED).done:
                batch = self.waiting.pop(future)
                try:
                    self.store.add(future.result())
                    yield len(batch), False
                except self.place.lost:
                    self._again(batch)

    def _again(self, batch: Batch) -> None:
        self.losses += 1
        if self.losses > MOST_LOSSES:
            raise RunProblem(
                "grading processes are killed again and again, perhaps for lack of memory: "
                "use fewer --jobs and run again; what is graded is kept"
            )
        self.submit(batch)
