"""A chat with tools at the test server."""

import pytest


@pytest.fixture
def chat_with(chats, server):
    """Makes a chat that may call these functions."""

    def make(*tools, **settings):
        return chats("m", base_url=server.base_url, api_key="k", tools=tools, **settings)

    return make
