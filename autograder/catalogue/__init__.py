"""The checks, one file an exercise.

A check is a function of the learner's module and a seeded generator. It calls what
the learner wrote and returns what it saw; it never says what is right.
"""

from autograder.catalogue import (
    backprop,
    descent,
    generalization,
    gradient_check,
    losses,
    minibatch,
    mnist_project,
    overfitting,
    schedules,
    trainer,
    training_loop,
)
from autograder.core.exercise import Check, Exercise

EXERCISES: dict[str, Exercise] = {
    module.exercise.name: module.exercise
    for module in (
        losses,
        backprop,
        gradient_check,
        training_loop,
        minibatch,
        overfitting,
        mnist_project,
        descent,
        schedules,
        trainer,
        generalization,
    )
}
"""All exercises by name, in the order of the course."""

_CHECKS = {check.id: check for exercise in EXERCISES.values() for check in exercise.checks}


def find_check(check_id: str) -> Check:
    """Return the check called "EXERCISE.NAME".

    Raises
    ------
    KeyError
        If there is none; the message lists what there is.
    """
    if check_id in _CHECKS:
        return _CHECKS[check_id]
    name = check_id.partition(".")[0]
    if name not in EXERCISES:
        raise KeyError(f"there is no exercise {name!r}: {', '.join(EXERCISES)}")
    known = ", ".join(check.id for check in EXERCISES[name].checks)
    raise KeyError(f"there is no check {check_id!r}: {known}")
