"""Files that a user attaches, as the content parts that the API accepts."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

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
_NAMED_TEXT: Final = re.compile(r"[^\n]*:\n(`{3,})\n.*\n\1", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file attached by the user; `data` is in base64."""

    name: str
    mime: str
    data: str = field(repr=False)


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
    return part.get("type") != "text" or _NAMED_TEXT.fullmatch(str(part.get("text"))) is not None


def _part(attachment: Attachment) -> Part:
    name = re.split(r"[/\\]", attachment.name)[-1].strip() or "file"
    raw = _decoded(name, attachment.data)
    mime = media_type(raw)
    text = None if mime or raw.startswith(b"RIFF") else text_in(raw)
    if text is not None:
        return {"type": "text", "text": f"{name}:\n{fenced(text)}"}
    # A sound need not begin like most of its kind.
    sound = _SOUNDS.get(mime or attachment.mime.partition(";")[0].strip().lower())
    if sound is not None:
        return {"type": "input_audio", "input_audio": {"data": attachment.data, "format": sound}}
    if mime is None:
        if (text := office_text(name, raw)) is None:
            raise ConversationError(refusal(name))
        return {"type": "text", "text": f"{name}:\n{fenced(text)}"}
    url = f"data:{mime};base64,{attachment.data}"
    if mime.startswith("image/"):
        return {"type": "image_url", "image_url": {"url": url}}
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
