"""Results of functions as shown to models and users: text or images, within the limits of both."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import PurePath
from typing import Any, Final, TypeAlias, TypeGuard
from uuid import UUID

from .._content.bounded_repr import has_method, is_small, text_by, written
from .._content.file_contents import media_type
from .._content.rich_values import csv_of, image_name, image_of, is_column, is_table, shape_of
from .._conversation.images import image_part
from .._conversation.normalize import plain_json
from .._text import clean_text

Content: TypeAlias = str | list[dict[str, Any]]
"""The content of a message: text or content parts."""

MAX_TEXT: Final = 20_000
"""Characters."""
MAX_IMAGE: Final = 5_000_000
"""Bytes."""
MAX_ROWS: Final = 50
_MAX_COLUMNS: Final = 200
_MAX_MIXED: Final = 20
"""Items; a longer list is data rather than a mix of text and images."""
_TAIL: Final = 4_000
_CUT: Final = "\n[… the rest is left out …]"

_JSON_TYPES: Final = (bool, int, float, Decimal, Mapping, Sequence, AbstractSet, date, time, timedelta, Enum, UUID)
_PLAIN: Final = (str, bool, int, float, dict, type(None))


@dataclass(frozen=True, slots=True)
class Result:
    """The outcome of a call."""

    content: Content
    failed: bool = False
    code: str | None = None
    """Why it did not run: `refused`, `unknown_tool` or `not_run`."""
    error: BaseException | None = None
    """The exception of the user's code that made it fail."""
    duration: float | None = None
    """The time it took, in seconds."""

    @property
    def outcome(self) -> str:
        """The outcome in one word: the code, `failed` or `done`."""
        return self.code or ("failed" if self.failed else "done")


def content_of(value: object) -> Content:
    """Return `value` as the content of a tool message.

    Args:
        value: The result of a function.

    Raises:
        Exception: Any error of the value's own representation.

    """
    if _are_parts(value):
        return plain_json(value, "the result")  # type: ignore[no-any-return]
    if isinstance(value, list | tuple) and 0 < len(value) <= _MAX_MIXED:
        images = [_image(item) for item in value]
        if any(images):
            return [image or _text_part(item) for image, item in zip(images, value, strict=True)]
    image = _image(value)
    return [image] if image is not None else shortened(_text(value))


def shortened(text: str, limit: int = MAX_TEXT) -> str:
    """Cut the middle out of a long text and note how much is missing.

    Args:
        text: The text.
        limit: The number of characters to keep.

    """
    if len(text) <= limit:
        return clean_text(text)
    tail = min(_TAIL, limit // 4)
    head = limit - tail
    left_out = len(text) - limit
    return f"{clean_text(text[:head])}\n[… {left_out:,} characters left out …]\n{clean_text(text[-tail:])}"


def _are_parts(value: object) -> TypeGuard[list[dict[str, Any]]]:
    kinds = {"text", "image_url", "input_audio", "file"}
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(part, dict) and part.get("type") in kinds and part["type"] in part for part in value)
    )


def _text_part(value: object) -> dict[str, Any]:
    return {"type": "text", "text": shortened(_text(value))}


def _image(value: object) -> dict[str, Any] | None:
    """Return `value` as an image part; None if it is not an image."""
    if isinstance(value, _PLAIN):
        return None
    if (picture := _picture(value)) is None:
        return None
    mime, data, name = picture
    if len(data) > MAX_IMAGE:
        return {"type": "text", "text": f"[an image of {len(data) / 1e6:.1f} MB, too large to show]"}
    return image_part(f"data:{mime};base64,{base64.b64encode(data).decode()}", name)


def _picture(value: Any) -> tuple[str, bytes, str] | None:
    if not isinstance(value, bytes | bytearray):
        return (*image, image_name(value)) if (image := image_of(value)) is not None else None
    mime = media_type(value) or ""
    return (mime, bytes(value), "") if mime.startswith("image/") else None


def _text(value: Any) -> str:
    if isinstance(value, str | PurePath):
        return str(value)
    if value is None:
        return "Done; there is no result."
    if isinstance(value, bytes | bytearray):
        return f"{len(value):,} bytes"
    if shape_of(value) == () and has_method(value, "item") and has_method(value, "shape"):
        return _text(value.item())
    table = _table(value)
    if table is not None:
        return table
    is_data = isinstance(value, _JSON_TYPES) or has_method(value, "__dataclass_fields__", "model_dump")
    is_written = is_data and not isinstance(value, type) and is_small(value, MAX_TEXT)
    return _json(value) if is_written else _represented_as_text(value)


def _table(frame: Any) -> str | None:
    """Return the head of a dataframe or column, by the methods of pandas and polars; None for other values."""
    if not (has_method(frame, "to_csv", "write_csv") and has_method(frame, "head") and shape_of(frame)):
        return None
    rows, *columns = shape_of(frame)
    size = ", ".join([_count(rows, "row"), *(_count(number, "column") for number in columns)])
    head = frame.head(MAX_ROWS)
    head = head.to_frame() if is_column(head) else head
    if is_table(head):
        text, shown = csv_of(head, MAX_ROWS, _MAX_COLUMNS, MAX_TEXT)
    else:
        text, shown = head.to_csv() if hasattr(head, "to_csv") else head.write_csv(), min(rows, MAX_ROWS)
    cut = [f"{shown:,} rows"] * (shown < rows) + [
        f"{_MAX_COLUMNS} columns" for number in columns if number > _MAX_COLUMNS
    ]
    note = f"; the first {' and '.join(cut)}" if cut else ""
    return f"{size}{note}:\n{text}"


def _count(number: int, name: str) -> str:
    return f"{number:,} {name}" if number == 1 else f"{number:,} {name}s"


def _json(value: object) -> str:
    from pydantic_core import to_jsonable_python  # noqa: PLC0415 comes with pydantic, which is loaded if there is a tool

    try:
        plain = to_jsonable_python(value, fallback=_Inner(), bytes_mode="base64", by_alias=True)
        return json.dumps(plain, ensure_ascii=False)
    except (
        ValueError,
        TypeError,
        RecursionError,
    ):  # a cycle, a text that only looks like a date, a number of 5,000 digits
        return _written(value)


class _Inner:
    """A serializer for values within data that JSON does not know: tables, NumPy numbers and arrays, and any others."""

    def __init__(self) -> None:
        self._room = MAX_TEXT

    def __call__(self, value: Any) -> object:
        is_array = has_method(value, "tolist") and math.prod(shape_of(value)) <= MAX_TEXT
        table = _table(value)
        inner = table if table is not None else value.tolist() if is_array else _inner_text(value)
        self._room -= len(inner) if isinstance(inner, str | list) else 1
        if self._room < 0:
            message = "data is too large for JSON"
            raise ValueError(message)
        return inner


def _inner_text(value: object) -> str:
    return text_by(_represented_as_text, value)


def _represented_as_text(value: object) -> str:
    names = ["_repr_markdown_", "_repr_latex_"]
    if type(value).__repr__ is object.__repr__:
        names.append("_repr_html_")
    texts = (_represented(value, name) for name in names)
    return next((text for text in texts if isinstance(text, str)), None) or _written(value)


def _written(value: object) -> str:
    representation = written(value, MAX_TEXT - len(_CUT))
    return representation.text if representation.is_whole else representation.text + _CUT


def _represented(value: object, name: str) -> object:
    """Return the representation that IPython would use; None if there is none, or if it fails."""
    data = None
    with suppress(Exception):
        data = getattr(value, name)() if has_method(value, name) else None
    return data[0] if isinstance(data, tuple) and data and isinstance(data[-1], Mapping) else data
