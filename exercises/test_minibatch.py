"""The checks of minibatch.py: pytest exercises/test_minibatch.py."""

import pytest

from autograder.learner.checks import checks_of


@pytest.mark.parametrize("check", checks_of("minibatch"))
def test_minibatch(check, verify):
    verify(check)
