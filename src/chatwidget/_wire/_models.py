"""The list of a server's models."""

from __future__ import annotations

from typing import Any, Final

from .._errors import ServerError
from .._json import loads
from .._messages import clean_text
from ._error_text import body_error_text

_MAX_NAMES: Final = 2000
_LONGEST_NAME: Final = 200


def model_names(body: bytes) -> list[str]:
    """The names in the answer to `GET /models`, each once.

    Raises ServerError: with code `wrong_url` where the answer is that of something else, such as a web
    page, or of a server that does not know this address.
    """
    try:
        value = loads(body)
    except (ValueError, UnicodeDecodeError):
        message = "This is not a model server: it did not answer with JSON."
        raise ServerError(message, code="wrong_url") from None
    entries = value if isinstance(value, list) else _entries(value)
    if entries is None:
        said = body_error_text(body)
        message = f"The server does not list its models{f': {said}' if said else ''}."
        raise ServerError(message, code="wrong_url" if isinstance(value, dict) and "error" in value else None)
    names = (_name(entry) for entry in entries)
    return list(dict.fromkeys(name for name in names if name))[:_MAX_NAMES]


def _entries(value: Any) -> list[Any] | None:
    """The list, which nearly all servers call `data`."""
    for key in ("data", "models"):
        entries = value.get(key) if isinstance(value, dict) else None
        if isinstance(entries, list):
            return entries
    # Ollama without a model says null.
    return [] if isinstance(value, dict) and value.get("object") == "list" else None


def _name(entry: Any) -> str:
    found = entry if isinstance(entry, str) else ""
    if isinstance(entry, dict):
        found = next((entry[key] for key in ("id", "name", "model") if isinstance(entry.get(key), str)), "")
    return clean_text(found) if len(found) <= _LONGEST_NAME else ""
