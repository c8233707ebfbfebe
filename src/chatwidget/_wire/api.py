"""The interface to the format of an API."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, Protocol

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


class Dialect(NamedTuple):
    """The format of an API in JSON: the body of a request, and the reader of its answers."""

    body: Callable[[list[MessageDict], str | None, Mapping[str, Any]], dict[str, Any]]
    reader: Callable[[], Reader]
