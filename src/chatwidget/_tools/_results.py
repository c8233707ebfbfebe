"""What a function gave, as a model and a person are shown it: text or pictures, no more than both can take."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, is_dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import PurePath
from typing import Any, Final, TypeAlias, TypeGuard
from uuid import UUID

from .._messages import clean_text, plain_json

Content: TypeAlias = str | list[dict[str, Any]]
"""A message's content: text, or content parts."""

MAX_TEXT: Final = 20_000
"""Characters."""
MAX_IMAGE: Final = 5_000_000
"""Bytes."""
MAX_ROWS: Final = 50
_MAX_MIXED: Final = 20
"""A longer list is data, not text and pictures to be looked at."""
_TAIL: Final = 4_000

_IMAGES: Final = {b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpeg", b"GIF8": "gif"}
_JSON_TYPES: Final = (bool, int, float, Decimal, Mapping, Sequence, AbstractSet, date, time, timedelta, Enum, UUID)
_PLAIN: Final = (str, bool, int, float, dict, type(None))


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a call."""

    content: Content
    failed: bool = False


def content_of(value: object) -> Content:
    """`value` as the content of a tool message. Raises whatever the value's own representation raises."""
    if _are_parts(value):
        return plain_json(value, "the result")  # type: ignore[no-any-return]
    if isinstance(value, list | tuple) and 0 < len(value) <= _MAX_MIXED:
        images = [_image(item) for item in value]
        if any(images):
            return [image or _text_part(item) for image, item in zip(images, value, strict=True)]
    image = _image(value)
    return [image] if image is not None else shortened(_text(value))


def shortened(text: str, limit: int = MAX_TEXT) -> str:
    """`text`, of which the middle is left out where it is too long, and how much that is."""
    text = clean_text(text)
    if len(text) <= limit:
        return text
    tail = min(_TAIL, limit // 4)
    head = limit - tail
    left_out = len(text) - limit
    return f"{text[:head]}\n[… {left_out:,} characters left out …]\n{text[len(text) - tail :]}"


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
    """`value` as a part with a picture; None where it is none."""
    if isinstance(value, _PLAIN):
        return None
    for kind, data in _pictures(value):
        if len(data) > MAX_IMAGE:
            return {"type": "text", "text": f"[a picture of {len(data) / 1e6:.1f} MB, too large to be shown]"}
        url = f"data:image/{kind};base64,{base64.b64encode(data).decode()}"
        return {"type": "image_url", "image_url": {"url": url}}
    return None


def _pictures(value: Any) -> list[tuple[str, bytes]]:
    if isinstance(value, bytes | bytearray):
        data = bytes(value)
        kind = next((kind for start, kind in _IMAGES.items() if data.startswith(start)), None)
        if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            kind = "webp"
        return [(kind, data)] if kind else []
    # What draws into a figure stands for it: pandas and seaborn give the axes.
    figure = value.figure if callable(getattr(value, "get_xlim", None)) else value
    if callable(getattr(figure, "savefig", None)):
        file = io.BytesIO()
        figure.savefig(file, format="png", bbox_inches="tight")
        return [("png", file.getvalue())]
    for kind in ("png", "jpeg"):
        shown = _represented(value, f"_repr_{kind}_")
        if isinstance(shown, str):
            shown = base64.b64decode(shown)
        if isinstance(shown, bytes) and shown:
            return [(kind, shown)]
    return []


def _text(value: Any) -> str:
    if isinstance(value, str | PurePath):
        return str(value)
    if value is None:
        return "Done; there is no result."
    if isinstance(value, bytes | bytearray):
        return f"{len(value):,} bytes"
    if getattr(value, "shape", None) == () and callable(getattr(value, "item", None)):
        return _text(value.item())
    table = _table(value)
    if table is not None:
        return table
    is_data = isinstance(value, _JSON_TYPES) or is_dataclass(value) or hasattr(value, "model_dump")
    return _json(value) if is_data and not isinstance(value, type) else _represented_as_text(value)


def _table(frame: Any) -> str | None:
    """The head of a dataframe or a column of one, by what pandas and polars call it; None where it is none."""
    write: Callable[..., str] | None = getattr(frame, "to_csv", None) or getattr(frame, "write_csv", None)
    if not (callable(write) and callable(getattr(frame, "head", None)) and isinstance(frame.shape, tuple)):
        return None
    rows, *columns = frame.shape
    size = ", ".join([_count(rows, "row"), *(_count(number, "column") for number in columns)])
    head = frame.head(MAX_ROWS)
    text = head.to_csv() if hasattr(head, "to_csv") else head.write_csv()
    note = f"; the first {MAX_ROWS} rows" if rows > MAX_ROWS else ""
    return f"{size}{note}:\n{text}"


def _count(number: int, name: str) -> str:
    return f"{number:,} {name}" if number == 1 else f"{number:,} {name}s"


def _json(value: object) -> str:
    from pydantic_core import to_jsonable_python  # noqa: PLC0415 comes with pydantic, which a tool has loaded

    try:
        plain = to_jsonable_python(value, fallback=_inner, bytes_mode="base64", by_alias=True)
    except (ValueError, TypeError):  # a circle, or what only looks like a date
        return repr(value)
    return json.dumps(plain, ensure_ascii=False)


def _inner(value: Any) -> object:
    """What stands inside of data and is none that JSON knows: tables, numbers and arrays of numpy, or anything."""
    if (table := _table(value)) is not None:
        return table
    return value.tolist() if callable(getattr(value, "tolist", None)) else _represented_as_text(value)


def _represented_as_text(value: object) -> str:
    names = ["_repr_markdown_", "_repr_latex_"]
    if type(value).__repr__ is object.__repr__:
        names.append("_repr_html_")
    texts = (_represented(value, name) for name in names)
    return next((text for text in texts if isinstance(text, str)), None) or repr(value)


def _represented(value: object, name: str) -> object:
    """What IPython would be given; None where there is no such representation, or there is none today."""
    represent = None if isinstance(value, type) else getattr(value, name, None)
    try:
        given = represent() if callable(represent) else None
    except (AttributeError, NotImplementedError, ImportError):
        return None
    return given[0] if isinstance(given, tuple) and given and isinstance(given[-1], Mapping) else given
