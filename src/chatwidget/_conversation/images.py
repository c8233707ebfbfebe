"""Images in messages: their data kept from text, and the results of tools that hold some."""

from __future__ import annotations

import re
from typing import Any, Final

from .messages import MessageDict

_IMAGE: Final = re.compile(r"!\[([^\]]*)\]\(data:image/[\w.+-]+;base64,[\w+/=]*\)", re.IGNORECASE)
"""An image with its data in it, in Markdown."""


def without_image_data(text: str) -> str:
    """`text` with the names of its images in place of their data, which is of no use to a model as text."""
    return _IMAGE.sub(r"[image: \1]", text)


def pictures_apart(messages: list[MessageDict]) -> list[MessageDict]:
    """`messages` with what tools gave beside text in a message of the user's: the API takes it from nowhere else."""
    out: list[MessageDict] = []
    pictures: list[dict[str, Any]] = []
    for message in messages:
        if message["role"] == "tool":
            text, found = _without_pictures(message)
            out.append(text)
            pictures += found
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
    return {**result, "content": texts or "See the next message of the user."}, pictures


def _shown(pictures: list[dict[str, Any]]) -> list[MessageDict]:
    if not pictures:
        return []
    return [{"role": "user", "content": [{"type": "text", "text": "What the tools gave:"}, *pictures]}]
