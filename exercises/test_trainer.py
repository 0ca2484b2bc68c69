"""The checks of trainer.py: pytest exercises/test_trainer.py."""

import pytest

from autograder.learner.checks import checks_of


@pytest.mark.parametrize("check", checks_of("trainer"))
def test_trainer(check, verify):
    verify(check)
