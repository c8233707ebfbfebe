"""Fixtures for all tests."""

import signal
from collections.abc import Callable, Iterator

import pytest

from chatwidget import ChatWidget
from tests.server import ModelServer

# A shell that runs the tests in the background has them, and what they start, ignore interrupts.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def running_server() -> Iterator[ModelServer]:
    """One server for the whole session."""
    with ModelServer() as server:
        yield server


@pytest.fixture
def server(running_server: ModelServer) -> Iterator[ModelServer]:
    """The model server, as if freshly started."""
    running_server.reset()
    yield running_server
    running_server.reset()


@pytest.fixture
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment that names no key, server or model."""
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "CHATWIDGET_MODEL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def chats(request: pytest.FixtureRequest) -> Iterator[Callable[..., ChatWidget]]:
    """Makes widgets that know of no settings but their own, and closes them."""
    request.getfixturevalue("no_settings")
    made: list[ChatWidget] = []

    def make(*args: object, **kwargs: object) -> ChatWidget:
        made.append(ChatWidget(*args, **kwargs))
        return made[-1]

    yield make
    for chat in made:
        chat.close()
