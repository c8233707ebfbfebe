"""Text without its code: fenced blocks and code spans, by the rules of CommonMark.

A fence may be indented further than in CommonMark, as in a question that is a Python string within a function.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from typing import Final, NamedTuple

_QUOTE: Final = re.compile(r" {0,3}> ?")
# Five or more spaces after a list mark belong to the text.
_ITEM: Final = re.compile(r" *(?:[-*+]|\d{1,9}[.)])(?: {1,4}(?=[^ ])| |$)")
_FENCE: Final = re.compile(r"( *)(`{3,}(?=[^`]*$)|~{3,})")
_ALONE: Final = re.compile(r" *(?:#{1,6}(?: |$)|$)")
"""A heading or an empty line, which ends a paragraph."""
_ESCAPE_OR_RUN: Final = re.compile(r"\\.|`+", re.DOTALL)


class _Block(NamedTuple):
    is_code: bool
    start: int
    end: int


def without_code(text: str) -> str:
    """Return `text` with each character of its code replaced by a backtick.

    Args:
        text: Markdown text.

    """
    if "`" not in text and "~~~" not in text:
        return text
    pieces: list[str] = []
    position = 0
    for start, end in _code(text):
        pieces += text[position:start], "`" * (end - start)
        position = end
    return "".join(pieces) + text[position:]


def _code(text: str) -> Iterator[tuple[int, int]]:
    for is_code, start, end in _blocks(text):
        if is_code:
            yield start, end
        else:
            yield from _spans(text, start, end)


def _spans(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the code spans of a paragraph."""
    runs: dict[int, list[int]] = {}
    for run in re.compile("`+").finditer(text, start, end):
        runs.setdefault(len(run[0]), []).append(run.start())
    position = start
    while opening := _ESCAPE_OR_RUN.search(text, position, end):
        position = opening.end()
        size = len(opening[0])
        closings = [] if opening[0].startswith("\\") else runs.get(size, [])
        index = bisect_left(closings, position)
        if index < len(closings):
            position = closings[index] + size
            yield opening.start(), position


def _blocks(text: str) -> Iterator[_Block]:
    """Split a text into fenced blocks and possible paragraphs, without the last newline of each."""
    containers: list[int] = []
    closing: re.Pattern[str] | None = None
    start = line_start = 0
    for raw in text.splitlines(keepends=True):
        line = raw.rstrip("\r\n").expandtabs(4)
        next_line_start = line_start + len(raw)
        still_inside, column = _inside(containers, line)
        if closing is not None and still_inside == len(containers):
            if closing.fullmatch(line, column):
                yield _Block(is_code=True, start=start, end=line_start + len(raw.rstrip("\r\n")))
                start, closing = next_line_start, None
            line_start = next_line_start
            continue
        is_code, closing = closing is not None, None
        del containers[still_inside:]
        opened, column = _opened(line, column)
        containers += opened
        fence = _FENCE.match(line, column)
        is_alone = _ALONE.match(line, column) is not None
        if is_code or opened or fence or is_alone:
            yield _Block(is_code, start, max(start, line_start - 1))
            start = line_start
        if fence:
            closing = re.compile(rf" {{0,{len(fence[1]) + 3}}}{fence[2][0]}{{{len(fence[2])},}}\s*")
        elif is_alone:
            yield _Block(is_code=False, start=start, end=next_line_start)
            start = next_line_start
        line_start = next_line_start
    yield _Block(closing is not None, start, len(text))


def _inside(containers: list[int], line: str) -> tuple[int, int]:
    """Return how many of the containers continue in a line, and the column after their marks."""
    column = 0
    for index, indent in enumerate(containers):
        if indent == 0:
            quote = _QUOTE.match(line, column)
            if not quote:
                return index, column
            column = quote.end()
        elif line[column : column + indent].strip():
            return index, column
        else:
            column = min(len(line), column + indent)
    return len(containers), column


def _opened(line: str, column: int) -> tuple[list[int], int]:
    """Return the containers that begin in a line, as the indent of their content, with 0 for a quote."""
    opened: list[int] = []
    while True:
        quote = _QUOTE.match(line, column)
        mark = quote or _ITEM.match(line, column)
        if not mark:
            return opened, column
        opened.append(0 if quote else mark.end() - column)
        column = mark.end()
