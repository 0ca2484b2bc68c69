"""The checks of overfitting.py: pytest exercises/test_overfitting.py."""

import pytest

from autograder.learner.checks import checks_of


@pytest.mark.parametrize("check", checks_of("overfitting"))
def test_overfitting(check, verify):
    verify(check)
