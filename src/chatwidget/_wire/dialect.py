"""The interface to the wire format of an SDK's client."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, Protocol

from .._conversation.messages import Delta, MessageDict


class Reader(Protocol):
    """A reader of one stream; a new one is made for each answer."""

    finish_reason: str | None
    saw_choice: bool
    """True if the stream held any part of an answer."""

    def chunk(self, chunk: object) -> Iterator[Delta]:
        """Yield the updates in a chunk.

        Args:
            chunk: The chunk as parsed JSON.

        """
        ...

    def end(self) -> Iterator[Delta]:
        """Yield the updates held back at the end of the stream."""
        ...


class Dialect(NamedTuple):
    """The wire format of a client: its request arguments, and the reader of its answers."""

    body: Callable[[list[MessageDict], str | None, Mapping[str, Any]], dict[str, Any]]
    reader: Callable[[], Reader]
