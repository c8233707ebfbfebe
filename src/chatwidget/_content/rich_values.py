"""Values as Markdown: the representation a cell would display, as text for chats and models.

A table becomes a Markdown table, a figure or picture becomes an image with embedded data, and any other value becomes
its richest representation other than HTML: nothing here lets HTML into a conversation.
"""

from __future__ import annotations

import base64
import csv
import io
import json
import re
import sys
from contextlib import suppress
from itertools import islice
from typing import Any, Final

from .bounded_repr import has_method, plain_text, type_name, written
from .fences import fenced

ROWS: Final = 20
"""Rows of a table that are shown."""
COLUMNS: Final = 20
_CELL: Final = 80
"""Characters of one cell of a table."""
_LONGEST: Final = 20_000
"""Characters of a representation as text."""
_LONGEST_NAME: Final = 200
_IMAGES: Final = ("image/png", "image/jpeg", "image/gif", "image/webp")
_REPRS: Final = (*(f"_repr_{kind}_" for kind in ("mimebundle", "png", "jpeg", "svg", "markdown", "latex", "html")),)


def is_rich(value: object) -> bool:
    """Return True if `value` is displayed as a whole even if it is iterable: a table, a picture, a figure.

    Args:
        value: Any value.

    """
    return is_table(value) or is_figure(value) or has_method(value, *_REPRS, "__array__")


def is_table(value: object) -> bool:
    """Return True if `value` is a dataframe of pandas, polars, or a library with the same method names.

    Args:
        value: Any value.

    """
    return has_method(value, "itertuples", "iter_rows") and len(shape_of(value)) > 1 and hasattr(value, "columns")


def is_column(value: object) -> bool:
    """Return True if `value` is a column of a dataframe: a Series of pandas or polars.

    Args:
        value: Any value.

    """
    return has_method(value, "to_frame") and has_method(value, "head") and len(shape_of(value)) == 1


def shape_of(value: object) -> tuple[int, ...]:
    """Return the shape of an array or a dataframe. Never raises.

    Args:
        value: Any value.

    Returns:
        The shape; empty if the value has none.

    """
    shape: tuple[Any, ...] = ()
    with suppress(Exception):
        shape = tuple(value.shape) if not isinstance(value, type) else ()  # type: ignore[attr-defined]
    return shape if all(isinstance(size, int) for size in shape) else ()


def is_figure(value: object) -> bool:
    """Return True if `value` is a figure with `savefig`, as in Matplotlib and seaborn, or a part of one.

    Args:
        value: Any value.

    """
    return _figure(value) is not None


def image_of(value: object) -> tuple[str, bytes] | None:
    """Return `value` as an image.

    Args:
        value: Any value.

    Returns:
        The MIME type and the bytes; None if the value is not an image.

    """
    if (figure := _figure(value)) is not None:
        return "image/png", _drawn(figure)
    bundle = _bundle(value)
    return next(((mime, bundle[mime]) for mime in _IMAGES if mime in bundle), None)


def image_name(value: object) -> str:
    """Return the alternative text of an image: its own, or its type with the titles in a figure.

    Args:
        value: A value that `image_of` accepts.

    """
    titles: list[str] = []
    with suppress(Exception):
        own = value.alt  # type: ignore[attr-defined]
        if isinstance(own, str) and own.strip():
            return _short(own)
    with suppress(Exception):
        figure = _figure(value)
        figure = getattr(figure, "figure", None) or figure
        titles += [figure.get_suptitle(), *(axes.get_title() for axes in figure.axes)]
    return _short(": ".join([type_name(value), *filter(None, ["; ".join(filter(None, titles))])]))


def markdown_of(value: object) -> str:
    """Return `value` as Markdown, with images embedded.

    Args:
        value: Any value.

    """
    if is_table(value):
        return table_of(value)
    if (image := image_of(value)) is not None:
        return image_markdown(image_name(value), *image)
    bundle = _bundle(value)
    if "text/markdown" in bundle:
        return str(bundle["text/markdown"])
    if "text/latex" in bundle:
        latex = str(bundle["text/latex"]).strip()
        return latex if latex.startswith("$") else f"$$\n{latex}\n$$"
    return fenced(text_of(value))


def image_markdown(name: str, mime: str, data: bytes) -> str:
    """Return an image as Markdown with embedded data.

    Args:
        name: The name of the image.
        mime: Its MIME type.
        data: Its bytes.

    """
    return f"![{re.sub(r'[^ .,:;()%/+-]', _harmless, name)}](data:{mime};base64,{base64.b64encode(data).decode()})"


def text_of(value: object, limit: int = _LONGEST) -> str:
    """Return `value` as a terminal shows it, up to a limit.

    Args:
        value: Any value.
        limit: The maximum number of characters.

    """
    rendering = written(value, limit)
    return rendering.text if rendering.is_whole else f"{rendering.text}\n… (more characters)"


def table_of(value: Any, rows: int = ROWS) -> str:
    """Return the first rows of a dataframe as a Markdown table, with the total size below if some are missing.

    Args:
        value: The dataframe.
        rows: The maximum number of rows.

    """
    height, width = value.shape
    header, lines = table_rows(value, rows, COLUMNS)
    shown = [f"| {' | '.join(_cell(cell) for cell in line)} |" for line in (header, *lines)]
    shown.insert(1, "|" + "---|" * len(header))
    if height > len(lines) or width > COLUMNS:
        shown += ["", f"{height:,} rows, {width:,} columns"]
    return "\n".join(shown)


def table_rows(value: Any, rows: int, columns: int) -> tuple[list[str], list[list[Any]]]:
    """Return the column names and the first rows of a dataframe.

    Args:
        value: The dataframe.
        rows: The maximum number of rows.
        columns: The maximum number of columns.

    Returns:
        The names and the rows. In pandas each row begins with its label, and the names with "".

    """
    value = corner_of(value, rows, columns)
    names = [plain_text(name, _CELL) for name in islice(value.columns, columns)]
    if not hasattr(value, "itertuples"):
        return names, [list(line)[:columns] for line in islice(value.iter_rows(), rows)]
    lines = islice(value.itertuples(name=None), rows)
    return ["", *names], [list(line)[: 1 + columns] for line in lines]


def csv_of(value: Any, rows: int, columns: int, room: int) -> tuple[str, int]:
    """Return the first rows of a dataframe as CSV.

    Args:
        value: The dataframe.
        rows: The maximum number of rows.
        columns: The maximum number of columns.
        room: The approximate maximum number of characters.

    Returns:
        The CSV and the number of rows in it.

    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    header, lines = table_rows(value, rows, columns)
    longest = max(_CELL, room // max(1, len(header)))
    for sent, line in enumerate((header, *lines)):
        before = text.tell()
        writer.writerow(_cut(cell, longest) for cell in line)
        if text.tell() > room and sent > 1:
            return text.getvalue()[:before], sent - 1
    return text.getvalue(), len(lines)


def whole_csv_of(value: Any) -> str:
    """Return a whole dataframe or column as CSV, as its library writes it.

    Args:
        value: The dataframe or column.

    """
    if has_method(value, "to_csv"):
        return str(value.to_csv())
    frame = value if is_table(value) else value.to_frame()
    if has_method(frame, "write_csv"):
        return str(frame.write_csv())
    text = io.StringIO()
    header, lines = table_rows(frame, *frame.shape)
    csv.writer(text, lineterminator="\n").writerows([header, *lines])
    return text.getvalue()


def corner_of(value: Any, rows: int, columns: int) -> Any:
    """Return the first rows and columns of a dataframe, or all of it if it cannot be cut.

    Args:
        value: The dataframe.
        rows: The maximum number of rows.
        columns: The maximum number of columns.

    """
    # Rows are read column by column, which takes seconds with 3,000 columns.
    with suppress(Exception):
        return value.iloc[:rows, :columns] if hasattr(value, "iloc") else value[:rows, :columns]
    return value


def json_of(value: object) -> str | None:
    """Return `value` as readable JSON; None if JSON cannot represent it.

    Args:
        value: Any value.

    """
    try:
        return json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        return None


def _cell(value: object) -> str:
    text = f"{value:.6g}" if isinstance(value, float) else plain_text(value, 2 * _CELL)
    text = " ".join(text.split())
    text = text if len(text) <= _CELL else f"{text[: _CELL - 1]}…"
    return text.replace("\\", "\\\\").replace("|", "\\|")


def _cut(cell: object, limit: int) -> str:
    text = "" if cell is None else plain_text(cell, limit + 1)
    return text if len(text) <= limit else f"{text[:limit]}…"


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST_NAME else f"{text[:_LONGEST_NAME]}…"


def _harmless(char: re.Match[str]) -> str:
    return char[0] if char[0].isalnum() else "_"


def _figure(value: Any) -> Any:
    """Return the figure that `value` is or belongs to, or None. Objects with a dynamic `__getattr__` have no figure."""
    if isinstance(value, type):
        return None
    if has_method(value, "savefig"):
        return value
    figure = None
    with suppress(Exception):
        figure = value.figure
    return figure if has_method(figure, "savefig") else None


def _drawn(figure: Any) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", bbox_inches="tight")
    return buffer.getvalue()


def _bundle(value: object) -> dict[str, Any]:
    """Return the representations that a notebook would display, by MIME type: images as bytes, others as text.

    A representation that fails or is invalid is left out, since IPython shows the next one, too.
    """
    bundle: dict[str, Any] = {}
    if isinstance(value, type):
        return bundle
    with suppress(Exception):
        if has_method(value, "_repr_mimebundle_"):
            output = value._repr_mimebundle_()  # type: ignore[attr-defined]
            bundle.update(output[0] if isinstance(output, tuple) else output or {})
    for mime in (*_IMAGES[:2], "text/markdown", "text/latex"):
        with suppress(Exception):
            if mime not in bundle and (output := _formatted(value, mime)) is not None:
                bundle[mime] = output[0] if isinstance(output, tuple) else output
    shown = {mime: _as_image(data) if mime in _IMAGES else data for mime, data in bundle.items()}
    return {mime: data for mime, data in shown.items() if isinstance(data, bytes if mime in _IMAGES else str) and data}


def _as_image(data: object) -> bytes | None:
    if not isinstance(data, str):
        return data if isinstance(data, bytes) else None
    with suppress(ValueError):
        return base64.b64decode("".join(data.split()), validate=True)
    return None


def _formatted(value: object, mime: str) -> Any:
    """Return the representation for IPython: from the value's own method, or from one registered for its type."""
    name = f"_repr_{mime.partition('/')[2]}_"
    shell = _shell()
    if shell is not None:
        formatter = shell.display_formatter.formatters[mime]
        with suppress(KeyError):
            return formatter.lookup_by_type(type(value))(value)
    return getattr(value, name)() if has_method(value, name) else None


def _shell() -> Any:
    ipython = sys.modules.get("IPython.core.getipython")
    return ipython.get_ipython() if ipython is not None else None
