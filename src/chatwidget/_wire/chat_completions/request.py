"""Request bodies for chat completions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._conversation.messages import MessageDict, without_image_data
from ..sendable import sendable


def request_body(messages: list[MessageDict], model: str | None, params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the JSON body of a request for a streamed answer.

    Args:
        messages: The conversation.
        model: The name of the model.
        params: Further parameters (temperature, …), passed unchanged.

    """
    return {"model": model, "messages": [_slim(message) for message in sendable(messages)], "stream": True, **params}


def _slim(message: MessageDict) -> MessageDict:
    """Return `message` without image data in its text, which is useless to a model."""
    content = message.get("content")
    if isinstance(content, str) and "](" in content:
        return {**message, "content": without_image_data(content)}
    return message
