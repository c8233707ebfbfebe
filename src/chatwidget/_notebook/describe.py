"""Descriptions of values for the model: their kind and their beginning, without secrets.

Dataframes are described by columns, first rows and summary, arrays by shape, type and sample, figures as images,
functions by their source, modules by their help, all else as JSON or by its repr.
"""

from __future__ import annotations

import base64
import inspect
import math
import textwrap
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from types import ModuleType
from typing import Any, Final, TypeAlias

from .._content.attachments import Part
from .._content.bounded_repr import has_method, plain_text, type_name, written
from .._content.fences import fenced
from .._content.rich_values import (
    COLUMNS,
    corner_of,
    image_of,
    is_column,
    is_table,
    json_of,
    shape_of,
    table_of,
)

Mask: TypeAlias = Callable[[str], str]
"""Removes secrets from a text."""

SHORT: Final = 200
"""Maximum number of characters within a line."""
_HEAD: Final = 5
"""Number of rows shown of a dataframe."""
_SAMPLE: Final = 10
"""Number of elements shown of an array."""
_COLUMNS: Final = 100
"""Maximum number of columns that are named."""
_SUMMED: Final = 10_000
"""Maximum number of rows in the summary of a dataframe."""
_MEASURED: Final = 10_000_000
"""Maximum number of elements for computing the range of an array, at about 2 ns each."""
_LARGE_FILE: Final = 200_000
"""Size in bytes above which a file is not searched for a class: Python reads and parses the whole file."""
NEAR: Final = 4096
"""Length in characters of the longest secret, a private key."""
_NAMES: Final = 60
"""Maximum number of names listed of a module."""


@dataclass(frozen=True, slots=True)
class Value:
    """The description of a value."""

    source: str
    text: str = ""
    kind: str = ""
    """The kind of value, in parentheses."""
    language: str | None = None
    """Language of the code block to show it in; None for Markdown."""
    is_inline: bool = False
    """Whether it is short enough to be part of a sentence."""
    image: Part | None = None
    missing: int | None = 0
    """Number of characters after `text`; None if they have not been counted."""

    def block(self, room: int) -> str:
        """Return the description as a paragraph under the value's name, with a note if it is cut.

        Args:
            room: The maximum length of the text in characters.

        Returns:
            The paragraph, in Markdown.

        """
        if self.is_inline:
            return f"`{self.source}`: {self.text}"
        text = self.beginning(room)
        shown = text if self.language is None else fenced(text, self.language)
        return f"`{self.source}`{self.kind}:\n\n{shown}"

    def beginning(self, room: int) -> str:
        """Return the beginning of the text, with a note if it is cut.

        Args:
            room: The maximum length in characters, without the note.

        Returns:
            The text.

        """
        return shortened(self.text, room, self.missing)


def described(source: str, value: Any, mask: Mask, limit: int) -> Value:
    """Describe a value for the model.

    May raise whatever the value itself raises.

    Args:
        source: The name of the value.
        value: The value.
        mask: Masks secrets in a text.
        limit: The approximate maximum length in characters. Anything beyond is neither formatted nor masked.

    Returns:
        The description. `missing` counts the characters left out.

    """
    description = _described(source, value, limit + NEAR + 1)
    text = masked_beginning(description.text, limit, mask)
    if len(description.text) <= limit + NEAR:
        return replace(description, text=text)
    missing = len(description.text) - len(text) + description.missing if description.missing is not None else None
    return replace(description, text=text, missing=missing)


def masked_beginning(text: str, limit: int, mask: Mask) -> str:
    """Return a masked text, cut to about the limit.

    Args:
        text: The text.
        limit: The approximate maximum length in characters.
        mask: Masks secrets in a text.

    Returns:
        The text.

    """
    # A secret that is cut is not recognized, so leave out the end that may contain one.
    return mask(text) if len(text) <= limit + NEAR else mask(text[: limit + NEAR])[:-NEAR]


def shortened(text: str, room: int, missing: int | None = 0) -> str:
    """Return the beginning of a text, with a note if it is cut.

    Args:
        text: The text.
        room: The maximum length in characters, without the note.
        missing: The number of characters already left out after `text`; None if unknown.

    Returns:
        The text.

    """
    if len(text) <= room and missing == 0:
        return text
    head = text[:room]
    more = "more" if missing is None else f"{len(text) - len(head) + missing:,} more"
    return f"{head}\n… ({more} characters not sent)"


def _described(source: str, value: Any, limit: int) -> Value:
    name = type_name(value)
    if is_table(value) or is_column(value):
        size = ", ".join(f"{count:,} {kind}" for count, kind in zip(value.shape, ("rows", "columns"), strict=False))
        return Value(source, _frame(value if is_table(value) else value.to_frame()), f" ({name}, {size})")
    if not isinstance(value, str | type) and (image := image_of(value)) is not None:
        return Value(source, "See the image.", f" ({name})", image=_image(*image))
    if isinstance(value, ModuleType):
        return Value(source, _module(value), " (module)", "")
    if (code := _code(value)) is not None:
        return Value(source, code, f" ({name})", "python")
    if shape_of(value) and hasattr(value, "dtype") and hasattr(value, "ravel"):
        return Value(source, _array(value), f" ({name})", "")
    return _plain(source, value, limit)


def _plain(source: str, value: Any, limit: int) -> Value:
    # The repr of a numpy number includes its type, which is of no use in a sentence.
    if isinstance(value, str) or has_method(value, "dtype"):
        text = plain_text(value, limit)
        is_whole = len(text) < limit
        missing: int | None = str.__len__(value) - len(text) if isinstance(value, str) else 0
    else:
        excerpt = written(value, limit)
        text, is_whole, missing = excerpt.text, excerpt.is_whole, 0 if excerpt.is_whole else None
    if is_whole and len(text) <= SHORT and "\n" not in text:
        return Value(source, text, is_inline=True)
    data = json_of(value) if is_whole and isinstance(value, dict | list) else None
    return Value(source, data or text, f" ({type_name(value)})", "json" if data else "", missing=missing)


def _image(mime: str, data: bytes) -> Part:
    return {"type": "image_url", "image_url": {"url": f"data:{mime};base64,{base64.b64encode(data).decode()}"}}


def _frame(value: Any) -> str:
    """Describe a dataframe by its columns with their types, its first rows and its summary."""
    height, width = value.shape
    corner = corner_of(value, height, _COLUMNS)
    names = [plain_text(name, SHORT) for name in islice(corner.columns, _COLUMNS)]
    types = list(islice(getattr(corner, "dtypes", []), _COLUMNS))
    columns = [f"{name}: {kind}" for name, kind in zip(names, types, strict=False)] or names
    more = f", … ({width - len(names):,} more)" if width > len(names) else ""
    shown = f"Columns: {', '.join(columns)}{more}\n\n{table_of(value, _HEAD)}"
    # Some frames have no summary, such as empty ones.
    with suppress(Exception):
        step = -(-height // _SUMMED)
        summary = table_of(_every(corner, step).describe())
        return f"{shown}\n\nSummary{f' of every {step:,}th row' if step > 1 else ''}:\n\n{summary}"
    return shown


def _every(frame: Any, step: int) -> Any:
    """Return every `step`th row of `frame`, with the columns that tables show."""
    frame = corner_of(frame, frame.shape[0], COLUMNS)
    return frame if step <= 1 else frame.iloc[::step] if hasattr(frame, "iloc") else frame.gather_every(step)


def _array(value: Any) -> str:
    """Describe an array by its shape and type, its range if it has one, and its first elements."""
    lines = [f"shape {tuple(value.shape)}, dtype {value.dtype}"]
    size = math.prod(value.shape)
    if size <= _MEASURED and getattr(value.dtype, "kind", "") != "O":
        with suppress(TypeError, ValueError, AttributeError):
            lines.append(f"min {value.min()}, max {value.max()}, mean {value.mean():.6g}")
    # Raveling an array that is not contiguous would copy it.
    first = value.flat if has_method(value, "flat") else value.ravel()
    sample = [plain_text(element, SHORT) for element in first[:_SAMPLE]]
    more = ", …" if size > len(sample) else ""
    return "\n".join([*lines, f"first elements: {', '.join(sample)}{more}"])


def _code(value: Any) -> str | None:
    """Return the source of a function or class, or else its signature and help. None for other callables."""
    if not (inspect.isroutine(value) or isinstance(value, type)):
        return None
    with suppress(Exception):
        if not isinstance(value, type) or Path(inspect.getfile(value)).stat().st_size <= _LARGE_FILE:
            return textwrap.dedent(inspect.getsource(value)).rstrip()
    signature = "(...)"
    # A class may have any metaclass.
    with suppress(Exception):
        signature = str(inspect.signature(value))
    return f"{value.__name__}{signature}\n{inspect.getdoc(value) or ''}".rstrip()


def _module(value: ModuleType) -> str:
    """Describe a module by its help and its public names, each with the first line of its own help."""
    names = [name for name in getattr(value, "__all__", dir(value)) if not name.startswith("_")]
    lines = [f"{value.__name__}: {inspect.getdoc(value) or ''}".strip(), ""]
    for name in names[:_NAMES]:
        doc = _first_line(value, name)
        lines.append(f"{name}: {doc}" if doc else name)
    if len(names) > _NAMES:
        lines.append(f"… ({len(names) - _NAMES} more names)")
    return "\n".join(lines)


def _first_line(module: ModuleType, name: str) -> str:
    with suppress(Exception):  # a lazily loaded member may fail
        return (inspect.getdoc(getattr(module, name, None)) or "").partition("\n")[0]
    return ""
