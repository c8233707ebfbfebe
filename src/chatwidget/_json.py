"""JSON from strangers."""

from __future__ import annotations

import json
import re
from typing import Any, Final

MAX_DEPTH: Final = 100
"""Levels of nesting. No chat needs a tenth of them, and parsing is recursive: CPython raises an error
when its stack runs out, but in the browser all of Python goes down."""

_STRING: Final = re.compile(r'"(?:[^"\\]|\\.)*+"?', re.DOTALL)
_NO_BRACKETS: Final = re.compile(r"[^\[\]{}]+")


def loads(text: str | bytes, max_depth: int = MAX_DEPTH) -> Any:
    """The value of JSON `text`. Raises ValueError when it is not JSON, or nested too deeply."""
    if isinstance(text, bytes):
        text = text.decode(json.detect_encoding(text), "surrogatepass")
    if text.count("[") + text.count("{") > max_depth and _depth(text) > max_depth:
        message = f"nested more than {max_depth} levels deep"
        raise ValueError(message)
    return json.loads(text)


def _depth(text: str) -> int:
    depth = deepest = 0
    for bracket in _NO_BRACKETS.sub("", _STRING.sub("", text)):
        depth += 1 if bracket in "[{" else -1
        deepest = max(deepest, depth)
    return deepest
