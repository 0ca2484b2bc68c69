"""The checks of losses.py: pytest exercises/test_losses.py."""

import pytest

from autograder.learner.checks import checks_of


@pytest.mark.parametrize("check", checks_of("losses"))
def test_losses(check, verify):
    verify(check)
