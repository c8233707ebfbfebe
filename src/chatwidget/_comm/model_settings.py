"""The model settings that a view shows and changes: system prompt, temperature and token limit."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

_LIMITS: Final = ("max_completion_tokens", "max_tokens")
"""Two names of the same limit. The transports know which one a server takes."""


def shown_setup(system_prompt: str | None, params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings in the form that views show.

    Args:
        system_prompt: The system prompt.
        params: The parameters of the API.

    Returns:
        The settings, with None for a parameter that is not a number.

    """
    limit = next((params[name] for name in _LIMITS if name in params), None)
    return {
        "system_prompt": system_prompt or "",
        "temperature": _number(params.get("temperature")),
        "max_tokens": _number(limit),
    }


def changed_params(params: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Apply the changes that a user made in a view.

    Args:
        params: The parameters of the API.
        values: The new values. None removes a parameter.

    Returns:
        The changed parameters.

    """
    changed = dict(params)
    if "temperature" in values:
        changed["temperature"] = values["temperature"]
    if "max_tokens" in values:
        for name in _LIMITS:
            changed.pop(name, None)
        changed["max_tokens"] = values["max_tokens"]
    removed = {name for name, value in values.items() if value is None}
    if "max_tokens" in removed:
        removed |= set(_LIMITS)
    return {name: value for name, value in changed.items() if name not in removed}


def _number(value: object) -> int | float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return value if is_number else None  # type: ignore[return-value]
