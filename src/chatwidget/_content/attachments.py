"""Files that a user attaches, as the content parts that the API accepts."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from .._conversation.images import image_part
from .._errors import ConversationError
from .fences import fenced
from .file_contents import media_type, office_text, refusal, text_in

Part: TypeAlias = dict[str, Any]

_SOUNDS: Final = {
    "audio/wav": "wav",
    "audio/x-wav": "wav",
    "audio/wave": "wav",
    "audio/vnd.wave": "wav",
    "audio/mpeg": "mp3",
    "audio/mp3": "mp3",
}
_NAMED_TEXT: Final = re.compile(r"(?P<name>[^\n]*):\n(?P<fence>`{3,})\n(?P<text>.*)\n(?P=fence)", re.DOTALL)
"""The text of a file or of a value of the notebook, as `named_text` writes it. Mirrored in `message_content.js`."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file attached by the user; `data` is in base64."""

    name: str
    mime: str
    data: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class NamedText:
    """The text of a file or of a value of the notebook, which is shown folded under its name."""

    name: str
    text: str


def named_text(name: str, text: str) -> Part:
    """Return a text part that is shown folded under its name.

    Args:
        name: The name: one line.
        text: The text.

    """
    return {"type": "text", "text": f"{name}:\n{fenced(text)}"}


def as_named_text(part: Part) -> NamedText | None:
    """Return the name and the text that `named_text` made a part of; None for any other part.

    Args:
        part: The part.

    """
    match = _NAMED_TEXT.fullmatch(str(part.get("text"))) if part.get("type") == "text" else None
    return NamedText(match["name"], match["text"]) if match is not None else None


def content_with(text: str, attachments: Sequence[Attachment]) -> str | list[Part]:
    """Return the content of a message with attachments.

    Args:
        text: The text of the message.
        attachments: The attached files.

    Returns:
        Content parts, or the text if there are no attachments.

    Raises:
        ConversationError: A file did not arrive completely or cannot be sent; the message names it.

    """
    return _joined(text, [_part(attachment) for attachment in attachments])


def content_like(old: str | list[Part], text: str) -> str | list[Part]:
    """Return the content of a new version of a message: new text with the old attachments.

    Args:
        old: The content of the old version.
        text: The new text.

    """
    return _joined(text, [] if isinstance(old, str) else [part for part in old if _is_attached(part)])


def _joined(text: str, parts: list[Part]) -> str | list[Part]:
    return [*([{"type": "text", "text": text}] if text.strip() else []), *parts] if parts else text


def _is_attached(part: Part) -> bool:
    return part.get("type") != "text" or as_named_text(part) is not None


def _part(attachment: Attachment) -> Part:
    name = re.split(r"[/\\]", attachment.name)[-1].strip() or "file"
    raw = _decoded(name, attachment.data)
    mime = media_type(raw)
    text = None if mime or raw.startswith(b"RIFF") else text_in(raw)
    if text is not None:
        return named_text(name, text)
    # A sound need not begin like most of its kind.
    sound = _SOUNDS.get(mime or attachment.mime.partition(";")[0].strip().lower())
    if sound is not None:
        return {"type": "input_audio", "input_audio": {"data": attachment.data, "format": sound}}
    if mime is None:
        if (text := office_text(name, raw)) is None:
            raise ConversationError(refusal(name))
        return named_text(name, text)
    url = f"data:{mime};base64,{attachment.data}"
    if mime.startswith("image/"):
        return image_part(url, name)
    return {"type": "file", "file": {"filename": name, "file_data": url}}


def _decoded(name: str, data: str) -> bytes:
    try:
        raw = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        message = f"{name[:80]} arrived incomplete; attach it again"
        raise ConversationError(message) from None
    if not raw:
        message = f"{name[:80]} is empty; attach another file"
        raise ConversationError(message)
    return raw
