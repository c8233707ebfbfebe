"""Reading JSON whose shape cannot be relied on."""

from __future__ import annotations

import re
from typing import Any

from .._json import loads


def json_values(text: str) -> list[Any] | None:
    """The JSON values in `text`: one, the items of a list, or one on each line; None where it is not JSON."""
    try:
        value = loads(text)
    except ValueError:
        try:
            return [loads(line) for line in text.split("\n") if line.strip()]
        except ValueError:
            return None
    return value if isinstance(value, list) else [value]


def whole_values(text: str) -> tuple[list[Any], bool]:
    """Return the JSON values in `text`, without a last line that was cut, and whether there was such a line."""
    values = json_values(text)
    if values is not None:
        return values, False
    return json_values(text.rpartition("\n")[0]) or [], True


def text_or_empty(value: object) -> str:
    """`value` where it is text, else ""."""
    return value if isinstance(value, str) else ""


def whole_number(value: object) -> int | None:
    """`value` where it is a whole number of 0 or more, perhaps as a float or as text; else None."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        return int(value) if re.fullmatch(r"\d{1,9}", value, re.ASCII) else None
    return int(value) if isinstance(value, int | float) and value == value // 1 and value >= 0 else None


def is_absent(value: object) -> bool:
    """Whether nothing is said: null, empty, zero, false, or made of such."""
    if isinstance(value, dict):
        return all(is_absent(item) for item in value.values())
    return not value
