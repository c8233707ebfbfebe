"""Fixtures of the tests about what is kept."""

import pytest

from tests.keys._canary import new_canary


@pytest.fixture
def key() -> str:
    """A canary."""
    return new_canary()
