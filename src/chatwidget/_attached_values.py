"""What is sent along with a question from Python: files by their paths, pictures, figures, dataframes."""

from __future__ import annotations

import base64
import csv
import io
import mimetypes
from collections.abc import Callable, Iterable
from itertools import accumulate
from os import PathLike
from typing import Any, Final

from ._attachments import Attachment, Part, content_with
from ._errors import ConversationError
from ._files import path_of
from ._rich_values import image_of, is_table, table_rows

_ROWS: Final = 1000
_CHARACTERS: Final = 40_000
"""Of a dataframe, some 10,000 tokens; what is not sent is told in the file's name."""
_BEGINNINGS: Final = {
    b"\x89PNG": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF8": "image/gif",
    b"RIFF": "image/webp",
    b"%PDF": "application/pdf",
}


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
        path = path_of(value)
        return _encoded(path.name, mimetypes.guess_type(path.name)[0], path.read_bytes())
    if isinstance(value, bytes):
        return _encoded(
            "data", next((mime for head, mime in _BEGINNINGS.items() if value.startswith(head)), None), value
        )
    if is_table(value):
        name, text = _csv(value)
        return _encoded(name, "text/csv", mask(text).encode())
    if (image := image_of(value)) is not None:
        return _encoded("image", *image)
    message = (
        f"a value of type {type(value).__name__} cannot be attached: give the path of a file, an address, "
        "bytes, a dataframe, a figure or an image"
    )
    raise ConversationError(message)


def _encoded(name: str, mime: str | None, data: bytes) -> Attachment:
    return Attachment(name, mime or "application/octet-stream", base64.b64encode(data).decode())


def _csv(frame: Any) -> tuple[str, str]:
    """A dataframe as a file: its name, which says how much of it is there, and its text."""
    header, rows = table_rows(frame, _ROWS, len(frame.columns))
    lines = [_line(row) for row in (header, *rows)]
    sizes = accumulate(len(line) for line in lines)
    lines = [line for line, size in zip(lines, sizes, strict=True) if size <= _CHARACTERS] or lines[:1]
    sent = len(lines) - 1
    name = "table.csv" if sent >= len(frame) else f"table.csv (the first {sent:,} of {len(frame):,} rows)"
    return name, "".join(lines)


def _line(row: list[Any]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(row)
    return text.getvalue()
