"""What a model is asked: the conversation, with the system prompt, the parameters and the tools that go along.

Everything here happens on the runner's loop.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ._conversation import Conversation
from ._errors import TransportError
from ._messages import MessageDict
from ._transports._base import ChatRequest, Retrying
from ._turn import Turn

if TYPE_CHECKING:
    from ._tools import Toolbox


class Requests:
    """Makes the requests of one chat; what is set here holds from the next one on."""

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation
        self.model: str | None = None
        self.system_prompt: str | None = None
        self.params: dict[str, Any] = {}
        self.chat: Any = None
        """What a function that asks for its chat is given."""

    def make(
        self,
        turn: Turn,
        toolbox: Toolbox | None,
        *,
        on_retry: Callable[[Retrying], None],
        on_message: Callable[[MessageDict], None],
    ) -> ChatRequest:
        """The request for the next answer of `turn`; its own parameters take the place of the chat's."""
        params = {**self.params, **turn.params}
        timeout = _timeout_of(params.pop("timeout", None))
        if toolbox is not None:
            params = toolbox.params(params, is_first=turn.rounds == 0)
        messages = self._messages(params.pop("system_prompt", self.system_prompt), history=params.pop("history", True))
        return ChatRequest(messages, self.model, params, on_retry, timeout, on_message, self.chat)

    def _messages(self, system_prompt: str | None, *, history: bool) -> list[MessageDict]:
        """What is sent: all there is, or without `history` only the last question and what came after it."""
        messages = self._conversation.messages
        if not history:
            last = max((place for place, each in enumerate(messages) if each["role"] == "user"), default=0)
            messages = messages[last:]
        return [{"role": "system", "content": system_prompt}, *messages] if system_prompt else messages


def _timeout_of(value: object) -> float | None:
    """The seconds that the parameter `timeout` says; None where it is not given. Raises TransportError."""
    if value is None:
        return None
    if isinstance(value, int | float) and 0 < value < float("inf"):
        return float(value)
    message = f"timeout must be a number of seconds above 0, not {value!r}"
    raise TransportError(message)
