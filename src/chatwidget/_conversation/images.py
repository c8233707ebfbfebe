"""Images in messages: named in text, and sent where the API takes them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

from .messages import IMAGE, MessageDict, without_image_data

_FROM_TOOLS: Final = "Returned by the tools:"
_FROM_ANSWER: Final = "The images in the answer above:"
_SHOWN: Final = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,", re.IGNORECASE)


def image_part(url: str, alt: str = "") -> dict[str, Any]:
    """Return a content part for an image.

    Args:
        url: Its address or a data URL.
        alt: A name or short description. It is kept with the message, and not sent.

    """
    return {"type": "image_url", "image_url": {"url": url}} | ({"alt": alt} if alt else {})


def images_apart(messages: Iterable[MessageDict]) -> list[MessageDict]:
    """Move images out of tool results and answers into user messages after them.

    The API accepts images nowhere else.

    Args:
        messages: The messages of a conversation.

    Returns:
        A new list; the given messages are unchanged.

    """
    out: list[MessageDict] = []
    images: list[dict[str, Any]] = []
    for message in answer_images_apart(messages):
        if message["role"] == "tool":
            text, parts = _without_parts(message)
            out.append(text)
            images += parts
        else:
            out += [*_shown(_FROM_TOOLS, images), message]
            images = []
    return out + _shown(_FROM_TOOLS, images)


def answer_images_apart(messages: Iterable[MessageDict]) -> list[MessageDict]:
    """Move images out of answers into user messages before the next question.

    The last answer stays the last message, so its images are only named.

    Args:
        messages: The messages of a conversation.

    Returns:
        A new list; the given messages are unchanged.

    """
    out: list[MessageDict] = []
    images: list[dict[str, Any]] = []
    for message in messages:
        if message["role"] == "user":
            out += _shown(_FROM_ANSWER, images)
            images = []
        sent, parts = _without_embedded(message) if message["role"] == "assistant" else (message, [])
        out.append(_without_names(sent))
        images += parts
    return out


def images_named(messages: Iterable[MessageDict]) -> list[MessageDict]:
    """Replace images in tool results and answers by their names, for a model that takes none.

    Args:
        messages: The messages of a conversation.

    Returns:
        A new list; the given messages are unchanged. Images that the user sends stay.

    """
    return [
        {**message, "content": _named(message["content"])}
        if message["role"] in {"tool", "assistant"} and message.get("content")
        else _without_names(message)
        for message in messages
    ]


def _named(content: str | list[dict[str, Any]]) -> str | list[dict[str, Any]]:
    if isinstance(content, str):
        return without_image_data(content)
    return [
        {"type": "text", "text": f"[image: {part.get('alt') or 'image'}]"} if part.get("type") == "image_url" else part
        for part in content
    ]


def _without_parts(result: MessageDict) -> tuple[MessageDict, list[dict[str, Any]]]:
    content = result.get("content")
    if not isinstance(content, list):
        return result, []
    texts = [part for part in content if part.get("type") == "text"]
    others = [part for part in content if part.get("type") != "text"]
    if not others:
        return result, []
    return {**result, "content": texts or "See the next user message."}, others


def _without_embedded(answer: MessageDict) -> tuple[MessageDict, list[dict[str, Any]]]:
    content = answer.get("content")
    if not isinstance(content, str) or "](" not in content:
        return answer, []
    images = [image_part(url) for _, url in IMAGE.findall(content) if _SHOWN.match(url)]
    return {**answer, "content": without_image_data(content)}, images


def _without_names(message: MessageDict) -> MessageDict:
    content = message.get("content")
    if not isinstance(content, list) or not any("alt" in part for part in content):
        return message
    return {**message, "content": [_without_name(part) for part in content]}


def _without_name(part: dict[str, Any]) -> dict[str, Any]:
    # Servers reject a request with keys that they do not know.
    return {key: value for key, value in part.items() if key != "alt"} if part.get("type") == "image_url" else part


def _shown(title: str, parts: list[dict[str, Any]]) -> list[MessageDict]:
    return [{"role": "user", "content": [{"type": "text", "text": title}, *parts]}] if parts else []
