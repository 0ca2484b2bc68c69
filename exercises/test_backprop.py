"""The checks of backprop.py: pytest exercises/test_backprop.py."""

import pytest

from autograder.learner.checks import checks_of


@pytest.mark.parametrize("check", checks_of("backprop"))
def test_backprop(check, verify):
    verify(check)
