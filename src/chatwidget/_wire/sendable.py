"""Conversations in the form that servers accept."""

from __future__ import annotations

from typing import Any, Final

from .._conversation.images import images_apart
from .._conversation.messages import MessageDict
from .._json import loads
from .neighbours import joined

KEPT: Final = "response_items"
"""The message key for items of the Responses API, which other APIs do not know."""


def sendable(messages: list[MessageDict]) -> list[MessageDict]:
    """Return `messages` in the form that most APIs accept: results of tools contain only text.

    Args:
        messages: The conversation.

    """
    return with_results([_without_items(message) for message in images_apart(messages)])


def with_results(messages: list[MessageDict]) -> list[MessageDict]:
    """Return `messages` in a form that servers accept.

    Every tool call gets a result, as the API demands: if a call was never run (the turn was stopped, nobody offers that
    tool), its result says so. Adjacent messages of one role are merged, since many chat templates require alternating
    roles, and answers without content are left out.

    Args:
        messages: The conversation.

    """
    out: list[MessageDict] = []
    for index, message in enumerate(messages):
        out.append(_readable(message))
        ids = [call.get("id") for call in message.get("tool_calls") or ()]
        answered = _answered(messages, index + 1) if ids else set()
        out += [_not_run(call_id) for call_id in ids if call_id not in answered]
    return joined(out)


def _without_items(message: MessageDict) -> MessageDict:
    return {key: value for key, value in message.items() if key != KEPT} if KEPT in message else message


def _readable(message: MessageDict) -> MessageDict:
    """Replace tool arguments that are not JSON: servers parse them again, and would reject the whole request."""
    calls = message.get("tool_calls") or ()
    if all(_is_readable(call) for call in calls):
        return message
    mended = [
        call if _is_readable(call) else {**call, "function": {**call["function"], "arguments": "{}"}} for call in calls
    ]
    return {**message, "tool_calls": mended}


def _is_readable(call: dict[str, Any]) -> bool:
    arguments = (call.get("function") or {}).get("arguments")
    if not isinstance(arguments, str):
        return True
    try:
        return isinstance(loads(arguments), dict)
    except (ValueError, RecursionError):
        return False


def _answered(messages: list[MessageDict], start: int) -> set[Any]:
    """Return the ids answered between message `start` and the next calls: some servers reuse ids."""
    answered = set()
    for index in range(start, len(messages)):
        message = messages[index]
        if message.get("tool_calls"):
            break
        if message["role"] == "tool":
            answered.add(message.get("tool_call_id"))
    return answered


def _not_run(call_id: str | None) -> MessageDict:
    return {"role": "tool", "tool_call_id": call_id, "content": "This call was not run."}
