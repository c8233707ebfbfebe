"""The arguments that a model wrote for a call, as JSON text."""

from __future__ import annotations

import json
from typing import Any, Final

from .._json import loads

_MAX_SHOWN: Final = 60
"""Characters of an invalid value that are repeated in an error."""


class ArgumentsError(Exception):
    """The arguments from a model do not fit the function. The text tells the model how to correct them."""


def parsed(arguments: str) -> dict[str, Any]:
    """Parse the JSON object that a model wrote as arguments.

    Args:
        arguments: JSON text; an empty text or `null` means no arguments.

    Raises:
        ArgumentsError: The text is not a JSON object.

    """
    try:
        value = loads(arguments) if arguments.strip() else {}
    except (ValueError, RecursionError) as error:
        message = f"they are not JSON ({error})"
        raise ArgumentsError(message) from None
    if value is not None and not isinstance(value, dict):
        message = f"they must be a JSON object, not {shortened_json(value)}"
        raise ArgumentsError(message)
    return value or {}


def shortened_json(value: object) -> str:
    """Return a value as JSON, cut off if it is long.

    Args:
        value: The value.

    """
    text = json.dumps(value, ensure_ascii=False, default=repr)
    return text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}…"
