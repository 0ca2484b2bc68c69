"""The checks of descent.py: pytest exercises/test_descent.py."""

import pytest

from autograder.learner.checks import checks_of


@pytest.mark.parametrize("check", checks_of("descent"))
def test_descent(check, verify):
    verify(check)
