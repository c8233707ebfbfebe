"""Reasoning sent back to the server and model it came from, under its original keys.

Models that call tools continue their earlier reasoning, and some servers insist on it (DeepSeek's, Anthropic's
behind a gateway). Others refuse keys that they send themselves (Cerebras, Groq, Mistral). No standard says which
server does which, so the refusals are learned from.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Final

from .._conversation.messages import REASONING_KEYS, Message

_REFUSALS: Final = frozenset({400, 422})
_DEMANDS: Final = re.compile(r"must be (passed|sent|provided|included)|missing|required|expected", re.IGNORECASE)
_TEXT_KEYS: Final = ("reasoning_content", "reasoning")
_ALWAYS: Final = frozenset({"response_items"})
"""Keys that belong to every answer, not only to those of turns with calls."""
_CALL_KEYS: Final = ("id", "type", "function", "custom")
_NOTHING: Final = " "
"""Placeholder for unknown reasoning. Servers that insist on reasoning do not accept an empty text."""


@dataclass(frozen=True, slots=True)
class _Learned:
    """A server's demands and refusals for a model. Each step is taken only once, so that repeating a request ends."""

    refused: frozenset[str] = frozenset()
    is_guess: bool = False
    """Whether no refusal named those keys."""
    only_now: bool = False
    """Whether reasoning of earlier turns is refused."""
    everywhere: bool = False
    """Whether reasoning is also sent back in turns without tool calls."""
    filled: str | None = None
    """A key that messages must have even if their reasoning is unknown, because another model wrote them."""


class ReasoningReplay:
    """The reasoning on the messages for one chat's model."""

    def __init__(self) -> None:
        self._learned = self._proven = _Learned()
        self._sent: set[str] = set()
        self._sent_earlier = False
        """Whether reasoning was sent in turns before the last."""
        self._kept_back = False

    def forget(self) -> None:
        """Forget everything learned about the model."""
        self._learned = self._proven = _Learned()

    def confirm(self) -> None:
        """Keep the learned form, after a request in it was answered."""
        self._learned = self._proven = replace(self._learned, is_guess=False)

    def applied(self, messages: Iterable[Message], sender: str) -> list[Message]:
        """Add the reasoning that the receiver takes, and remove the rest.

        Args:
            messages: The messages to send.
            sender: The digest of the receiving server and model; see `sender_of`.

        Returns:
            The messages to send; unchanged ones are the same objects.

        """
        self._sent, self._sent_earlier, self._kept_back = set(), False, False
        turns = list(_turns(messages))
        earlier = [self._sent_in(turn, sender, is_now=False) for turn in turns[:-1]]
        self._sent_earlier = bool(self._sent)
        now = self._sent_in(turns[-1], sender, is_now=True)
        return [message for turn in (*earlier, now) for message in turn]

    def learn(self, error: Exception) -> bool:
        """Learn from a refused request.

        Args:
            error: The refusal.

        Returns:
            Whether to ask again, with more or less reasoning.

        """
        learned = self._taught_by(error)
        self._learned = learned or self._proven
        return learned is not None

    def _taught_by(self, error: Exception) -> _Learned | None:
        status = getattr(error, "status", None) or getattr(error, "status_code", None)
        if self._learned.is_guess or status not in _REFUSALS or getattr(error, "code", None) == "too_long":
            return None
        param = getattr(error, "param", None)
        text = f"{error} {param or ''}"
        # Not `reasoning.effort`, a parameter.
        named = {key for key in REASONING_KEYS if re.search(rf"\b{key}\b(?!\.\w)", text)}
        refused = named & self._sent
        if named and (not refused or _DEMANDS.search(text)):
            return self._with_more(named)
        if refused:
            return self._with_less(refused)
        if self._sent and (param is None or re.search("messages|input", str(param))):
            return replace(self._learned, refused=self._learned.refused | self._sent, is_guess=True)
        return None

    def _with_more(self, wanted: set[str]) -> _Learned | None:
        learned = self._learned
        if self._kept_back and not (learned.everywhere or learned.only_now):
            return replace(learned, everywhere=True)
        key = next((key for key in _TEXT_KEYS if key in wanted - learned.refused), None)
        return replace(learned, filled=key) if key is not None and learned.filled is None else None

    def _with_less(self, refused: set[str]) -> _Learned:
        if self._sent_earlier and not self._learned.only_now:
            return replace(self._learned, only_now=True)
        return replace(self._learned, refused=self._learned.refused | refused)

    def _sent_in(self, turn: list[Message], sender: str, *, is_now: bool) -> list[Message]:
        learned = self._learned
        is_wanted = is_now or not learned.only_now
        has_calls = any(message.data.get("tool_calls") for message in turn)
        needs_it = is_wanted and (learned.everywhere or has_calls)
        refused = learned.refused if is_wanted else REASONING_KEYS
        return [self._as_sent(message, sender, needs_it=needs_it, refused=refused) for message in turn]

    def _as_sent(self, message: Message, sender: str, *, needs_it: bool, refused: AbstractSet[str]) -> Message:
        data = {key: value for key, value in message.data.items() if key not in refused}
        if message.sender == sender:
            reasoning = {key: value for key, value in message.sent_reasoning.items() if key not in refused}
            sent = {key: value for key, value in reasoning.items() if needs_it or key in _ALWAYS}
            self._kept_back = self._kept_back or sent != reasoning
            data |= sent
        elif message.sender is not None and data.get("tool_calls"):
            # Other fields, such as signatures of thoughts, are meant for the server that sent them.
            data["tool_calls"] = [{key: call[key] for key in _CALL_KEYS if key in call} for call in data["tool_calls"]]
        filled = self._learned.filled
        if needs_it and filled is not None and filled not in refused and message.role == "assistant":
            data.setdefault(filled, _NOTHING)
        self._sent |= REASONING_KEYS & data.keys()
        return message if data == message.data else replace(message, data=data)


def _turns(messages: Iterable[Message]) -> Iterator[list[Message]]:
    """Split the messages into turns, each beginning with a user message."""
    turn: list[Message] = []
    for message in messages:
        if message.role == "user" and turn:
            yield turn
            turn = []
        turn.append(message)
    yield turn
