"""How an SDK's client is asked, and how it answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, Protocol

from .._conversation.messages import Delta, MessageDict


class Reader(Protocol):
    """Reads what a stream has; made anew for each answer."""

    finish_reason: str | None
    saw_choice: bool
    """Whether there was anything of an answer."""

    def chunk(self, chunk: object) -> Iterator[Delta]:
        """What it adds."""
        ...

    def end(self) -> Iterator[Delta]:
        """What is left when no more comes."""
        ...


class Dialect(NamedTuple):
    """How a client wants to be asked, and how it answers."""

    body: Callable[[list[MessageDict], str | None, Mapping[str, Any]], dict[str, Any]]
    reader: Callable[[], Reader]
