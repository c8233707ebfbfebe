"""Merging of adjacent messages with the same role.

Many chat templates (Mistral's, Gemma's, Llama 2's) reject a conversation unless its roles alternate, and accept one
system message. Such conversations arise easily: a question has no answer, or presets also have a system message.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from .._conversation.messages import MessageDict

_SYSTEM: Final = frozenset({"system", "developer"})
_JOINED: Final = _SYSTEM | {"user", "assistant"}
_CALLS: Final = frozenset({"tool_calls", "function_call"})


def joined(messages: Iterable[MessageDict]) -> list[MessageDict]:
    """Merge adjacent messages with the same role, and drop empty answers.

    Tool results are left as they are, and so are messages that differ in more than their content, such as their names.

    Args:
        messages: The conversation.

    """
    runs: list[_Run] = []
    for message in filter(None, map(_with_content, messages)):
        if not runs or not runs[-1].takes(message):
            runs.append(_Run())
        runs[-1].add(message)
    return [run.as_one() for run in runs]


class _Run:
    """Messages to be merged."""

    def __init__(self) -> None:
        self._messages: list[MessageDict] = []
        self._other_fields: dict[str, Any] = {}
        """All fields of the messages except role and content."""

    def add(self, message: MessageDict) -> None:
        """Add a message.

        Args:
            message: A message that `takes` accepts.

        """
        self._messages.append(message)
        self._other_fields |= _other_fields(message)

    def takes(self, message: MessageDict) -> bool:
        """Return True if a message can be added.

        Args:
            message: The next message.

        """
        roles, fields = {self._messages[-1]["role"], message["role"]}, _other_fields(message)
        if not roles <= _JOINED or not (len(roles) == 1 or roles <= _SYSTEM) or self._other_fields.keys() & _CALLS:
            return False
        same_name = self._other_fields.get("name") == fields.get("name")
        return same_name and all(self._other_fields.get(key, value) == value for key, value in fields.items())

    def as_one(self) -> MessageDict:
        """Return the merged message."""
        first, *rest = self._messages
        if not rest:
            return first
        roles = {message["role"] for message in self._messages}
        content = _as_one([message.get("content") for message in self._messages])
        # Every server knows "system". OpenAI accepts either role, but not both.
        return {"role": roles.pop() if len(roles) == 1 else "system", "content": content, **self._other_fields}


def _other_fields(message: MessageDict) -> dict[str, Any]:
    return {key: value for key, value in message.items() if key not in {"role", "content"} and value not in (None, [])}


def _as_one(contents: Sequence[str | list[dict[str, Any]] | None]) -> str | list[dict[str, Any]] | None:
    if not any(isinstance(content, list) for content in contents):
        return "\n\n".join(str(content) for content in contents if content) or contents[-1]
    parts: list[dict[str, Any]] = []
    for content in contents:
        parts += [{"type": "text", "text": content}] if isinstance(content, str) and content else content or ()
    return parts


def _with_content(message: MessageDict) -> MessageDict | None:
    """Return `message`, with a refusal as its content if it has no other; None for an answer with neither."""
    if message["role"] != "assistant" or any(message.get(key) for key in (*_CALLS, "audio")):
        return message
    content = message.get("content")
    if content.strip() if isinstance(content, str) else any(map(_says_something, content or ())):
        return message
    if message.get("refusal"):
        return {key: value for key, value in message.items() if key != "refusal"} | {"content": message["refusal"]}
    return None


def _says_something(part: dict[str, Any]) -> bool:
    return part.get("type") != "text" or bool(str(part.get("text") or "").strip())
