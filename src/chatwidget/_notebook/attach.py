"""What is sent along with a question from Python: files by their paths, pictures, figures, dataframes."""

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
"""Of a dataframe, some 10,000 tokens; what is not sent is told in the file's name."""
_LARGEST: Final = 50_000_000
"""Bytes of a file. OpenAI takes as many with one request."""


def with_attached(content: object, values: object, mask: Callable[[str], str]) -> object:
    """The content of a question, text or parts, with `values` beside it: dataframes masked, files as they are.

    Raises OSError where a file cannot be read, ConversationError where a value cannot be sent.
    """
    if isinstance(values, str | bytes | PathLike) or is_table(values) or not isinstance(values, Iterable):
        values = [values]
    parts = [part for value in values for part in _parts(value, mask)]
    said = content if isinstance(content, list) else [{"type": "text", "text": content}] if content else []
    return [*said, *parts] if parts else content


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
            message = "a text that long is no path of a file: put it into the question, or attach it as bytes"
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
        f"a value of type {type_name(value)} cannot be attached: give the path of a file, an address, "
        "bytes, a dataframe, a figure or an image"
    )
    raise ConversationError(message)


def _check_size(name: str, size: int) -> None:
    if size > _LARGEST:
        message = f"{name} ({size / 1e6:,.0f} MB) was not attached: a file may have {_LARGEST / 1e6:.0f} MB at most"
        raise ConversationError(message)


def _encoded(name: str, mime: str | None, data: bytes) -> Attachment:
    return Attachment(name, mime or "application/octet-stream", base64.b64encode(data).decode())


def _csv(frame: Any) -> tuple[str, str]:
    """A dataframe as a file: its name, which says how much of it is there, and its text."""
    height, width = frame.shape
    text, sent = csv_of(frame, _ROWS, _COLUMNS, _CHARACTERS)
    cut = [f"{sent:,} of {height:,} rows"] * (sent < height) + [f"{_COLUMNS} of {width:,} columns"] * (width > _COLUMNS)
    return f"table.csv (the first {' and '.join(cut)})" if cut else "table.csv", text
