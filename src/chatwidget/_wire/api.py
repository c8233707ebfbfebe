"""The interface to the format of an API."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from .._conversation.messages import Delta, MessageDict


class Reader(Protocol):
    """A reader of one answer; a new one is made for each."""

    finish_reason: str | None
    saw_answer: bool
    """True if the stream held any part of an answer."""
    done: bool
    """True if the answer says that it has ended, so that nothing more need be read."""

    def chunk(self, chunk: object) -> Iterator[Delta]:
        """Yield the updates in a chunk, or event.

        Args:
            chunk: The chunk as parsed JSON.

        Raises:
            TransportError: The chunk reports an error.

        """
        ...

    def end(self) -> Iterator[Delta]:
        """Yield the updates held back at the end of the stream."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """The format of an API in JSON, as an SDK's client takes and yields it."""

    body: Callable[[list[MessageDict], str | None, Mapping[str, Any]], dict[str, Any]]
    """Returns the body of a request for a conversation, a model, and further parameters."""
    reader: Callable[[], Reader]
    defaults: Mapping[str, Any] = field(default_factory=dict)
    """Parameters that are sent unless the user sets them. One that the server refuses is left out without a notice."""
    names: Mapping[str, str] = field(default_factory=dict)
    """The names in requests and refusals of parameters that have another one in chat completions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Api(Dialect):
    """An API over HTTP: its body is sent as JSON, and its answers are events or lines of JSON."""

    path: str
    """The path for answers, below the server's address."""
    headers: Callable[[str | None], dict[str, str]]
    """Returns the headers of a request with a key, or without one."""
