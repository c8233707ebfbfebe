"""Request bodies for chat completions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._conversation.images import pictures_apart, without_image_data
from ..._conversation.messages import MessageDict
from ..._json import loads
from ..neighbours import joined


def request_body(
    messages: list[MessageDict], model: str | None, params: Mapping[str, Any], *, stream: bool = True
) -> dict[str, Any]:
    """The JSON body of a chat completions request; `params` (temperature, …) are passed as they are.

    `stream_options` of None leaves those out that are usual, for servers that refuse them.
    """
    body: dict[str, Any] = {
        "model": model,
        "messages": [_slim(each) for each in sendable(messages)],
        "stream": stream,
    }
    if stream:
        body["stream_options"] = {"include_usage": True}
    body.update(params)
    if body.get("stream_options", ...) is None:
        del body["stream_options"]
    return body


def sendable(messages: list[MessageDict]) -> list[MessageDict]:
    """Return `messages` as servers take them.

    Each tool call has a result, as the API demands: one that was never run (the turn was stopped, nobody offers that
    tool) is answered by saying so. Results have nothing but text in them. Neighbours of one role are one message,
    since many chat templates want roles to alternate, and answers without content are left out.
    """
    messages = pictures_apart(messages)
    out: list[MessageDict] = []
    for index, message in enumerate(messages):
        out.append(_readable(message))
        ids = [call.get("id") for call in message.get("tool_calls") or ()]
        answered = _answered(messages, index + 1) if ids else set()
        out += [_not_run(call_id) for call_id in ids if call_id not in answered]
    return joined(out)


def _readable(message: MessageDict) -> MessageDict:
    """`message` without arguments that are no JSON: servers read them again, and refuse all of it."""
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
    """The calls that are answered, from message `start` to new calls: some servers use the same ids again."""
    answered = set()
    for index in range(start, len(messages)):
        message = messages[index]
        if message.get("tool_calls"):
            break
        if message["role"] == "tool":
            answered.add(message.get("tool_call_id"))
    return answered


def _slim(message: MessageDict) -> MessageDict:
    """`message` without the data of images in its text, of which a model would make nothing."""
    content = message.get("content")
    if isinstance(content, str) and "](" in content:
        return {**message, "content": without_image_data(content)}
    return message


def _not_run(call_id: str | None) -> MessageDict:
    return {"role": "tool", "tool_call_id": call_id, "content": "This call was not run."}
