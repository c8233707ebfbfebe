"""Functions for text with arbitrary characters."""

from __future__ import annotations

from contextlib import suppress


def clean_text(text: str) -> str:
    """Join surrogate pairs and replace lone surrogates by U+FFFD.

    Args:
        text: Any text.

    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def error_summary(error: BaseException) -> str:
    """Return the type and the message of an error, even if its `__str__`, which may be a user's, fails.

    Args:
        error: The error.

    """
    text = ""
    with suppress(Exception, SystemExit):
        text = str(error)
    return f"{type(error).__name__}: {text}".removesuffix(": ")


def data_url_parts(url: str) -> tuple[str, str] | None:
    """Split a data URL into its head and its data.

    Args:
        url: Any URL.

    Returns:
        The head in lower case, such as `image/png;base64`, and the data; None if it is not a data URL.

    """
    head, comma, data = url.partition(",")
    scheme, colon, head = head.lower().partition(":")
    return (head, data) if comma and colon and scheme.strip() == "data" else None


def utf16_length(text: str) -> int:
    """Return the length of `text` in UTF-16 code units, as JavaScript counts.

    Args:
        text: Any text.

    """
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2
