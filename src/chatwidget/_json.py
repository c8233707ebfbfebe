"""Parsing of JSON from untrusted sources."""

from __future__ import annotations

import json
import math
import sys
from typing import Any, Final

MAX_DEPTH: Final = 100
"""Levels of nesting. No chat needs a tenth of them. Parsing is recursive: CPython raises an error if its stack
overflows, but in the browser all of Python crashes.
"""

_SAFE_RECURSION: Final = 10_000
_LONG: Final = 100_000
_BRACKETS: Final = b"[]{}"
_NO_BRACKETS: Final = bytes(set(range(256)) - set(_BRACKETS))
# The characters of escapes in strings, besides the backslash.
_NO_SYNTAX: Final = bytes(set(range(256)) - set(_BRACKETS + b'\\"/bfnrtu'))


def loads(text: str | bytes, max_depth: int = MAX_DEPTH, *, is_strict: bool = False) -> Any:
    """Parse JSON text.

    Args:
        text: JSON text; bytes in UTF-8, UTF-16 or UTF-32.
        max_depth: Levels of nesting allowed.
        is_strict: Reject values that JSON cannot represent: `NaN`, `Infinity`, and numbers beyond a float.

    Raises:
        ValueError: The text is not JSON, is nested too deeply, or is rejected.

    """
    if isinstance(text, bytes):
        text = text.decode(json.detect_encoding(text), "surrogatepass")
    # Counting the brackets of a long text takes longer than checking how they are nested.
    may_be_deep = len(text) > _LONG or text.count("[") + text.count("{") > max_depth
    if may_be_deep and _stack_can_overflow() and _text_depth(text) > max_depth:
        raise ValueError(_too_deep(max_depth))
    try:
        value = json.loads(text, parse_float=_finite, parse_constant=_finite) if is_strict else json.loads(text)
    except RecursionError:
        raise ValueError(_too_deep(max_depth)) from None
    if may_be_deep and _depth(value) > max_depth:
        raise ValueError(_too_deep(max_depth))
    return value


def _too_deep(max_depth: int) -> str:
    return f"nested more than {max_depth} levels deep"


def _finite(number: str) -> float:
    value = float(number)
    if not math.isfinite(value):
        message = f"{number} is not a valid JSON number"
        raise ValueError(message)
    return value


def _stack_can_overflow() -> bool:
    return sys.platform == "emscripten" or sys.getrecursionlimit() > _SAFE_RECURSION


def _text_depth(text: str) -> int:
    """Return the depth of nesting, at least as far as the text is JSON."""
    # Without escapes, every second piece between quotes is outside strings.
    syntax = text.encode("utf-8", "surrogatepass").translate(None, _NO_SYNTAX)
    pieces = syntax.replace(b"\\\\", b"").replace(b'\\"', b"").split(b'"')
    depth = deepest = 0
    for bracket in b"".join(pieces[::2]).translate(None, _NO_BRACKETS):
        depth += 1 if bracket in b"[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _depth(value: object) -> int:
    """Return the depth of nesting of a parsed value."""
    depth, level = 0, [value] if type(value) in _CONTAINERS else []
    while level:
        depth += 1
        level = [
            item
            for container in level
            for item in (container.values() if type(container) is dict else container)  # type: ignore[attr-defined]
            if type(item) in _CONTAINERS
        ]
    return depth


_CONTAINERS: Final = frozenset({dict, list})
