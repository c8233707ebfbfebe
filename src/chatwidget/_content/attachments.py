"""Files that a person sends along, as the content parts that the API takes."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from .._errors import ConversationError
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
    """A file that a person sends along; `data` is in base64."""

    name: str
    mime: str
    data: str = field(repr=False)


def content_with(text: str, attachments: Sequence[Attachment]) -> str | list[Part]:
    """The content of a message that says `text` and brings `attachments`.

    Raises ConversationError, naming the file, when one of them did not arrive whole.
    """
    return _joined(text, [_part(attachment) for attachment in attachments])


def content_like(old: str | list[Part], text: str) -> str | list[Part]:
    """The content of a new version of a message: `text`, and what the old version brought."""
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
        return {"type": "text", "text": _named(name, text)}
    # A sound need not begin as most of its kind do.
    sound = _SOUNDS.get(mime or attachment.mime.partition(";")[0].strip().lower())
    if sound is not None:
        return {"type": "input_audio", "input_audio": {"data": attachment.data, "format": sound}}
    if mime is None:
        if (text := office_text(name, raw)) is None:
            raise ConversationError(refusal(name))
        return {"type": "text", "text": _named(name, text)}
    url = f"data:{mime};base64,{attachment.data}"
    if mime.startswith("image/"):
        return {"type": "image_url", "image_url": {"url": url}}
    return {"type": "file", "file": {"filename": name, "file_data": url}}


def _decoded(name: str, data: str) -> bytes:
    try:
        raw = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        message = f"{name[:80]} did not arrive whole; attach it again"
        raise ConversationError(message) from None
    if not raw:
        message = f"{name[:80]} is empty; attach another file"
        raise ConversationError(message)
    return raw


def _named(name: str, text: str) -> str:
    """A text file under its name, between marks that nothing in it can close."""
    marks = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
    return f"{name}:\n{marks}\n{text.removesuffix(chr(10))}\n{marks}"
