"""The order of roles that some chat templates insist on: one system message, then user and model in turn.

Neighbours of one role are joined for every server, in `_wire`. The changes here add or move text, so they are
made only for a server that has refused the messages as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

from .. import _wire
from .._conversation.messages import MessageDict

_REFUSALS: Final = frozenset({400, 422, 500})
_SAYS_SO: Final = re.compile(
    r"alternat|\broles?\b|\bturns?\b|(first|last|system|assistant|user) message", re.IGNORECASE
)
_SYSTEM: Final = frozenset({"system", "developer"})
_NO_QUESTION: Final = {"role": "user", "content": "(The user has not said anything yet.)"}
_NO_ANSWER: Final = {"role": "assistant", "content": "(There was no answer.)"}


class RoleOrder:
    """The order of roles for one chat's model."""

    def __init__(self) -> None:
        self._is_strict = self._is_proven = False
        self._messages: list[MessageDict] = []

    def forget(self) -> None:
        """Forget everything learned about the model."""
        self._is_strict = self._is_proven = False

    def confirm(self) -> None:
        """Keep the learned order, after a request in it was answered."""
        self._is_proven = self._is_strict

    def applied(self, messages: list[MessageDict]) -> list[MessageDict]:
        """Return the messages in the order that the model takes.

        Args:
            messages: The messages to send.

        """
        self._messages = messages
        return _strict(messages) if self._is_strict else messages

    def learn(self, error: Exception) -> bool:
        """Learn from a refused request.

        Args:
            error: The refusal.

        Returns:
            Whether to ask again, in a stricter order.

        """
        status = getattr(error, "status", None) or getattr(error, "status_code", None)
        was_strict, self._is_strict = self._is_strict, self._is_proven
        if was_strict or status not in _REFUSALS or not _SAYS_SO.search(str(error)):
            return False
        self._is_strict = _strict(self._messages) != self._messages
        return self._is_strict


def _strict(messages: list[MessageDict]) -> list[MessageDict]:
    messages = _wire.sendable.sendable([_with_name_in_text(message) for message in messages])
    system = _wire.neighbours.joined(
        {**message, "role": "system"} for message in messages if message["role"] in _SYSTEM
    )
    others = _wire.neighbours.joined(message for message in messages if message["role"] not in _SYSTEM)
    return [*system, *_in_turn(others)]


def _in_turn(messages: Iterable[MessageDict]) -> Iterable[MessageDict]:
    before = "system"
    for message in messages:
        role = message["role"]
        if role == "assistant" and before == "system":
            yield _NO_QUESTION
        elif role == "user" and before in {"tool", "function"}:
            yield _NO_ANSWER
        yield message
        before = role


def _with_name_in_text(message: MessageDict) -> MessageDict:
    """Move the name of a message into its text: neighbours with different names would not be joined."""
    name, content = message.get("name"), message.get("content")
    if not name or message["role"] not in {"user", "assistant"}:
        return message
    text = f"{name}: "
    new_content: Any = (
        text + content if isinstance(content, str) else [{"type": "text", "text": text}, *(content or ())]
    )
    return {key: value for key, value in message.items() if key != "name"} | {"content": new_content}
