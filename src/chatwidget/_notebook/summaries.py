"""Summaries of dataframes and arrays: missing values, ranges, and the most frequent values.

They are computed by the methods that pandas, polars, NumPy and libraries like them share, on a limited number of evenly
spaced rows or elements, so that a dataframe of any size takes some milliseconds.
"""

from __future__ import annotations

import math
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from operator import eq, ne
from typing import Any, Final

from .._content.bounded_repr import has_method, plain_text
from .._content.rich_values import COLUMNS, corner_of, table_of

_ROWS: Final = 10_000
"""Maximum number of rows, or of elements that are no numbers, in a summary."""
_MEASURED: Final = 10_000_000
"""Maximum number of elements for computing the exact range of an array, at about 2 ns each."""
_COPIED: Final = 1_000_000
"""Maximum number of elements that are copied to leave out the missing ones."""
_TOP: Final = 5
"""Number of the most frequent values that are named."""
_LONGEST: Final = 40
"""Maximum number of characters of each of them."""
_FIRST: Final = 100
_LONG: Final = 1000
"""Characters of a text, in the first rows, above which the texts of a column are not counted."""
_NUMBERS: Final = "iufc"
_NUMBERS_AND_TIMES: Final = f"{_NUMBERS}mM"
"""Kinds of data types, as NumPy names them, that have a range."""


def summary_of_frame(frame: Any) -> str:
    """Return the missing values of a dataframe, the frequent values of its text columns, and statistics of the others.

    Args:
        frame: The dataframe.

    Returns:
        Paragraphs of Markdown; empty if the dataframe offers no summary.

    """
    height, width = frame.shape
    if height == 0:
        return ""
    step = -(-height // _ROWS)
    frame = _every(corner_of(frame, height, COLUMNS), step)
    scope = [f"every {step:,}th row"] * (step > 1) + [f"the first {COLUMNS} columns"] * (width > COLUMNS)
    of, among = (f" {word} {' and '.join(scope)}" if scope else "" for word in ("of", "in"))
    paragraphs: list[str] = []
    described = frame
    # The methods of other libraries may differ.
    with suppress(Exception):
        columns = list(_columns(frame))
        in_range = [
            column_name for (_, column), column_name in zip(columns, frame.columns, strict=True) if _has_range(column)
        ]
        paragraphs += _missing(columns, among), _frequent(columns, among)
        described = frame[in_range] if in_range else None
    # Some frames have no statistics.
    with suppress(Exception), _without_warnings():
        # In polars, NaN is a number.
        described = described.fill_nan(None) if has_method(described, "fill_nan") else described
        paragraphs.append(f"Summary{of}:\n\n{table_of(described.describe())}")
    return "\n\n".join(filter(None, paragraphs))


def summary_of_array(value: Any) -> list[str]:
    """Return the range of an array, or its most frequent values if it has none, and how many values are missing.

    Args:
        value: The array.

    Returns:
        Lines of text; none if the array offers neither.

    """
    lines: list[str] = []
    with suppress(Exception), _without_warnings():
        if getattr(value.dtype, "kind", "i") in _NUMBERS_AND_TIMES:
            lines += _ranges(value)
        else:
            step = max(1, -(-math.prod(value.shape) // _ROWS))
            values = _sample(value, step).tolist()
            among = f" in every {step:,}th element" if step > 1 else ""
            if missing := sum(map(_is_missing, values)):
                lines.append(f"missing values{among}: {missing:,}")
            lines.append(f"values{among}: {_tally(values)}")
    return lines


def _without_warnings() -> AbstractContextManager[object]:
    """Keep NumPy from warning the user of infinite values in a computation that the user did not write."""
    numpy = sys.modules.get("numpy")
    return numpy.errstate(all="ignore") if numpy is not None else nullcontext()


def _ranges(value: Any) -> Iterator[str]:
    value, among = _at_most(value, _MEASURED)
    size = math.prod(value.shape)
    # Only masked arrays have this method.
    value = value.compressed() if has_method(value, "compressed") else value
    known = math.prod(value.shape)
    # The arrays of pandas leave missing values out by themselves.
    if known and (has_method(value, "isna") or _is_missing(value.min())):
        known = int(_known(value).sum())
    if missing := size - known:
        yield f"missing values{among}: {missing:,}"
        if known == 0:
            return
        value, sampled = _at_most(value, _COPIED)
        among = sampled or among
        value = value[_known(value)]
    spread = f"min {value.min()}, max {value.max()}"
    with suppress(Exception):  # an index has none, nor have the whole numbers of some libraries
        spread += f", mean {value.mean():.6g}" if getattr(value.dtype, "kind", "i") in _NUMBERS else ""
    yield spread + among


def _at_most(value: Any, most: int) -> tuple[Any, str]:
    """Return an array, or if it has more elements, evenly spaced ones of it, and a note of that."""
    size = math.prod(value.shape)
    if size <= most:
        return value, ""
    step = -(-size // _COPIED)
    return _sample(value, step), f" (every {step:,}th element)"


def _known(value: Any) -> Any:
    """Return an array of booleans: which elements are not missing."""
    return ~value.isna() if has_method(value, "isna") else eq(value, value)


def _sample(value: Any, step: int) -> Any:
    # Raveling an array that is not contiguous would copy it.
    return (value.flat if has_method(value, "flat") else value.ravel())[::step]


def _every(frame: Any, step: int) -> Any:
    """Return every `step`th row of a dataframe."""
    return frame if step <= 1 else frame.iloc[::step] if hasattr(frame, "iloc") else frame.gather_every(step)


def _columns(frame: Any) -> Iterator[tuple[str, Any]]:
    for index, name in enumerate(frame.columns):
        yield plain_text(name, _LONGEST), frame.iloc[:, index] if hasattr(frame, "iloc") else frame[:, index]


def _has_range(column: Any) -> bool:
    if isinstance(kind := getattr(column.dtype, "kind", None), str):
        return kind in _NUMBERS_AND_TIMES
    return bool(column.dtype.is_numeric() or column.dtype.is_temporal())


def _missing(columns: Sequence[tuple[str, Any]], among: str) -> str:
    counts = ((name, _count_missing(column)) for name, column in columns)
    missing = [f"{name} {count:,}" for name, count in counts if count]
    return f"Missing values{among}: {', '.join(missing) or 'none'}"


def _count_missing(column: Any) -> int:
    if has_method(column, "isna"):
        return int(column.isna().sum())
    # In polars, NaN is a number.
    return int(column.null_count() + (column.is_nan().sum() if column.dtype.is_float() else 0))


def _frequent(columns: Sequence[tuple[str, Any]], among: str) -> str:
    lines = []
    for name, column in columns:
        with suppress(Exception):  # some values cannot be compared
            if not _has_range(column) and not any(map(_is_long, _values(column.head(_FIRST)))):
                lines.append(f"- {name}: {_tally(_values(column))}")
    return "\n".join([f"Values{among}:", "", *lines]) if lines else ""


def _values(column: Any) -> list[Any]:
    return list(column.tolist() if has_method(column, "tolist") else column.to_list())


def _is_long(value: object) -> bool:
    return isinstance(value, str | bytes) and len(value) > _LONG


def _tally(values: Sequence[object]) -> str:
    """Describe the most frequent values in words. Raises TypeError if some cannot be compared."""
    known = [value for value in values if not _is_missing(value)]
    counts = Counter(known)
    top = counts.most_common(_TOP)
    if len(counts) == len(known) > _TOP:
        text = f", each once, such as {', '.join(_short(value) for value, _ in top)}"
    else:
        text = ": " + ", ".join(f"{_short(value)} ({count:,})" for value, count in top) if top else ""
    return f"{len(counts):,} distinct{text}{', …' if len(counts) > len(top) else ''}"


def _is_missing(value: Any) -> bool:
    if value is None or isinstance(value, str):
        return value is None
    try:
        return bool(ne(value, value))  # NaN and NaT differ from themselves
    except (TypeError, ArithmeticError):  # pandas' NA is neither equal nor different, a signaling NaN raises
        return True
    except ValueError:  # an array is not missing
        return False


def _short(value: object) -> str:
    text = " ".join(plain_text(value, _LONGEST + 1).split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
