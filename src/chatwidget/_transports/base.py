"""The interface of a transport: `stream` an answer, `warm` up, and close."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from .._conversation.messages import Delta, MessageDict
from .._conversation.records import count_of_messages


@dataclass(frozen=True, slots=True)
class Retrying:
    """A failed request about to be repeated, for the `attempt`th time, after `delay` seconds, because of `reason`."""

    attempt: int
    delay: float
    reason: str


def _ignore(_: object) -> None:
    pass


@dataclass(frozen=True, slots=True, repr=False)
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

    def __repr__(self) -> str:
        return f"<ChatRequest: {self.model or 'no model'}, {count_of_messages(len(self.messages))}>"


@runtime_checkable
class Transport(Protocol):
    """A way to reach a model.

    Example:
        >>> class Echo:
        ...     async def stream(self, request):
        ...         yield Delta(content=request.messages[-1]["content"])
        ...         yield Delta(finish_reason="stop")
        ...     async def warm(self):
        ...         pass
        ...     async def aclose(self):
        ...         pass
        >>> isinstance(Echo(), Transport)
        True

    """

    def stream(self, request: ChatRequest) -> AsyncGenerator[Delta, None]:
        """Stream an answer. Leaving the generator early ends the request at once.

        Args:
            request: The request to send.

        Returns:
            The deltas of the answer, as they arrive.

        Raises:
            TransportError: There is no answer (StreamInterruptedError: it was cut off). The text is fit to be shown.

        Example:
            >>> request = ChatRequest([{"role": "user", "content": "Hi"}])
            >>> [delta.content async for delta in DemoModel(["Hello!"]).stream(request)]
            ['Hello!', '']

        """
        ...

    async def warm(self) -> None:
        """Do in advance the work that would delay the first request. May be called at any time, and repeatedly.

        Example:
            >>> await DemoModel().warm()

        """
        ...

    async def aclose(self) -> None:
        """Release all resources.

        Example:
            >>> await DemoModel().aclose()

        """
        ...


def sender_of(transport: object, model: str | None) -> str:
    """Return an id for a server, or function, and its model.

    Args:
        transport: The transport to the server.
        model: The name of the model, if any.

    """
    import hashlib  # noqa: PLC0415 loaded when something is asked

    # It is saved with the conversation, so it is a digest that reveals no address.
    identity = str(getattr(transport, "identity", type(transport).__qualname__)).rstrip("/")
    return hashlib.blake2b(f"{identity} {model}".encode(), digest_size=8).hexdigest()
