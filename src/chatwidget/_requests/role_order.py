"""The order of roles that some chat templates insist on: one system message, then the user and the model in turn.

Neighbours of one role are joined for every server, in `_wire`. What is here says something that nobody has said, or
moves it: it is done for a server that has refused the messages as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

from .._conversation.messages import MessageDict
from .._wire.chat_completions.request import sendable
from .._wire.neighbours import joined

_REFUSALS: Final = frozenset({400, 422, 500})
_SAYS_SO: Final = re.compile(
    r"alternat|\broles?\b|\bturns?\b|(first|last|system|assistant|user) message", re.IGNORECASE
)
_SYSTEM: Final = frozenset({"system", "developer"})
_NO_QUESTION: Final = {"role": "user", "content": "(The user has not said anything yet.)"}
_NO_ANSWER: Final = {"role": "assistant", "content": "(There was no answer.)"}


class RoleOrder:
    """Puts messages into the order that one chat's model takes."""

    def __init__(self) -> None:
        self._is_strict = self._is_proven = False
        self._messages: list[MessageDict] = []

    def forget(self) -> None:
        """Another model is asked."""
        self._is_strict = self._is_proven = False

    def confirm(self) -> None:
        """What was sent last has been answered."""
        self._is_proven = self._is_strict

    def applied(self, messages: list[MessageDict]) -> list[MessageDict]:
        """Return `messages` as they are to be sent."""
        self._messages = messages
        return _strict(messages) if self._is_strict else messages

    def learn(self, error: Exception) -> bool:
        """Return whether what was refused with `error` can be sent again, in a stricter order."""
        status = getattr(error, "status", None) or getattr(error, "status_code", None)
        was_strict, self._is_strict = self._is_strict, self._is_proven
        if was_strict or status not in _REFUSALS or not _SAYS_SO.search(str(error)):
            return False
        self._is_strict = _strict(self._messages) != self._messages
        return self._is_strict


def _strict(messages: list[MessageDict]) -> list[MessageDict]:
    messages = sendable([_with_name_in_text(message) for message in messages])
    system = joined({**message, "role": "system"} for message in messages if message["role"] in _SYSTEM)
    others = joined(message for message in messages if message["role"] not in _SYSTEM)
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
    """Return `message` with whose it is in its text: neighbours of different names would not be joined."""
    name, content = message.get("name"), message.get("content")
    if not name or message["role"] not in {"user", "assistant"}:
        return message
    text = f"{name}: "
    said: Any = text + content if isinstance(content, str) else [{"type": "text", "text": text}, *(content or ())]
    return {key: value for key, value in message.items() if key != "name"} | {"content": said}
