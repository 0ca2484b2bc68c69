"""The checks of training_loop.py: pytest exercises/test_training_loop.py."""

import pytest

from autograder.learner.checks import checks_of


@pytest.mark.parametrize("check", checks_of("training_loop"))
def test_training_loop(check, verify):
    verify(check)
