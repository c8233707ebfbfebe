"""Values as Markdown: what a cell would show of them, in a text that a chat shows and a model can read.

A table is written as one, a figure or picture as an image with its data in it, anything else as its
richest representation that is not HTML: nothing here is a way for HTML into a conversation.
"""

from __future__ import annotations

import base64
import io
import json
import re
import sys
from collections.abc import Mapping
from itertools import islice
from typing import Any, Final

ROWS: Final = 20
"""Rows of a table that are shown."""
COLUMNS: Final = 20
_CELL: Final = 80
"""Characters of one cell of a table."""
_LONGEST: Final = 20_000
"""Characters of a representation as text."""
_IMAGES: Final = ("image/png", "image/jpeg", "image/gif", "image/webp")
_REPRS: Final = (*(f"_repr_{kind}_" for kind in ("mimebundle", "png", "jpeg", "svg", "markdown", "latex", "html")),)


def is_rich(value: object) -> bool:
    """Whether `value` is one thing to be shown, though it may be iterable: a table, a picture, a figure."""
    kind = type(value)
    return is_table(value) or is_figure(value) or any(hasattr(kind, name) for name in (*_REPRS, "__array__"))


def is_table(value: object) -> bool:
    """Whether `value` is a dataframe: pandas', polars', or one that goes by the same names."""
    return hasattr(value, "columns") and (hasattr(value, "itertuples") or hasattr(value, "iter_rows"))


def is_figure(value: object) -> bool:
    """Whether `value` is drawn by `savefig`, as Matplotlib's and seaborn's figures are, or is a part of such a one."""
    return callable(getattr(_figure(value), "savefig", None))


def image_of(value: object) -> tuple[str, bytes] | None:
    """The MIME type and the bytes of `value` as an image; None where it is none."""
    if is_figure(value):
        return "image/png", _drawn(value)
    bundle = _bundle(value)
    for mime in _IMAGES:
        if mime in bundle:
            data = bundle[mime]
            return mime, data if isinstance(data, bytes) else base64.b64decode(data)
    return None


def markdown_of(value: object) -> str:
    """`value` as Markdown, images with their data in it."""
    if is_table(value):
        return table_of(value)
    if (image := image_of(value)) is not None:
        return image_markdown(type(value).__name__, *image)
    bundle = _bundle(value)
    if "text/markdown" in bundle:
        return str(bundle["text/markdown"])
    if "text/latex" in bundle:
        latex = str(bundle["text/latex"]).strip()
        return latex if latex.startswith("$") else f"$$\n{latex}\n$$"
    return fenced_text(text_of(value))


def image_markdown(name: str, mime: str, data: bytes) -> str:
    """An image with its data in it."""
    return f"![{re.sub(r'[^ .:+-]', _harmless, name)}](data:{mime};base64,{base64.b64encode(data).decode()})"


def text_of(value: object, limit: int = _LONGEST) -> str:
    """`value` as text, as a terminal shows it, and not endlessly."""
    text = repr(value)
    return text if len(text) <= limit else f"{text[:limit]}\n… ({len(text) - limit:,} more characters)"


def table_of(value: Any, rows: int = ROWS) -> str:
    """The first rows of a dataframe as a Markdown table, and how many there are."""
    height, width = value.shape
    header, lines = table_rows(value, rows, COLUMNS)
    shown = [f"| {' | '.join(_cell(cell) for cell in line)} |" for line in (header, *lines)]
    shown.insert(1, "|" + "---|" * len(header))
    if height > len(lines) or width > COLUMNS:
        shown += ["", f"{height:,} rows, {width:,} columns"]
    return "\n".join(shown)


def table_rows(value: Any, rows: int, columns: int) -> tuple[list[str], list[list[Any]]]:
    """The names of the columns and the first rows, each with its label before it where rows have any (pandas)."""
    names = [str(name) for name in islice(value.columns, columns)]
    if not hasattr(value, "itertuples"):
        return names, [list(line)[:columns] for line in islice(value.iter_rows(), rows)]
    lines = islice(value.itertuples(name=None), rows)
    return ["", *names], [list(line)[: 1 + columns] for line in lines]


def fenced_text(text: str, language: str = "") -> str:
    """`text` as a block of code that nothing in it can close."""
    marks = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
    return f"{marks}{language}\n{text}\n{marks}"


def json_of(value: object) -> str | None:
    """`value` as readable JSON; None where it is none."""
    try:
        return json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        return None


def _cell(value: object) -> str:
    text = f"{value:.6g}" if isinstance(value, float) else str(value)
    text = " ".join(text.split())
    text = text if len(text) <= _CELL else f"{text[: _CELL - 1]}…"
    return text.replace("\\", "\\\\").replace("|", "\\|")


def _harmless(char: re.Match[str]) -> str:
    return char[0] if char[0].isalnum() else "_"


def _figure(value: Any) -> Any:
    return value if hasattr(value, "savefig") else getattr(value, "figure", None)


def _drawn(value: Any) -> bytes:
    buffer = io.BytesIO()
    _figure(value).savefig(buffer, format="png", bbox_inches="tight")
    return buffer.getvalue()


def _bundle(value: object) -> Mapping[str, Any]:
    """What a notebook would show of `value`, by MIME type; images as bytes or base64."""
    found: dict[str, Any] = {}
    bundle = getattr(type(value), "_repr_mimebundle_", None)
    if bundle is not None:
        made = bundle(value)
        found.update(made[0] if isinstance(made, tuple) else made or {})
    for mime in (*_IMAGES[:2], "text/markdown", "text/latex"):
        if mime not in found and (made := _formatted(value, mime)) is not None:
            found[mime] = made[0] if isinstance(made, tuple) else made
    return found


def _formatted(value: object, mime: str) -> Any:
    """What IPython would show: the value's own method, or what a library registered for its type."""
    name = f"_repr_{mime.partition('/')[2]}_"
    shell = _shell()
    if shell is not None:
        formatter = shell.display_formatter.formatters[mime]
        try:
            return formatter.lookup(value)(value)
        except KeyError:
            pass
    method = getattr(type(value), name, None)
    return method(value) if method is not None else None


def _shell() -> Any:
    ipython = sys.modules.get("IPython.core.getipython")
    return ipython.get_ipython() if ipython is not None else None
