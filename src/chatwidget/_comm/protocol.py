"""The messages of the kernel to its views: a snapshot, and patches to it. Mirrored in `protocol/messages.js`.

Lengths and offsets of text are in UTF-16 code units, as JavaScript counts. The fixtures in `tests/wire/` are read by
the tests of both sides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final, TypeAlias

from .._conversation.changes import Added, Appended, Called, Change, Cut, Replaced, Updated
from .._conversation.messages import Message, Timings, ToolCall
from .._conversation.tree import Conversation

VERSION: Final = 1

Op: TypeAlias = dict[str, Any]

USUAL: Final[dict[str, Any]] = {
    "content": "",
    "reasoning": "",
    "refusal": "",
    "tool_calls": [],
    "status": "complete",
    "finish_reason": None,
    "usage": None,
    "model": None,
    "error": None,
    "error_code": None,
    "timings": {"first_token": None, "duration": None, "reasoning": None},
    "branch": {"index": 0, "count": 1},
}
"""Defaults of message fields. Most fields in a long conversation have them, so they are not sent."""


def op_for(change: Change, conversation: Conversation) -> Op | None:  # noqa: PLR0911 one for each kind of change
    """Return the operation that applies a change to a view.

    Args:
        change: The change.
        conversation: The conversation, after the change.

    Returns:
        The operation, or None if the change does not affect views.

    """
    if isinstance(change, Appended | Replaced | Called | Updated) and not conversation.shows(change.id):
        return None
    match change:
        case Added(message_id):
            return {"op": "add", "message": view_message(conversation, conversation[message_id])}
        case Appended(message_id, field, offset, text, call):
            where = {"call": call} if call is not None else {}
            return {"op": "text", "id": message_id, "field": field, **where, "offset": offset, "text": text}
        case Replaced(message_id, values):
            return {"op": "set", "id": message_id, "values": {key: _plain(value) for key, value in values.items()}}
        case Called(message_id, call, value):
            return {"op": "call", "id": message_id, "call": call, "value": _call(value)}
        case Updated(message_id):
            values = _beside(conversation, conversation[message_id])
            return {"op": "set", "id": message_id, "values": values}
        case Cut(length):
            return {"op": "cut", "length": length}
    return None


def view_message(conversation: Conversation, message: Message) -> dict[str, Any]:
    """Return a message in the form that views take.

    Args:
        conversation: The conversation.
        message: The message.

    Returns:
        The fields that differ from `USUAL`.

    """
    values = {
        "id": message.id,
        "role": message.role,
        "content": message.source,
        "reasoning": message.reasoning,
        "refusal": message.refusal,
        "tool_calls": [_call(call) for call in message.tool_calls],
        **_beside(conversation, message),
    }
    if message.role == "tool":
        values["tool_call_id"] = str(message.data.get("tool_call_id") or "")
    media = {"sound": message.sound, "citations": message.citations}
    values |= {key: _plain(value) for key, value in media.items() if value}
    return {key: value for key, value in values.items() if key not in USUAL or value != USUAL[key]}


def snapshot(conversation: Conversation, state: Mapping[str, Any], rev: int, channel: str) -> dict[str, Any]:
    """Return the complete state of a view.

    Args:
        conversation: The conversation.
        state: The state other than the messages.
        rev: The current revision.
        channel: The name of the widget's channel.

    Returns:
        The snapshot.

    """
    return {
        "version": VERSION,
        "rev": rev,
        "channel": channel,
        "messages": [view_message(conversation, message) for message in conversation],
        "state": dict(state),
    }


def ack(sender: str, number: int, rev: int) -> dict[str, Any]:
    """Return the message that acknowledges commands.

    Args:
        sender: The sender of the commands.
        number: The number of its last command that is done.
        rev: The revision that includes the results.

    Returns:
        The message.

    """
    return {"type": "ack", "sender": sender, "number": number, "rev": rev}


def _beside(conversation: Conversation, message: Message) -> dict[str, Any]:
    """Return the metadata of a message."""
    siblings = conversation.siblings(message.id)
    left_out = message.left_out
    return {
        "status": str(message.status),
        "finish_reason": message.finish_reason,
        "usage": asdict(message.usage) if message.usage is not None else None,
        "model": message.model,
        "error": message.error,
        "error_code": message.error_code,
        "timings": _timings(message.timings),
        "branch": {"index": siblings.index(message.id), "count": len(siblings)},
        **(
            {"left_out": {"count": left_out.count, "summarized": left_out.summary is not None}}
            if left_out is not None
            else {}
        ),
        **({"log": message.log} if message.log is not None else {}),
    }


def _plain(value: Any) -> Any:
    return [asdict(item) for item in value] if isinstance(value, tuple) else value


def _timings(timings: Timings) -> dict[str, float | None]:
    return {"first_token": timings.first_token, "duration": timings.duration, "reasoning": timings.reasoning}


def _call(call: ToolCall) -> dict[str, str]:
    return {"id": call.id, "name": call.name, "arguments": call.arguments}
