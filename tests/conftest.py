"""Fixtures for all tests."""

import signal
from collections.abc import Iterator

import pytest

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
