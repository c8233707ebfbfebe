"""Attachments of questions asked from Python: files, images, figures and dataframes."""

from __future__ import annotations

import base64
import mimetypes
from collections.abc import Callable, Iterable
from os import PathLike
from typing import Any, Final

from .._content.attachments import Attachment, Part, content_with
from .._content.bounded_repr import type_name
from .._content.rich_values import csv_of, image_of, is_table
from .._errors import ConversationError
from .._files.storage import LONGEST_PATH, path_of

_ROWS: Final = 1000
_COLUMNS: Final = 500
_CHARACTERS: Final = 40_000
"""Limits for a dataframe, about 10,000 tokens. The name of the file says how much of it is sent."""
_LARGEST: Final = 50_000_000
"""Maximum size of a file in bytes. OpenAI accepts as much in one request."""


def with_attached(content: object, values: object, mask: Callable[[str], str]) -> object:
    """Add attachments to a question.

    Args:
        content: The question: text or content parts.
        values: The value or values to attach.
        mask: Masks secrets in a text. It is applied to dataframes, but not to files.

    Returns:
        The question with its attachments.

    Raises:
        OSError: If a file cannot be read.
        ConversationError: If a value cannot be sent.

    """
    if isinstance(values, str | bytes | PathLike) or is_table(values) or not isinstance(values, Iterable):
        values = [values]
    parts = [part for value in values for part in _parts(value, mask)]
    question_parts = content if isinstance(content, list) else [{"type": "text", "text": content}] if content else []
    return [*question_parts, *parts] if parts else content


def _parts(value: object, mask: Callable[[str], str]) -> list[Part]:
    if isinstance(value, str) and value.startswith(("http://", "https://")):
        return [{"type": "image_url", "image_url": {"url": value}}]
    if isinstance(value, dict) and isinstance(value.get("type"), str):
        return [value]
    content = content_with("", [_attachment(value, mask)])
    return content if isinstance(content, list) else []


def _attachment(value: Any, mask: Callable[[str], str]) -> Attachment:
    if isinstance(value, str | PathLike):
        if len(str(value)) > LONGEST_PATH:
            message = "a text this long cannot be a file path: put it into the question, or attach it as bytes"
            raise ConversationError(message)
        path = path_of(value)
        _check_size(path.name, path.stat().st_size)
        return _encoded(path.name, mimetypes.guess_type(path.name)[0], path.read_bytes())
    if isinstance(value, bytes):
        _check_size("data", len(value))
        return _encoded("data", None, value)
    if is_table(value):
        name, text = _csv(value)
        return _encoded(name, "text/csv", mask(text).encode())
    if (image := image_of(value)) is not None:
        return _encoded("image", *image)
    message = (
        f"a value of type {type_name(value)} cannot be attached: give a file path, a URL, "
        "bytes, a dataframe, a figure or an image"
    )
    raise ConversationError(message)


def _check_size(name: str, size: int) -> None:
    if size > _LARGEST:
        message = f"{name} ({size / 1e6:,.0f} MB) was not attached: a file can have at most {_LARGEST / 1e6:.0f} MB"
        raise ConversationError(message)


def _encoded(name: str, mime: str | None, data: bytes) -> Attachment:
    return Attachment(name, mime or "application/octet-stream", base64.b64encode(data).decode())


def _csv(frame: Any) -> tuple[str, str]:
    """Return a name and the CSV text of a dataframe. The name says how much of it is there."""
    height, width = frame.shape
    text, sent = csv_of(frame, _ROWS, _COLUMNS, _CHARACTERS)
    cut = [f"{sent:,} of {height:,} rows"] * (sent < height) + [f"{_COLUMNS} of {width:,} columns"] * (width > _COLUMNS)
    return f"table.csv (the first {' and '.join(cut)})" if cut else "table.csv", text
