"""Descriptions of values for the model: their kind and their beginning, without secrets.

Messages and conversations are described by their text, dataframes by columns, first rows and summary, arrays by shape,
type and sample, figures as images, functions by their source, modules by their help, all else as JSON or by its repr.
"""

from __future__ import annotations

import base64
import inspect
import math
import textwrap
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from types import ModuleType
from typing import Any, Final, TypeAlias

from .._content.attachments import Part, named_text
from .._content.bounded_repr import has_method, plain_text, type_name, written
from .._content.fences import fenced
from .._content.rich_values import (
    corner_of,
    image_name,
    image_of,
    is_column,
    is_table,
    json_of,
    shape_of,
    table_of,
)
from .._conversation.images import image_part
from .._conversation.messages import Message
from .._conversation.records import count_of_messages
from .._conversation.tree import Conversation
from .._files.markdown import to_markdown
from .summaries import summary_of_array, summary_of_frame

Mask: TypeAlias = Callable[[str], str]
"""Removes secrets from a text."""

BUDGET: Final = 16_000
"""Maximum number of characters of all values of a question together, about 4,000 tokens."""
SHORT: Final = 200
"""Maximum number of characters within a line."""
_HEAD: Final = 5
"""Number of rows shown of a dataframe."""
_SAMPLE: Final = 10
"""Number of elements shown of an array."""
_COLUMNS: Final = 100
"""Maximum number of columns that are named."""
_GROUPED: Final = 1_000_000
"""Maximum number of rows that are counted by their groups."""
_SIZE: Final = "number of rows"
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

    def parts(self, room: int) -> list[Part]:
        """Return the description as parts of a question: a text under the value's name, and possibly an image.

        Args:
            room: The maximum length of the text in characters, without the note if it is cut.

        Returns:
            The parts.

        """
        text = named_text(f"{self.source}{self.kind}", self.beginning(room))
        return [text] if self.image is None else [text, self.image]

    def beginning(self, room: int) -> str:
        """Return the beginning of the text, with a note if it is cut.

        Args:
            room: The maximum length in characters, without the note.

        Returns:
            The text.

        """
        return shortened(self.text, room, self.missing)


def name_of(value: object, namespace: Mapping[str, Any]) -> str:
    """Return the name of the variable that holds a value, or else the name of its type.

    Args:
        value: The value.
        namespace: The variables of the notebook.

    """
    names = (name for name, own in dict(namespace).items() if own is value and not name.startswith("_"))
    return next(names, type_name(value))


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
    most = limit + NEAR + 1
    description = _of_conversation(source, value, most) or _described(source, value, most)
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
        return Value(source, "See the image.", f" ({name})", image=_image(image_name(value), *image))
    if isinstance(value, ModuleType):
        return Value(source, _module(value), " (module)", "")
    if (code := _code(value)) is not None:
        return Value(source, code, f" ({name})", "python")
    frame = _grouped(value)
    if frame is not None or (shape_of(value) and hasattr(value, "dtype") and hasattr(value, "ravel")):
        return Value(source, _array(value) if frame is None else _groups(value, frame), f" ({name})", "")
    return _plain(source, value, limit)


def _of_conversation(source: str, value: Any, limit: int) -> Value | None:
    """Describe a message, a conversation or a chat by its text. None for all else."""
    if isinstance(value, Message):
        return _plain(source, str(value), limit)
    if has_method(value, "conversation"):
        value = value.conversation
    if not isinstance(value, Conversation):
        return None
    count = count_of_messages(len(value))
    shown = Value(source, to_markdown(value).strip(), f" (conversation, {count})", "markdown")
    return shown if shown.text else Value(source, count, is_inline=True)


def _plain(source: str, value: Any, limit: int) -> Value:
    kind = f" ({type_name(value)})"
    # The repr of a numpy number includes its type, which is of no use in a sentence.
    if isinstance(value, str) or has_method(value, "dtype"):
        text = plain_text(value, limit)
        is_whole = len(text) < limit
        missing: int | None = str.__len__(value) - len(text) if isinstance(value, str) else 0
    else:
        excerpt = written(value, limit)
        text, is_whole, missing = excerpt.text, excerpt.is_whole, 0 if excerpt.is_whole else None
    if is_whole and len(text) <= SHORT and "\n" not in text:
        return Value(source, text, kind, is_inline=True)
    data = json_of(value) if is_whole and isinstance(value, dict | list) else None
    return Value(source, data or text, kind, "json" if data else "", missing=missing)


def _image(name: str, mime: str, data: bytes) -> Part:
    return image_part(f"data:{mime};base64,{base64.b64encode(data).decode()}", name)


def _frame(value: Any) -> str:
    """Describe a dataframe by its columns with their types, its first rows and its summary."""
    corner = corner_of(value, value.shape[0], _COLUMNS)
    names = [plain_text(name, SHORT) for name in islice(corner.columns, _COLUMNS)]
    types = list(islice(getattr(corner, "dtypes", []), _COLUMNS))
    columns = [f"{name}: {kind}" for name, kind in zip(names, types, strict=False)] or names
    more = f", … ({value.shape[1] - len(names):,} more)" if value.shape[1] > len(names) else ""
    paragraphs = [f"Columns: {', '.join(columns)}{more}", table_of(value, _HEAD), summary_of_frame(value)]
    return "\n\n".join(filter(None, paragraphs))


def _grouped(value: Any) -> Any:
    """Return the dataframe or column that a value groups, in pandas or polars; None if it is no such value."""
    if has_method(value, "ngroups"):
        return value.obj
    if has_method(value, "agg") and has_method(value, "len") and is_table(frame := getattr(value, "df", None)):
        return frame
    return None


def _groups(value: Any, frame: Any) -> str:
    """Describe a grouped dataframe by its largest groups and the dataframe."""
    text = _frame(frame if is_table(frame) else frame.to_frame())
    if len(frame) > _GROUPED:
        return text
    names, sizes = _sizes(value)
    largest = [f"{plain_text(key, SHORT)} ({count:,})" for key, count in islice(sizes, _SAMPLE)]
    more = ", …" if len(sizes) > len(largest) else ""
    by = f" by {', '.join(names)}" if names else ""
    shown = f": {', '.join(largest)}{more}" if largest else ""
    return f"{len(sizes):,} groups{by}{shown}\n\n{text}"


def _sizes(value: Any) -> tuple[list[str], list[tuple[Any, int]]]:
    """Return the names of the keys of a grouped dataframe, and each key with its number of rows, largest first."""
    if has_method(value, "ngroups"):
        sizes = value.size().sort_values(ascending=False, kind="stable")
        return [str(name) for name in sizes.index.names if name is not None], list(sizes.items())
    counts = value.len(name=_SIZE).sort(_SIZE, descending=True, maintain_order=True)
    keys = [(key[0] if len(key) == 1 else tuple(key), count) for *key, count in counts.iter_rows()]
    return counts.columns[:-1], keys


def _array(value: Any) -> str:
    """Describe an array by its shape and type, its summary, and its first elements."""
    # Raveling an array that is not contiguous would copy it.
    first = value.flat if has_method(value, "flat") else value.ravel()
    sample = [plain_text(element, SHORT) for element in first[:_SAMPLE]]
    more = ", …" if math.prod(value.shape) > len(sample) else ""
    shape = f"shape {tuple(value.shape)}, dtype {value.dtype}"
    return "\n".join([shape, *summary_of_array(value), f"first elements: {', '.join(sample)}{more}"])


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
