"""A key that is nobody's, and the search for it or for any part of it, however it is written."""

import base64
import secrets
import urllib.parse

PART = 12
"""So many characters of a key are already too many."""


def new_canary() -> str:
    """A key as long as real ones are, another one each time."""
    return "canary-" + secrets.token_hex(20)


def leaks(text: object, key: str) -> list[str]:
    """What of ``key`` is in a text, forwards or backwards, in base64 or percent-encoded."""
    searched = str(text)
    places = searched + urllib.parse.unquote(searched)
    return sorted(part for part in _forms(key) if part in places)


def _forms(key: str) -> set[str]:
    whole = [key, key[::-1], key.encode().hex(), *(_base64(key, shift) for shift in range(3))]
    return {form[start : start + PART] for form in whole for start in range(len(form) - PART + 1)}


def _base64(key: str, shift: int) -> str:
    """How the key reads where it begins at any place in base64 text, without what its surroundings decide."""
    encoded = base64.b64encode(b"\0" * shift + key.encode()).decode().rstrip("=")
    return encoded[shift + 1 : -1]
