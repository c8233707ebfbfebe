"""Fenced code blocks that nothing in them can close."""

from __future__ import annotations

import re


def fenced(text: str, language: str = "") -> str:
    """Return `text` as a code block. Nothing in the text is changed, except that its last newline is left out.

    Args:
        text: The text.
        language: The name of its language.

    Returns:
        The block, without a newline at its end.

    Example:
        >>> fenced("print(1)", "python").splitlines()
        ['```python', 'print(1)', '```']

    """
    fence = fence_around(text)
    return f"{fence}{language}\n{text.removesuffix(chr(10))}\n{fence}"


def fence_around(text: str) -> str:
    """Return a fence that no line of a text can close.

    Args:
        text: The text.

    Returns:
        Three backticks, or one more than the longest run in the text.

    """
    return "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
