"""Attachments of questions asked from Python: files, images, and values of the notebook."""

from __future__ import annotations

import base64
import mimetypes
from collections.abc import Callable, Iterator, KeysView, Mapping, Sequence, ValuesView
from os import PathLike
from pathlib import PurePath
from typing import Any, Final, TypeGuard

from .._content.attachments import Attachment, Part, content_with
from .._content.bounded_repr import failure_text, type_name
from .._content.rich_values import is_column, is_table, whole_csv_of
from .._conversation.images import image_part
from .._errors import ConversationError
from .._files.storage import LONGEST_PATH, path_of
from .describe import BUDGET, SHORT, described, name_of
from .variables import notebook

_LARGEST: Final = 50_000_000
"""Maximum size of a file in bytes. OpenAI accepts as much in one request."""
_SEVERAL: Final = (list, tuple, set, frozenset, Iterator, KeysView, ValuesView)
"""The types that hold several attachments. Any other iterable, such as an array, is one value."""


def with_attached(content: object, values: object, mask: Callable[[str], str]) -> object:
    """Add attachments to a question.

    Args:
        content: The question: text or content parts.
        values: The value or values to attach.
        mask: Masks secrets in a text. It is applied to values of the notebook, but not to files.

    Returns:
        The question with its attachments.

    Raises:
        OSError: If a file cannot be read.
        ConversationError: If a value cannot be sent.

    """
    attached = list(values) if isinstance(values, _SEVERAL) else [] if values is None else [values]
    room = max(SHORT, BUDGET // max(1, len(attached)))
    parts = [part for value in attached for part in _parts(value, mask, room)]
    question_parts = content if isinstance(content, list) else [{"type": "text", "text": content}] if content else []
    return [*question_parts, *parts] if parts else content


def _parts(value: object, mask: Callable[[str], str], room: int) -> Sequence[Part]:
    if isinstance(value, str) and value.startswith(("http://", "https://")):
        return [image_part(value)]
    if isinstance(value, dict) and isinstance(value.get("type"), str):
        return [value]
    if isinstance(value, str | PathLike):
        return _as_parts(_file(value))
    if isinstance(value, bytes):
        return _as_parts(_encoded("data", value))
    if isinstance(value, complex | float | int | None):
        message = f"a value of type {type_name(value)} cannot be attached: write it into the question"
        raise ConversationError(message)
    if _are_files(value):
        return _as_parts(*(_named(name, content, mask) for name, content in value.items()))
    return _described(value, mask, room)


def _as_parts(*attachments: Attachment) -> Sequence[Part]:
    content = content_with("", attachments)
    return content if isinstance(content, list) else []


def _file(value: str | PathLike[str]) -> Attachment:
    if len(str(value)) > LONGEST_PATH:
        message = "a text this long cannot be a file path: put it into the question, or attach it as bytes"
        raise ConversationError(message)
    path = path_of(value)
    if value in notebook() and not path.exists():
        message = f"there is no file {value}: to attach the variable, leave out the quotes"
        raise ConversationError(message)
    _check_size(path.name, path.stat().st_size)
    return _encoded(path.name, path.read_bytes())


def _are_files(value: object) -> TypeGuard[Mapping[str, Any]]:
    """Return True for a dict of contents by file name, such as `{"data.csv": df}`."""
    return (
        isinstance(value, Mapping)
        and len(value) > 0
        and all(isinstance(name, str) and PurePath(name).suffix for name in value)
        and all(isinstance(each, str | bytes) or is_table(each) or is_column(each) for each in value.values())
    )


def _named(name: str, content: Any, mask: Callable[[str], str]) -> Attachment:
    """Return a file with this name. A dataframe is written as CSV, whole or not at all."""
    if isinstance(content, bytes):
        return _encoded(name, content)
    if isinstance(content, str):
        return _encoded(name, mask(content).encode())
    if PurePath(name).suffix.lower() != ".csv":
        message = f"a dataframe is attached as CSV: give it a name that ends in .csv in place of {name}"
        raise ConversationError(message)
    rows, columns = (*content.shape, 1)[:2]
    # A cell and its comma take two bytes at least.
    _check_size(name, 2 * rows * columns)
    return _encoded(name, mask(whole_csv_of(content)).encode())


def _described(value: object, mask: Callable[[str], str], room: int) -> Sequence[Part]:
    name = name_of(value, notebook())
    try:
        description = described(name, value, mask, room)
    except (Exception, SystemExit) as error:
        message = f"{name} could not be read, so it was not attached: {failure_text(error)}"
        raise ConversationError(message) from error
    # An image needs no text.
    return description.parts(room) if description.image is None else [description.image]


def _check_size(name: str, size: int) -> None:
    if size > _LARGEST:
        message = f"{name} ({size / 1e6:,.0f} MB) was not attached: a file can have at most {_LARGEST / 1e6:.0f} MB"
        raise ConversationError(message)


def _encoded(name: str, data: bytes) -> Attachment:
    _check_size(name, len(data))
    mime = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Attachment(name, mime, base64.b64encode(data).decode())
