"""What a server sends where a model calls tools."""

from __future__ import annotations

import json
from typing import Any


def call(index: int, name: str, arguments: object = None, **more: Any) -> dict[str, Any]:
    """A delta with a whole call; `arguments` is its text, or what its text is the JSON of."""
    text = arguments if isinstance(arguments, str) else json.dumps(arguments or {})
    entry = {"index": index, "id": f"call_{index}", "type": "function"}
    return {"tool_calls": [{**entry, "function": {"name": name, "arguments": text}, **more}]}


def calls(server: Any, *deltas: dict[str, Any], **more: Any) -> None:
    """Queue an answer that calls tools."""
    server.reply(*deltas, **{"finish_reason": "tool_calls", **more})


def results(chat: Any) -> list[Any]:
    """The contents of the tool messages, in order."""
    return [message["content"] for message in chat.messages if message["role"] == "tool"]


def assert_valid(messages: list[dict[str, Any]]) -> None:
    """Each call is answered once, right after the message that made it."""
    messages = [message for message in messages if message["role"] != "system"]
    place = 0
    while place < len(messages):
        ids = [each["id"] for each in messages[place].get("tool_calls") or ()]
        answers = messages[place + 1 : place + 1 + len(ids)]
        assert sorted(each.get("tool_call_id", "") for each in answers) == sorted(ids)
        assert messages[place]["role"] != "tool"
        place += 1 + len(ids)
