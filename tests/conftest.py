"""Fixtures for all tests."""

import signal
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chatwidget import ChatWidget
from chatwidget._runtime import default_runner
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
    clients: list[Any] = []

    def make(*args: object, **kwargs: object) -> ChatWidget:
        made.append(ChatWidget(*args, **kwargs))
        # They stay the user's, who is the test.
        clients.extend(value for value in (*args[:1], kwargs.get("client")) if _is_sdk_client(value))
        return made[-1]

    yield make
    for chat in made:
        chat.close()
    for client in clients:
        _close(client)


def _is_sdk_client(value: object) -> bool:
    return type(value).__module__.partition(".")[0] in {"anthropic", "google", "groq", "mistralai", "openai"}


def _close(client: Any) -> None:
    """Leave all contexts that the client of an SDK is: sync, async, or both."""
    if hasattr(client, "__exit__"):
        client.__exit__(None, None, None)
    if hasattr(client, "__aexit__"):
        # Its connections belong to the loop on which it was used.
        default_runner().wait(default_runner().submit(client.__aexit__(None, None, None)), "")
    if hasattr(client, "aio"):
        _close(client.aio)
