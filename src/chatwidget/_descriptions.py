"""Values as a model is told them: what they are and how they begin, without secrets.

Dataframes as columns, first rows and summary, arrays as shape, type and sample, figures as images, functions as their
source, modules as help, all else as JSON or as Python writes it.
"""

from __future__ import annotations

import base64
import inspect
import textwrap
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any, Final, TypeAlias

from ._attachments import Part
from ._rich_values import fenced_text, image_of, is_table, json_of, table_of

Mask: TypeAlias = Callable[[str], str]
"""Takes secrets out of a text."""

SHORT: Final = 200
"""Characters of what stands in a line."""
_HEAD: Final = 5
"""Rows of a dataframe."""
_SAMPLE: Final = 10
"""Elements of an array."""
_NAMES: Final = 60
"""Names of a module."""


@dataclass(frozen=True, slots=True)
class Value:
    """What is told of one value."""

    source: str
    text: str = ""
    kind: str = ""
    """What it is, in parentheses."""
    language: str | None = None
    """Of the block of code that it is shown in; None for Markdown."""
    is_inline: bool = False
    """Whether it is short enough to stand in a sentence."""
    image: Part | None = None

    def block(self, room: int) -> str:
        """It as a paragraph under its name, no longer than `room`; how much is missing is said."""
        if self.is_inline:
            return f"`{self.source}`: {self.text}"
        text = shortened(self.text, room)
        shown = text if self.language is None else fenced_text(text, self.language)
        return f"`{self.source}`{self.kind}:\n\n{shown}"


def described(source: str, value: Any, mask: Mask) -> Value:
    """What a model is told of `value`, which goes by the name of `source`."""
    found = _described(source, value)
    return replace(found, text=mask(found.text))


def shortened(text: str, room: int) -> str:
    """The beginning of a text that is longer than `room`, and how much is missing."""
    return text if len(text) <= room else f"{text[:room]}\n… ({len(text) - room:,} more characters not sent)"


def _described(source: str, value: Any) -> Value:
    name = type(value).__name__
    if is_table(value):
        height, width = value.shape
        return Value(source, _frame(value), f" ({name}, {height:,} rows, {width:,} columns)")
    if not isinstance(value, str | type) and (image := image_of(value)) is not None:
        return Value(source, "See the image.", f" ({name})", image=_image(*image))
    if isinstance(value, ModuleType):
        return Value(source, _module(value), " (module)", "")
    if (code := _code(value)) is not None:
        return Value(source, code, f" ({name})", "python")
    if hasattr(value, "dtype") and hasattr(value, "ravel") and value.shape != ():
        return Value(source, _array(value), f" ({name})", "")
    return _plain(source, value)


def _plain(source: str, value: Any) -> Value:
    data = json_of(value) if isinstance(value, dict | list) else None
    # A number of numpy's tells its type, which is of no use in a sentence.
    text = str(value) if isinstance(value, str) or hasattr(value, "dtype") else repr(value)
    if "\n" not in text and len(text) <= SHORT:
        return Value(source, text, is_inline=True)
    return Value(source, data or text, f" ({type(value).__name__})", "json" if data else "")


def _image(mime: str, data: bytes) -> Part:
    return {"type": "image_url", "image_url": {"url": f"data:{mime};base64,{base64.b64encode(data).decode()}"}}


def _frame(value: Any) -> str:
    """A dataframe as its columns with their types, its first rows and its summary."""
    types = list(getattr(value, "dtypes", []))
    named = zip(value.columns, types, strict=False)
    columns = ", ".join(f"{name}: {kind}" for name, kind in named) or ", ".join(map(str, value.columns))
    shown = f"Columns: {columns}\n\n{table_of(value, _HEAD)}"
    try:
        summary = table_of(value.describe())
    except Exception:  # noqa: BLE001 some frames have none, such as empty ones
        return shown
    return f"{shown}\n\nSummary:\n\n{summary}"


def _array(value: Any) -> str:
    """An array as its shape and type, its range where it has one, and its first elements."""
    lines = [f"shape {tuple(value.shape)}, dtype {value.dtype}"]
    with suppress(TypeError, ValueError, AttributeError):
        lines.append(f"min {value.min()}, max {value.max()}, mean {value.mean():.6g}")
    sample = [str(each) for each in value.ravel()[:_SAMPLE]]
    more = ", …" if value.size > len(sample) else ""
    return "\n".join([*lines, f"first elements: {', '.join(sample)}{more}"])


def _code(value: Any) -> str | None:
    """The source of a function or a class, or what is known of it; None for other callables."""
    if not (inspect.isroutine(value) or inspect.isclass(value)):
        return None
    with suppress(OSError, TypeError):
        return textwrap.dedent(inspect.getsource(value)).rstrip()
    try:
        signature = str(inspect.signature(value))
    except (TypeError, ValueError):
        signature = "(...)"
    return f"{value.__name__}{signature}\n{inspect.getdoc(value) or ''}".rstrip()


def _module(value: ModuleType) -> str:
    """A module as its description and its public names, each with the first line of its own."""
    names = [name for name in getattr(value, "__all__", dir(value)) if not name.startswith("_")]
    lines = [f"{value.__name__}: {inspect.getdoc(value) or ''}".strip(), ""]
    for name in names[:_NAMES]:
        doc = (inspect.getdoc(getattr(value, name, None)) or "").partition("\n")[0]
        lines.append(f"{name}: {doc}" if doc else name)
    if len(names) > _NAMES:
        lines.append(f"… ({len(names) - _NAMES} more names)")
    return "\n".join(lines)
