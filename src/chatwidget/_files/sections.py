"""The parts of a message that every export shows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

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
_LONGEST_NAME: Final = 50
_LONGEST_LABEL: Final = 200


def label_and_url(citation: Citation) -> tuple[str, str]:
    """Return the label of a citation, and its address.

    Args:
        citation: The citation.

    Returns:
        The label, never empty, and the address, empty if it does not lead to the Web.

    """
    url = citation.url if re.fullmatch(r"https?://[^\s<>\"]+", citation.url, re.IGNORECASE) else ""
    label = " ".join((citation.title or citation.url).split()) or "?"
    return (label if len(label) <= _LONGEST_LABEL else f"{label[:_LONGEST_LABEL]}…"), url


@dataclass(frozen=True, slots=True)
class Attached:
    """A placeholder for a part that is not text."""

    name: str


def parts_of(message: Message) -> Iterator[str | Attached]:
    """Yield the texts and attachments of a message.

    Args:
        message: The message.

    Yields:
        Texts, and placeholders for all other parts.

    """
    parts = [{"text": message.content}] if isinstance(message.content, str) else message.content
    for part in parts:
        text = part.get("text")
        yield text if isinstance(text, str) else Attached(_PARTS.get(part["type"], "attachment"))


def ending_of(message: Message) -> str:
    """Return a note on how a message ended, empty if it is complete.

    Args:
        message: The message.

    """
    # A message that still streams will not continue in a file.
    return ENDINGS.get(message.status if message.status.is_final else Status.INTERRUPTED, "")


def file_name(messages: Iterable[Message]) -> str:
    """Return a file name made of the first question, without a suffix.

    Args:
        messages: The messages of the conversation.

    """
    first = next((message.text for message in messages if message.role == "user" and message.text.strip()), "")
    return re.sub(r"\W+", "-", first[: 4 * _LONGEST_NAME]).strip("-_")[:_LONGEST_NAME].strip("-_") or "chat"
