"""Errors in the chunks of an answer."""

from __future__ import annotations

from typing import Any, Final

from ..errors import TEXT_KEYS, error_text
from ..lenient import is_absent, text_or_empty, whole_number

_ERROR_STATUSES: Final = range(400, 600)


def error_in(value: dict[str, Any]) -> str:
    """Return the error in a chunk or a choice.

    Args:
        value: The chunk or choice.

    Returns:
        The text of the error; "" if there is none.

    """
    for key in ("error", "errors"):
        if value.get(key) and not is_absent(value[key]):
            text = error_text(value[key]) or error_text({**value, key: None})
            return text or f"The server reports an error: {value[key]}"
    base = value.get("base_resp")
    if isinstance(base, dict) and base.get("status_code"):
        return text_or_empty(base.get("status_msg")) or f"The server reports error {base['status_code']}."
    return _bare_error(value)


def status_in(value: dict[str, Any]) -> int | None:
    """Return the HTTP status that an error in a stream has as its code.

    Args:
        value: The chunk with the error.

    Returns:
        The status; None if the code is not the status of an error.

    """
    error = value.get("error")
    number = whole_number(error.get("code") if isinstance(error, dict) else value.get("code"))
    return number if number is not None and number in _ERROR_STATUSES else None


def _bare_error(value: dict[str, Any]) -> str:
    """Return the text of an object without an answer, such as `{"detail": ...}` or `{"object": "error", ...}`."""
    if isinstance(value.get("choices"), list) or isinstance(value.get("delta"), dict):
        return ""
    if isinstance(value.get("message"), dict) or text_or_empty(value.get("object")).startswith("chat.completion"):
        return ""
    kind = value.get("type") or value.get("object")
    if kind == "error":
        return error_text(value)
    return "" if kind == "ping" else next((text for key in TEXT_KEYS if (text := error_text(value.get(key)))), "")
