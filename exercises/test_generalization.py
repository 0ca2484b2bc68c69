"""The checks of generalization.py: pytest exercises/test_generalization.py."""

import pytest

from autograder.learner.checks import checks_of


@pytest.mark.parametrize("check", checks_of("generalization"))
def test_generalization(check, verify):
    verify(check)
