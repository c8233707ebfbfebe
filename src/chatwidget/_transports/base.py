"""What a transport is: one method that streams, and one that closes."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol, runtime_checkable

from .._conversation.messages import Delta, MessageDict


@dataclass(frozen=True, slots=True)
class Retrying:
    """A request failed for `reason` and is tried again, for the `attempt`th time, after `delay` seconds."""

    attempt: int
    delay: float
    reason: str


def _ignore(_: object) -> None:
    pass


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """What a turn asks for. It belongs to that turn alone; a transport keeps nothing of it."""

    messages: list[MessageDict]
    model: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    on_retry: Callable[[Retrying], None] = _ignore
    timeout: float | None = None
    """Seconds without a byte after which it is given up; None: ten minutes, or what the user's own client says."""
    on_message: Callable[[MessageDict], None] = _ignore
    """Takes a message of another role, such as a tool's result, that comes before the rest of the answer."""
    chat: Any = None
    """The widget that asks, for a function that wants it."""
    on_notice: Callable[[str], None] = _ignore
    """Takes a sentence for the user, such as that something was asked otherwise than it was given."""


@runtime_checkable
class Transport(Protocol):
    """A way to a model."""

    def stream(self, request: ChatRequest) -> AsyncGenerator[Delta, None]:
        """The answer as it comes.

        Raises a TransportError, its text fit to be shown: StreamInterruptedError when the answer was
        cut, another one when there is none. Leaving the generator early ends the request at once.
        """
        ...

    async def warm(self) -> None:
        """Do now what would otherwise hold up the first request. May be called at any time, often."""
        ...

    async def aclose(self) -> None:
        """Give back what is held open."""
        ...


def sender_of(transport: object, model: str | None) -> str:
    """Return what stands for the server, or the function, that `transport` asks and for its `model`.

    It is kept with the conversation, so it is a digest: no address is in there.
    """
    import hashlib  # noqa: PLC0415 loaded when something is asked

    place = str(getattr(transport, "place", type(transport).__qualname__)).rstrip("/")
    return hashlib.blake2b(f"{place} {model}".encode(), digest_size=8).hexdigest()


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What a server tells of a model; None where it does not."""

    context_limit: int | None = None
    """The most tokens it takes at once, question and answer."""
    prices: tuple[float, float] | None = None
    """Dollars for a million tokens of prompt and of completion."""
    ends: date | None = None
    """The day on which it is switched off."""

    def with_more(self, told: ModelFacts) -> ModelFacts:
        """Return these, but for what `told` tells otherwise."""
        return ModelFacts(told.context_limit or self.context_limit, told.prices or self.prices, told.ends or self.ends)


@dataclass(frozen=True, slots=True)
class ListedModel:
    """A model in the list of a server."""

    name: str
    created: int = 0
    """When, in seconds since 1970; 0 where the server does not say."""
    facts: ModelFacts = ModelFacts()


@runtime_checkable
class ListsModels(Protocol):
    """A transport that also knows which models there are. Not every one does."""

    async def models(self) -> list[str]:
        """Their names, as the server lists them.

        Raises a TransportError whose `code` tells apart a wrong key, a wrong address, and nothing there.
        """
        ...


@runtime_checkable
class DescribesModels(Protocol):
    """A transport whose server may tell more of a model than its name."""

    async def describe(self, model: str) -> ModelFacts:
        """What it tells of `model`."""
        ...
