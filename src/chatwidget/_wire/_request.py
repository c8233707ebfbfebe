"""Request bodies for chat completions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._messages import MessageDict, without_image_data


def request_body(
    messages: list[MessageDict], model: str | None, params: Mapping[str, Any], *, stream: bool = True
) -> dict[str, Any]:
    """The JSON body of a chat completions request; `params` (temperature, …) are passed as they are."""
    body: dict[str, Any] = {
        "model": model,
        "messages": [_slim(each) for each in answerable(messages)],
        "stream": stream,
    }
    if stream:
        body["stream_options"] = {"include_usage": True}
    return {**body, **params}


def answerable(messages: list[MessageDict]) -> list[MessageDict]:
    """`messages` with a result for each tool call, as the API demands.

    A call that was never run (the turn was stopped, nobody offers that tool) is answered by saying so.
    """
    answered = {message.get("tool_call_id") for message in messages if message["role"] == "tool"}
    out: list[MessageDict] = []
    for message in messages:
        out.append(message)
        ids = [call.get("id") for call in message.get("tool_calls") or ()]
        out += [_not_run(call_id) for call_id in ids if call_id not in answered]
    return out


def _slim(message: MessageDict) -> MessageDict:
    """`message` without the data of images in its text, of which a model would make nothing."""
    content = message.get("content")
    if isinstance(content, str) and "](data:image/" in content:
        return {**message, "content": without_image_data(content)}
    return message


def _not_run(call_id: str | None) -> MessageDict:
    return {"role": "tool", "tool_call_id": call_id, "content": "This call was not run."}
