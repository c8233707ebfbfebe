"""The list of a server's models."""

from __future__ import annotations

import re
from typing import Any, Final

from .._errors import ServerError
from .._json import loads
from .._text import clean_text
from .errors import body_error_text

_NOT_FOUND: Final = 404
_REFUSALS: Final = frozenset({400, 403, 410, 422})

_MISSES: Final = (
    r"(model|deployment).?(not.?found|not.?exist|decommissioned)|access to (the |this )?(model|deployment)\b"
    r"|(invalid|unknown|no such) model\b|not a valid model|model identifier is invalid"
    r"|\b(model|deployment|models/\S+)\b.{0,200}?\b("
    r"not found|not exist|doesn't exist|decommissioned|not available|no longer (available|offered|served|supported)"
    r"|been (deprecated|removed|retired)|shut ?down)"
)
"""Messages about an unknown model by OpenAI, Azure, Groq, Mistral, DeepSeek, OpenRouter, Gemini, Ollama and vLLM."""

_MAX_NAMES: Final = 2000
_LONGEST_NAME: Final = 200


def misses_model(status: int, text: str) -> bool:
    """Return True if an error says that the model does not exist, or is not available to this key.

    Args:
        status: The HTTP status.
        text: The error of the server.

    """
    if status == _NOT_FOUND:
        return re.search(r"\b(model|deployment)(\b|_)|models/\w|[a-z]ModelNot", text, re.IGNORECASE) is not None
    return status in _REFUSALS and re.search(_MISSES, text, re.IGNORECASE | re.DOTALL) is not None


def model_entries(body: bytes) -> dict[str, dict[str, Any]]:
    """Parse the response of `GET /models`.

    Args:
        body: The body of the response.

    Returns:
        The entry of each model, by its name.

    Raises:
        ServerError: The response is not a list of models. The code is `wrong_url` if it comes from something else, such
            as a web page, or from a server that does not know this address.

    """
    try:
        value = loads(body)
    except (ValueError, UnicodeDecodeError):
        message = "This is not a model server: it did not answer with JSON."
        raise ServerError(message, code="wrong_url") from None
    entries = value if isinstance(value, list) else _entries(value)
    if entries is None:
        reason = body_error_text(body)
        message = f"The server does not list its models{f': {reason}' if reason else ''}."
        raise ServerError(message, code="wrong_url" if isinstance(value, dict) and "error" in value else None)
    by_name: dict[str, dict[str, Any]] = {}
    for entry in entries:
        name = _name(entry)
        if name and name not in by_name and len(by_name) < _MAX_NAMES:
            by_name[name] = entry if isinstance(entry, dict) else {}
    return by_name


def model_names(body: bytes) -> list[str]:
    """Return the names in the response of `GET /models`, each once.

    Args:
        body: The body of the response.

    Raises:
        ServerError: The response is not a list of models, as in `model_entries`.

    """
    return list(model_entries(body))


def _entries(value: Any) -> list[Any] | None:
    """Return the list, which nearly all servers call `data`."""
    for key in ("data", "models"):
        entries = value.get(key) if isinstance(value, dict) else None
        if isinstance(entries, list):
            return entries
    # Ollama reports null if it has no models.
    return [] if isinstance(value, dict) and value.get("object") == "list" else None


def _name(entry: Any) -> str:
    name = entry if isinstance(entry, str) else ""
    if isinstance(entry, dict):
        name = next((entry[key] for key in ("id", "name", "model") if isinstance(entry.get(key), str)), "")
    return clean_text(name) if len(name) <= _LONGEST_NAME else ""
