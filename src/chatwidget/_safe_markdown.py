"""Model output as Markdown that a notebook may render: no raw HTML, no picture fetched from afar.

Notebook front ends render raw HTML in Markdown outputs, and what their sanitisers let through (a
button that runs a JupyterLab command, a remote image) is not for a model to use. Here is no Markdown
parser: a `<` stays only where every parser sees code, which is decided strictly; elsewhere it is
written as an entity, and shows as the same character.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_FENCE: Final = re.compile(r"(`{3,}|~{3,})[ \t]*[\w+#.-]*[ \t]*")
_TAG: Final = re.compile(r"<(?=[A-Za-z/!?])")
_IMAGE: Final = re.compile(r"!(?=\[)")
_DEFINITION: Final = re.compile(r"(?<=\]):")
"""Some parsers let the title of a link definition swallow the line that opens a fence."""
_RUN: Final = re.compile(r"(?<!`)(`+)(?!`)")


def safe_markdown(text: str) -> str:
    """`text` with raw HTML and images made plain text; code in plain fences and spans stays as it is."""
    return "\n".join(_blocks(text.splitlines()))


def _blocks(lines: list[str]) -> Iterator[str]:
    paragraph: list[str] = []
    place = 0
    while place < len(lines):
        end = _end_of_fence(lines, place)
        if end is not None:
            yield from _inert(paragraph)
            yield from lines[place:end]
            paragraph, place = [], end
            continue
        if lines[place].strip():
            paragraph.append(lines[place])
        else:
            yield from _inert(paragraph)
            yield lines[place]
            paragraph = []
        place += 1
    yield from _inert(paragraph)


def _end_of_fence(lines: list[str], start: int) -> int | None:
    """Where the fenced code that starts here ends; None unless it is one to every parser.

    It stands at the margin, where it interrupts whatever was before, and is closed by the same marks
    or by the end of the text.
    """
    opening = _FENCE.fullmatch(lines[start])
    if opening is None:
        return None
    marks = opening.group(1)
    for place in range(start + 1, len(lines)):
        line = lines[place].rstrip()
        if len(line) >= len(marks) and line == marks[0] * len(line):
            return place + 1
    return len(lines)


def _inert(lines: list[str]) -> list[str]:
    """The lines of one block. Where a span may reach beyond its line or cell, none counts as code."""
    split = [_spans(line) for line in lines]
    if any(spans is None for spans in split):
        return [_escape(line) for line in lines]
    return ["".join(part if is_code else _escape(part) for part, is_code in spans or []) for spans in split]


def _spans(line: str) -> list[tuple[str, bool]] | None:
    """The line as (text, is it code); None where its backticks do not pair up, or not surely."""
    parts: list[tuple[str, bool]] = []
    place = 0
    while opening := _RUN.search(line, place):
        if line[: opening.start()].endswith("\\"):
            return None
        closing = next((run for run in _RUN.finditer(line, opening.end()) if run[1] == opening[1]), None)
        if closing is None or "|" in line[opening.end() : closing.start()]:
            return None
        parts += [(line[place : opening.start()], False), (line[opening.start() : closing.end()], True)]
        place = closing.end()
    return [*parts, (line[place:], False)]


def _escape(text: str) -> str:
    return _DEFINITION.sub(r"\\:", _IMAGE.sub(r"\\!", _TAG.sub("&lt;", text)))
