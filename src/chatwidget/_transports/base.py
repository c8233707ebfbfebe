"""The interface of a transport: `stream` an answer, `warm` up, and close."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol, runtime_checkable

from .._conversation.messages import Delta, MessageDict


@dataclass(frozen=True, slots=True)
class Retrying:
    """A failed request about to be repeated, for the `attempt`th time, after `delay` seconds, because of `reason`."""

    attempt: int
    delay: float
    reason: str


def _ignore(_: object) -> None:
    pass


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """The request of a turn. It belongs to that turn alone; a transport keeps no part of it."""

    messages: list[MessageDict]
    model: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    on_retry: Callable[[Retrying], None] = _ignore
    timeout: float | None = None
    """Seconds without a byte after which to give up.

    None means ten minutes, or the timeout of the user's own client.
    """
    on_message: Callable[[MessageDict], None] = _ignore
    """Called with a message of another role, such as a tool's result, that comes before the rest of the answer."""
    chat: Any = None
    """The widget that asks, for functions that take it."""
    on_notice: Callable[[str], None] = _ignore
    """Called with a notice for the user, for example that a parameter was changed or left out."""


@runtime_checkable
class Transport(Protocol):
    """A way to reach a model."""

    def stream(self, request: ChatRequest) -> AsyncGenerator[Delta, None]:
        """Stream an answer. Leaving the generator early ends the request at once.

        Args:
            request: The request to send.

        Returns:
            The deltas of the answer, as they arrive.

        Raises:
            TransportError: There is no answer (StreamInterruptedError: it was cut off). The text is fit to be shown.

        """
        ...

    async def warm(self) -> None:
        """Do in advance the work that would delay the first request. May be called at any time, and repeatedly."""
        ...

    async def aclose(self) -> None:
        """Release all resources."""
        ...


def sender_of(transport: object, model: str | None) -> str:
    """Return an id for a server, or function, and its model.

    Args:
        transport: The transport to the server.
        model: The name of the model, if any.

    """
    import hashlib  # noqa: PLC0415 loaded when something is asked

    # It is saved with the conversation, so it is a digest that reveals no address.
    place = str(getattr(transport, "place", type(transport).__qualname__)).rstrip("/")
    return hashlib.blake2b(f"{place} {model}".encode(), digest_size=8).hexdigest()


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """Facts about a model as reported by a server. Unknown ones are None."""

    context_limit: int | None = None
    """The most tokens of a question and its answer together."""
    prices: tuple[float, float] | None = None
    """Dollars per million prompt tokens and per million completion tokens."""
    ends: date | None = None
    """The day on which the model is switched off."""

    def with_more(self, told: ModelFacts) -> ModelFacts:
        """Return these facts, updated with newer ones.

        Args:
            told: Facts that take precedence, as far as they are known.

        """
        return ModelFacts(told.context_limit or self.context_limit, told.prices or self.prices, told.ends or self.ends)


@dataclass(frozen=True, slots=True)
class ListedModel:
    """A model in a server's list."""

    name: str
    created: int = 0
    """The time of creation in seconds since 1970; 0 if unknown."""
    facts: ModelFacts = ModelFacts()


@runtime_checkable
class ListsModels(Protocol):
    """A transport that can list models. Not all can."""

    async def models(self) -> list[str]:
        """Return the names of the models, in the server's order.

        Raises:
            TransportError: The list was not read. `code` tells a wrong key, a wrong address and a missing server apart.

        """
        ...


@runtime_checkable
class DescribesModels(Protocol):
    """A transport whose server may report more about a model than its name."""

    async def describe(self, model: str) -> ModelFacts:
        """Return the facts known about a model.

        Args:
            model: The name of the model.

        """
        ...
