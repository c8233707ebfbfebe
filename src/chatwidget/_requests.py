"""What a model is asked: the conversation, with the system prompt, the parameters and the tools that go along.

Everything here happens on the runner's loop.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ._context_limit import ContextLimit, is_of_system
from ._conversation import Conversation, plain_dicts
from ._errors import TransportError
from ._messages import LeftOut, Message, MessageDict
from ._tokens import tokens_beside
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
        self.limit = ContextLimit()

    def make(
        self,
        turn: Turn,
        toolbox: Toolbox | None,
        *,
        on_retry: Callable[[Retrying], None],
        on_message: Callable[[MessageDict], None],
        on_notice: Callable[[str], None],
    ) -> ChatRequest:
        """The request for the next answer of `turn`; its own parameters take the place of the chat's.

        Raises TransportError where it cannot be made.
        """
        params = {**self.params, **turn.params}
        timeout = _timeout_of(params.pop("timeout", None))
        if toolbox is not None:
            params = toolbox.params(params, is_first=turn.rounds == 0)
        system_prompt, history = params.pop("system_prompt", self.system_prompt), params.pop("history", True)
        messages = self._fitting(turn, self._wanted(history=history), system_prompt, params)
        if system_prompt:
            messages = [{"role": "system", "content": system_prompt}, *messages]
        return ChatRequest(messages, self.model, params, on_retry, timeout, on_message, self.chat, on_notice)

    def _wanted(self, *, history: bool) -> list[Message]:
        """All there is, or without `history` only the last question and what came after it."""
        messages = self._conversation.whole
        if history:
            return messages
        return messages[max((place for place, each in enumerate(messages) if each.role == "user"), default=0) :]

    def _fitting(
        self, turn: Turn, messages: list[Message], system_prompt: str | None, params: Mapping[str, Any]
    ) -> list[MessageDict]:
        """What of `messages` the model takes. What is left out is noted with the answer."""
        answer = next((params[name] for name in ("max_completion_tokens", "max_tokens") if name in params), None)
        size = self.limit.size_of(messages, tokens_beside(system_prompt, params), answer)
        start = self.limit.start(messages, size)
        kept = [each for place, each in enumerate(messages) if place >= start or is_of_system(each)]
        left_out = len(messages) - len(kept)
        self._conversation.leave_out(turn.reply_id, LeftOut(left_out) if left_out else None)
        return plain_dicts(kept)


def _timeout_of(value: object) -> float | None:
    """The seconds that the parameter `timeout` says; None where it is not given. Raises TransportError."""
    if value is None:
        return None
    if isinstance(value, int | float) and 0 < value < float("inf"):
        return float(value)
    message = f"timeout must be a number of seconds above 0, not {value!r}"
    raise TransportError(message)
