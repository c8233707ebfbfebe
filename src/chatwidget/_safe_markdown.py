"""Model output as Markdown that a notebook may render: no raw HTML, no picture from afar, no link but to the Web.

A picture whose data is in the text stays one. Beside Chinese, Japanese and Korean text, characters are written as
entities where other parsers would not see emphasis.

Notebook front ends render raw HTML in Markdown outputs, and what their sanitisers let through (a
button that runs a JupyterLab command, a remote image) is not for a model to use. They also differ in
what they take for code, so it is not recognised here as any one of them would: fences are found
liberally and written again so that none of them has a choice; code in a line stays as it is where the
paragraph has nothing in it that one of them could read differently, and elsewhere an invisible
character keeps it from being a tag.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from typing import Final

from ._emphasis import can_open_and_close, commonmark_can_open_and_close

# Behind whatever quotes, list marks and spaces: what begins a fence, and what may be its language.
_FENCE: Final = re.compile(
    r"((?:[ \t>]|(?:[-*+]|\d{1,9}[.)])[ \t])*)(`{3,}(?=[^`]*$)|~{3,})[ \t]*([\w+#.-]*)", re.ASCII
)
_SPAN: Final = re.compile(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)")
_ELSEWHERE: Final = r"\((?!https?://|mailto:)"
"""What begins the address of a link that does not lead to the Web: to a script, a file, a command of the host."""
_RISKY: Final = re.compile(
    rf"(?<!\\)(\\*)(<(?=[A-Za-z/!?])|!(?=\[)|:(?<=\]:)|(?<=\]){_ELSEWHERE}|`{{3,}}|~{{3,}})", re.IGNORECASE
)
"""What may begin a tag, an image, a link, a fence, a definition (whose title may swallow the line of a fence)."""
_RISKY_IN_CODE: Final = re.compile(rf"<(?=[A-Za-z/!?])|!(?=\[)|\](?=:|{_ELSEWHERE})", re.IGNORECASE)
_PICTURE: Final = re.compile(r"!\[[\w .:+-]*\]\(data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=]+\)")
"""A line that is an image with its data in it, as figures are written into answers."""
_SPECIAL: Final = re.compile(r"[\\$~|@^{}]|\]\(|\]:|://|www\.", re.IGNORECASE)
"""Escapes, math, tables, links: where it depends on the parser whether a backtick is one."""
_INVISIBLE: Final = "\u200b"
_RUN: Final = re.compile(r"\\.|\*+|~{2,}")
"""What may begin or end emphasis, and what is escaped and cannot."""


def safe_markdown(text: str) -> str:
    """`text` with raw HTML, images and links to elsewhere than the Web made plain text; code shows as it is."""
    lines = text.splitlines()
    shown: list[str] = []
    place = 0
    while place < len(lines):
        opening = _FENCE.match(lines[place])
        end = _end_of_fence(lines, place, opening) if opening else _end_of_text(lines, place)
        if opening:
            shown += ["", *_refenced(lines[place + 1 : end], opening), ""]
            end += 1
        else:
            shown += _inert(lines[place:end])
        place = end
    return "\n".join(shown).strip("\n")


def split_code(text: str) -> Iterator[tuple[str | None, str]]:
    """The parts of a text: Markdown, with None, and its blocks of code, each with the name of its language ("").

    A block that is indented, as within a list or a quote, is a part of the Markdown.
    """
    lines = text.splitlines()
    place = start = 0
    while place < len(lines):
        opening = _FENCE.match(lines[place])
        if not opening:
            place += 1
            continue
        end = _end_of_fence(lines, place, opening)
        if not opening[1]:
            yield None, "\n".join(lines[start:place])
            yield opening[3], "\n".join(lines[place + 1 : end])
            start = end + 1
        place = end + 1
    yield None, "\n".join(lines[start:])


def fenced(text: str, language: str = "") -> str:
    """`text` as a block of code, whatever is in it."""
    lines = text.splitlines()
    marks = _marks_around(lines)
    return "\n".join([marks + language, *lines, marks])


def _end_of_fence(lines: list[str], start: int, opening: re.Match[str]) -> int:
    """The line that closes the fence opened at `start`, or the end of the text."""
    closing = re.compile(rf"[ \t>]{{0,{len(opening[1]) + 3}}}{opening[2]}{opening[2][0]}*[ \t]*")
    return next((place for place in range(start + 1, len(lines)) if closing.fullmatch(lines[place])), len(lines))


def _end_of_text(lines: list[str], start: int) -> int:
    """The next line that opens a fence, or the end of the text."""
    return next((place for place in range(start, len(lines)) if _FENCE.match(lines[place])), len(lines))


def _without_code(line: str) -> str:
    """Put backticks in the place of the code in a line."""
    return _SPAN.sub(lambda code: "`" * len(code[0]), line)


def _refenced(lines: list[str], opening: re.Match[str]) -> Iterator[str]:
    """The lines at the margin, between marks that nothing in them can close."""
    prefix = opening[1]
    indent = re.compile(rf"{re.escape(prefix)}|[ ]{{0,{len(prefix)}}}")
    marks = _marks_around(lines)
    # Notebook front ends draw these, and nbconvert takes what is in them for HTML.
    yield marks + ("" if opening[3].lower().startswith("mermaid") else opening[3])
    yield from (indent.sub("", line, count=1) for line in lines)
    yield marks


def _marks_around(lines: list[str]) -> str:
    return "`" * max(3, 1 + max((len(run) for line in lines for run in re.findall("`+", line)), default=0))


def _inert(lines: list[str]) -> Iterator[str]:
    """Lines outside of fences, paragraph by paragraph."""
    for _, paragraph in groupby(lines, key=lambda line: bool(line.strip(" \t"))):
        yield from _inert_paragraph(list(paragraph))


def _may_go_on(lines: list[str]) -> bool:
    """Whether code may begin in one of these lines and end in another."""
    return any("`" in _SPAN.sub("", line) for line in lines)


def _inert_paragraph(lines: list[str]) -> Iterator[str]:
    goes_on = _may_go_on(lines)
    if not goes_on:
        lines = [line if _PICTURE.fullmatch(line) else _with_emphasis(line) for line in lines]
    is_plain = not (goes_on or any(_SPECIAL.search(line) for line in lines))
    for line in lines:
        if _PICTURE.fullmatch(line):
            yield line
            continue
        parts: list[str] = []
        place = 0
        for span in _SPAN.finditer(line):
            parts += _escape(line[place : span.start()]), span[0] if is_plain else _disarm(span[0])
            place = span.end()
        yield "".join(parts) + _escape(line[place:])


def _with_emphasis(line: str) -> str:
    """Write as entities what stands beside `*` or `~` that is emphasis, but not to the letter of CommonMark."""
    plain = _without_code(line)
    characters = list(line)
    for run in _RUN.finditer(plain):
        start, end = run.span()
        before, after = plain[max(0, start - 2) : start], plain[end : end + 1]
        if run[0].startswith("\\"):
            continue
        opens, closes = can_open_and_close(before, after)
        opens_there, closes_there = commonmark_can_open_and_close(before, after)
        # An entity begins and ends with punctuation.
        if opens and not opens_there:
            characters[start - 1] = f"&#{ord(line[start - 1])};"
        elif closes and not closes_there:
            characters[end] = f"&#{ord(line[end])};"
    return "".join(characters)


def _disarm(code: str) -> str:
    return _RISKY_IN_CODE.sub(rf"\g<0>{_INVISIBLE}", code)


def _escape(text: str) -> str:
    return _RISKY.sub(_entities, text)


def _entities(risky: re.Match[str]) -> str:
    # An odd backslash would escape the entity.
    backslashes = risky[1][len(risky[1]) % 2 :]
    return backslashes + "".join("&lt;" if char == "<" else f"&#{ord(char)};" for char in risky[2])
