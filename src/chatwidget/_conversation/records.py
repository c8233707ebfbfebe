"""Short reprs of the values that users look at in a cell."""

from __future__ import annotations

from dataclasses import MISSING, Field, fields
from typing import Any, Final

_LONGEST: Final = 60


def excerpt(text: str) -> str:
    """Return the beginning of a text.

    Args:
        text: The text.

    """
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def count_of_messages(count: int) -> str:
    """Return a number of messages in words.

    Args:
        count: The number.

    """
    return "1 message" if count == 1 else f"{count or 'no'} messages"


def record_repr(record: Any) -> str:
    """Return the repr of a dataclass with the fields that are set, each with the beginning of its value.

    Args:
        record: The object.

    """
    values = [(field.name, getattr(record, field.name)) for field in fields(record) if _is_shown(field, record)]
    return f"{type(record).__name__}({', '.join(f'{name}={_value(value)}' for name, value in values)})"


def _is_shown(field: Field[Any], record: Any) -> bool:
    default = field.default if field.default_factory is MISSING else field.default_factory()
    return field.repr and (default is MISSING or getattr(record, field.name) != default)


def _value(value: object) -> str:
    return repr(excerpt(value)) if isinstance(value, str) else excerpt(repr(value))
