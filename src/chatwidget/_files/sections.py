"""The parts of a message that every export shows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from .._content.attachments import NamedText, as_named_text
from .._conversation.messages import Citation, Message, Status

HEADINGS: Final = {
    "user": "User",
    "assistant": "Assistant",
    "system": "System",
    "developer": "Developer",
    "tool": "Tool result",
    "function": "Tool result",
}
_PARTS: Final = {"image_url": "image", "input_audio": "sound", "file": "file"}
ENDINGS: Final = {Status.STOPPED: "Stopped.", Status.INTERRUPTED: "Interrupted.", Status.ERROR: "Failed."}
_CALL_ENDINGS: Final = {"refused": "Refused.", "unknown_tool": "Unknown tool.", "not_run": "Not run."}
_LONGEST_NAME: Final = 50
_LONGEST_LABEL: Final = 200
_WEB: Final = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)
_IMAGE_DATA: Final = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[a-z0-9+/=]+", re.IGNORECASE)
_NOT_IN_NAME: Final = re.compile(r"[][\\<>`]")
_LONGEST_TOOL: Final = 64
_LONG: Final = 1500
"""Characters. Longer data is folded, as in the view."""
_MANY: Final = 16
"""Lines."""


def is_result(message: Message) -> bool:
    """Return True for the result of a tool.

    Args:
        message: The message.

    """
    return message.role in {"tool", "function"}


def with_tools(messages: Iterable[Message]) -> Iterator[tuple[Message, str]]:
    """Yield each message with the name of the tool whose result it is.

    Args:
        messages: The messages of a conversation, in order.

    Yields:
        The message, and the name in one line; an empty text if it is no result, or of an unknown call.

    """
    names: dict[str, str] = {}
    for message in messages:
        names |= {call.id: call.name for call in message.tool_calls}
        name = names.get(str(message.data.get("tool_call_id")), str(message.data.get("name") or ""))
        yield message, " ".join(name.split())[:_LONGEST_TOOL] if is_result(message) else ""


def size_if_long(text: str) -> str:
    """Return the size of data that is long enough to be folded, else an empty text.

    Args:
        text: The data.

    """
    lines = text.count("\n") + 1
    if lines > _MANY:
        return f"{lines:,} lines"
    return f"{len(text):,} characters" if len(text) > _LONG else ""


def label_and_url(citation: Citation) -> tuple[str, str]:
    """Return the label of a citation, and its address.

    Args:
        citation: The citation.

    Returns:
        The label, never empty, and the address, empty if it does not lead to the Web.

    """
    url = citation.url if _WEB.fullmatch(citation.url) else ""
    label = " ".join((citation.title or citation.url).split()) or "?"
    return (label if len(label) <= _LONGEST_LABEL else f"{label[:_LONGEST_LABEL]}…"), url


@dataclass(frozen=True, slots=True)
class Picture:
    """An image with embedded data, or with the address of one on the Web."""

    alt: str
    url: str
    is_embedded: bool


@dataclass(frozen=True, slots=True)
class Attached:
    """A placeholder for a part that is not text."""

    name: str


def parts_of(message: Message) -> Iterator[str | NamedText | Picture | Attached]:
    """Yield the texts, images and attachments of a message.

    Args:
        message: The message.

    Yields:
        Texts, the texts of files and values with their names, images, and placeholders for all other parts. A tool's
        result has texts without names.

    """
    parts = [{"text": message.source}] if isinstance(message.source, str) else message.source
    for part in parts:
        text = part.get("text")
        if not isinstance(text, str):
            yield _picture(part) or Attached(_PARTS.get(part["type"], "attachment"))
        else:
            yield text if is_result(message) else as_named_text(part) or text


def _picture(part: Mapping[str, Any]) -> Picture | None:
    inner = part.get("image_url")
    url = inner.get("url") if isinstance(inner, Mapping) else inner
    if part["type"] != "image_url" or not isinstance(url, str):
        return None
    alt = " ".join(_NOT_IN_NAME.sub(" ", str(part.get("alt") or "")).split()) or "image"
    is_embedded = _IMAGE_DATA.fullmatch(url) is not None
    return Picture(alt, url, is_embedded) if is_embedded or _WEB.fullmatch(url) else None


def ending_of(message: Message) -> str:
    """Return a note on how a message ended, empty if it is complete.

    Args:
        message: The message.

    """
    if is_result(message) and message.error_code in _CALL_ENDINGS:
        return _CALL_ENDINGS[message.error_code]
    # A message that still streams will not continue in a file.
    return ENDINGS.get(message.status if message.status.is_final else Status.INTERRUPTED, "")


def file_name(messages: Iterable[Message]) -> str:
    """Return a file name made of the first question, without a suffix.

    Args:
        messages: The messages of the conversation.

    """
    first = next((message.text for message in messages if message.role == "user" and message.text.strip()), "")
    return re.sub(r"\W+", "-", first[: 4 * _LONGEST_NAME]).strip("-_")[:_LONGEST_NAME].strip("-_") or "chat"
