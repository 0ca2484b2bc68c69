"""The checks of gradient_check.py: pytest exercises/test_gradient_check.py."""

import pytest

from autograder.learner.checks import checks_of


@pytest.mark.parametrize("check", checks_of("gradient_check"))
def test_gradient_check(check, verify):
    verify(check)
