"""The checks of mnist_project.py: pytest exercises/test_mnist_project.py."""

import pytest

from autograder.learner.checks import checks_of


@pytest.mark.parametrize("check", checks_of("mnist_project"))
def test_mnist_project(check, verify):
    verify(check)
