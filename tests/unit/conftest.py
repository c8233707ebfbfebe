"""Settings and fixtures for the unit tests."""

import pytest
from hypothesis import settings

from tests.keys._canary import new_canary

# A busy machine is no failure: a property is judged by its outcome, not by its time.
settings.register_profile("chatwidget", deadline=None)
settings.load_profile("chatwidget")


@pytest.fixture
def key() -> str:
    """A canary."""
    return new_canary()


@pytest.fixture
def chat_with(chats, server):
    """Makes a chat that may call these functions."""

    def make(*tools, **settings):
        return chats("m", base_url=server.base_url, api_key="k", tools=tools, **settings)

    return make
