"""Text, whatever characters it holds."""

from __future__ import annotations


def clean_text(text: str) -> str:
    """`text` with surrogate pairs joined and lone surrogates replaced by U+FFFD."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def data_url_parts(url: str) -> tuple[str, str] | None:
    """Return the head of a data URL, such as `image/png;base64`, in lower case, and its data; None if it is none."""
    head, comma, data = url.partition(",")
    scheme, colon, head = head.lower().partition(":")
    return (head, data) if comma and colon and scheme.strip() == "data" else None


def utf16_length(text: str) -> int:
    """The length of `text` in UTF-16 code units, which is what JavaScript counts."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2
