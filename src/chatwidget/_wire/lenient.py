"""Readers for JSON of an unreliable shape."""

from __future__ import annotations

import re
from typing import Any

from .._json import loads


def json_values(text: str) -> list[Any] | None:
    """Return the JSON values in a text.

    Args:
        text: One value, a list of values, or one value per line.

    Returns:
        The values, or the items if it is a list; None if the text is not JSON.

    """
    try:
        value = loads(text)
    except ValueError:
        try:
            return [loads(line) for line in text.split("\n") if line.strip()]
        except ValueError:
            return None
    return value if isinstance(value, list) else [value]


def whole_values(text: str) -> tuple[list[Any], bool]:
    """Return the JSON values in a text that may be cut off.

    Args:
        text: One value, a list of values, or one value per line.

    Returns:
        The values without those of an incomplete last line, and True if there was such a line.

    """
    values = json_values(text)
    if values is not None:
        return values, False
    return json_values(text.rpartition("\n")[0]) or [], True


def text_or_empty(value: object) -> str:
    """Return `value` if it is text, else "".

    Args:
        value: Any parsed JSON.

    """
    return value if isinstance(value, str) else ""


def whole_number(value: object) -> int | None:
    """Return `value` as a whole number.

    Args:
        value: Any parsed JSON; a float or a text may also be a whole number.

    Returns:
        The number; None if it is not a whole number of 0 or more.

    """
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        return int(value) if re.fullmatch(r"\d{1,9}", value, re.ASCII) else None
    return int(value) if isinstance(value, int | float) and value == value // 1 and value >= 0 else None


def is_absent(value: object) -> bool:
    """Return True if a value carries no information: it is null, empty, zero or false, or consists of such values.

    Args:
        value: Any parsed JSON.

    """
    if isinstance(value, dict):
        return all(is_absent(item) for item in value.values())
    return not value
