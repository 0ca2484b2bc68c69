"""The checks of schedules.py: pytest exercises/test_schedules.py."""

import pytest

from autograder.learner.checks import checks_of


@pytest.mark.parametrize("check", checks_of("schedules"))
def test_schedules(check, verify):
    verify(check)
