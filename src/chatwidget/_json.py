"""JSON from strangers."""

from __future__ import annotations

import json
import math
import sys
from typing import Any, Final

MAX_DEPTH: Final = 100
"""Levels of nesting. No chat needs a tenth of them, and parsing is recursive: CPython raises an error
when its stack runs out, but in the browser all of Python goes down."""

_SAFE_RECURSION: Final = 10_000
_LONG: Final = 100_000
_BRACKETS: Final = b"[]{}"
_NO_BRACKETS: Final = bytes(set(range(256)) - set(_BRACKETS))
# Of these an escape in a string is made, beside the backslash itself.
_NO_SYNTAX: Final = bytes(set(range(256)) - set(_BRACKETS + b'\\"/bfnrtu'))


def loads(text: str | bytes, max_depth: int = MAX_DEPTH, *, is_strict: bool = False) -> Any:
    """Return the value of JSON text.

    Args:
        text: JSON; as bytes in UTF-8, UTF-16 or UTF-32.
        max_depth: Levels of nesting that are read.
        is_strict: Refuse what could not be written as JSON again: `NaN`, `Infinity`, and numbers beyond a float.

    Raises:
        ValueError: The text is not JSON, nested too deeply, or refused.

    """
    if isinstance(text, bytes):
        text = text.decode(json.detect_encoding(text), "surrogatepass")
    # In a long text, to count brackets takes longer than to look how they are nested.
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
        message = f"{number} is no number in JSON"
        raise ValueError(message)
    return value


def _stack_can_overflow() -> bool:
    return sys.platform == "emscripten" or sys.getrecursionlimit() > _SAFE_RECURSION


def _text_depth(text: str) -> int:
    """Return how deeply JSON is nested, at least as far as it is JSON."""
    # Without escapes, every second piece between quotes is outside of strings.
    syntax = text.encode("utf-8", "surrogatepass").translate(None, _NO_SYNTAX)
    pieces = syntax.replace(b"\\\\", b"").replace(b'\\"', b"").split(b'"')
    depth = deepest = 0
    for bracket in b"".join(pieces[::2]).translate(None, _NO_BRACKETS):
        depth += 1 if bracket in b"[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _depth(value: object) -> int:
    """Return how deeply a value that JSON was parsed into is nested."""
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
