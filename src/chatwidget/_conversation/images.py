"""Images in messages: image data removed from text, and tool results that contain images."""

from __future__ import annotations

import re
from typing import Any, Final

from .messages import MessageDict

_IMAGE: Final = re.compile(r"!\[([^\]]*)\]\(data:image/[\w.+-]+;base64,[\w+/=]*\)", re.IGNORECASE)
"""A Markdown image with embedded data."""


def without_image_data(text: str) -> str:
    """Return `text` with image data replaced by the names of the images.

    As text, the data is useless to a model.

    Args:
        text: Markdown text.

    """
    return _IMAGE.sub(r"[image: \1]", text)


def pictures_apart(messages: list[MessageDict]) -> list[MessageDict]:
    """Move the non-text parts of tool results into a user message after them.

    The API accepts such parts nowhere else.

    Args:
        messages: The messages of a conversation.

    Returns:
        A new list; the given messages are unchanged.

    """
    out: list[MessageDict] = []
    pictures: list[dict[str, Any]] = []
    for message in messages:
        if message["role"] == "tool":
            text, parts = _without_pictures(message)
            out.append(text)
            pictures += parts
        else:
            out += [*_shown(pictures), message]
            pictures = []
    return out + _shown(pictures)


def _without_pictures(result: MessageDict) -> tuple[MessageDict, list[dict[str, Any]]]:
    content = result.get("content")
    if not isinstance(content, list):
        return result, []
    texts = [part for part in content if part.get("type") == "text"]
    pictures = [part for part in content if part.get("type") != "text"]
    if not pictures:
        return result, []
    return {**result, "content": texts or "See the next user message."}, pictures


def _shown(pictures: list[dict[str, Any]]) -> list[MessageDict]:
    if not pictures:
        return []
    return [{"role": "user", "content": [{"type": "text", "text": "Returned by the tools:"}, *pictures]}]
