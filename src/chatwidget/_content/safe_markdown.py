"""Model output as Markdown that a notebook may render: no raw HTML, no picture from afar, no link but to the Web.

A picture whose data is in the text stays one. So do a few tags of HTML, as in the view: without attributes, and only if
both halves are in one line, so that none reaches further than it should. `<details>` at the margin becomes a block that
folds, and comments are left out. Beside Chinese, Japanese and Korean text, characters are written as entities where
other parsers would not see emphasis.

Notebook front ends render raw HTML in Markdown outputs, and what their sanitisers let through (a
button that runs a JupyterLab command, a remote image) is not for a model to use. They also differ in
what they take for code, so it is not recognised here as any one of them would: fences are found
liberally and written again so that none of them has a choice; code in a line stays as it is where the
paragraph has nothing in it that one of them could read differently, and elsewhere an invisible
character keeps it from being a tag.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from itertools import groupby
from typing import Final, NamedTuple

from .emphasis import can_open_and_close, commonmark_can_open_and_close

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
_PICTURE: Final = re.compile(
    r"!\[[\w .:+-]*\]\(data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=]+\)", re.IGNORECASE
)
"""A line that is an image with its data in it, as figures are written into answers."""
_SPECIAL: Final = re.compile(r"[\\$~|@^{}]|\]\(|\]:|://|www\.", re.IGNORECASE)
"""Escapes, math, tables, links: where it depends on the parser whether a backtick is one."""
_INVISIBLE: Final = "\u200b"
_RUN: Final = re.compile(r"\\.|\*+|~{2,}")
"""What may begin or end emphasis, and what is escaped and cannot."""
_PAIRED: Final = re.compile(
    r"(?<!\\)<(?P<end>/?)(?P<name>br|kbd|mark|sub|sup|u)(?:[ \t/][^<>]*)?>"
    r"|\[[^][<>|\\]*\]\(https?://[^\s()<>]*\)"
    r"|(?P<barrier>[|$\\]|\]\()",
    re.IGNORECASE,
)
"""A tag, or a whole link, or what may put the halves of an element into different places."""
_BEFORE_LINE: Final = re.compile(r"[\s>]*(?:(?:[-*+]|[0-9]{1,9}[.)])\s+)*")
_COMMENT: Final = re.compile(r"(?<!\\)<!--")
_DETAILS: Final = re.compile(r" {0,3}<details(?:[ \t/][^<>]*)?>", re.IGNORECASE)
_DETAILS_TAG: Final = re.compile(r"(?<!\\)<(/?)details(?:[ \t/][^<>]*)?>", re.IGNORECASE)
_SUMMARY: Final = re.compile(
    r"\s*<summary(?:[ \t/][^<>]*)?>((?:(?!\n\s*\n).)*?)</summary\s*>", re.IGNORECASE | re.DOTALL
)
_SIGNS: Final = re.compile(r"[!-&(-+/:<-@[-`{-~]")
_DEEPEST: Final = 8
"""How many elements of a kind may be within each other."""


class _Details(NamedTuple):
    title: str
    content: list[str]
    rest: str
    end: int


def safe_markdown(text: str) -> str:
    """`text` with raw HTML, images and links to elsewhere than the Web made plain text; code shows as it is."""
    return "\n".join(_safe_lines(text.splitlines(), 0)).strip("\n")


def _safe_lines(lines: list[str], folds: int) -> list[str]:
    """Make lines safe that are within so many folded blocks."""
    shown: list[str] = []
    place = 0
    while place < len(lines):
        opening = _FENCE.match(lines[place])
        details = _details(lines, place) if folds < _DEEPEST else None
        if opening:
            end = _end_of_fence(lines, place, opening)
            shown += ["", *_refenced(lines[place + 1 : end], opening), ""]
            end += 1
        elif details:
            summary = [f"<summary>{_SIGNS.sub(_entity, details.title)}</summary>"] if details.title else []
            content = _safe_lines(details.content, folds + 1)
            shown += ["", "<details>", *summary, "", *content, "", "</details>", "", *_inert([details.rest])]
            end = details.end + 1
        else:
            end = next(
                (
                    other
                    for other in range(place + 1, len(lines))
                    if _FENCE.match(lines[other]) or (folds < _DEEPEST and _details(lines, other))
                ),
                len(lines),
            )
            shown += _inert(lines[place:end])
        place = end
    return shown


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


def _details(lines: list[str], start: int) -> _Details | None:
    """Return the folded block that begins with a line, if one does and has an end."""
    beginning = _DETAILS.match(lines[start])
    found = _end_of_details(lines, start) if beginning else None
    if not beginning or not found:
        return None
    end, tag = found
    content = lines[start : end + 1]
    content[-1] = lines[end][: tag.start()]
    content[0] = content[0][beginning.end() :]
    inner = "\n".join(content)
    summary = _SUMMARY.match(inner)
    inner = textwrap.dedent(inner[summary.end() :] if summary else inner)
    title = " ".join(summary[1].split()) if summary else ""
    return _Details(title, inner.split("\n"), lines[end][tag.end() :].strip(), end)


def _end_of_details(lines: list[str], start: int) -> tuple[int, re.Match[str]] | None:
    depth, place = 0, start
    while place < len(lines):
        opening = _FENCE.match(lines[place])
        if opening:
            place = _end_of_fence(lines, place, opening) + 1
            continue
        for tag in _DETAILS_TAG.finditer(_without_code(lines[place])):
            depth += -1 if tag[1] else 1
            if depth == 0:
                return place, tag
            # The time for a text with tags that have no ends stays in proportion to it.
            if depth > _DEEPEST:
                return None
        place += 1
    return None


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
    for _, paragraph in groupby(_without_comments(lines), key=_is_text):
        yield from _inert_paragraph(list(paragraph))


def _is_text(line: str) -> bool:
    return bool(line.strip(" \t"))


def _may_go_on(lines: list[str]) -> bool:
    """Whether code may begin in one of these lines and end in another."""
    return any("`" in _SPAN.sub("", line) for line in lines)


def _without_comments(lines: list[str]) -> Iterator[str]:
    """The lines without what is in comments, as far as these have an end; where code may be, they stay."""
    paragraphs = [list(paragraph) for _, paragraph in groupby(lines, key=_is_text)]
    clear = [is_clear for each in paragraphs for is_clear in [not _may_go_on(each)] * len(each)]
    last = max((place for place, line in enumerate(lines) if "-->" in line), default=-1)
    is_open = False
    for place, line in enumerate(lines):
        was_open, plain, shown, at = is_open, _without_code(line), "", 0
        while True:
            if is_open:
                end = line.find("-->", at)
                if end < 0:
                    break
                is_open, at = False, end + 3
            begun = _COMMENT.search(plain, at) if clear[place] and place <= last else None
            # `<!-->` and `<!--->` are comments, too.
            if not begun or (place == last and line.find("-->", begun.start() + 2) < 0):
                shown += line[at:]
                break
            shown, at, is_open, was_open = shown + line[at : begun.start()], begun.start() + 2, True, True
        if shown.strip() or not was_open:
            yield shown


def _inert_paragraph(lines: list[str]) -> Iterator[str]:
    goes_on = _may_go_on(lines)
    if not goes_on:
        lines = [line if _PICTURE.fullmatch(line) else _with_emphasis(line) for line in lines]
    tags = [[] if goes_on else list(_tags(line)) for line in lines]
    is_plain = not (goes_on or any(tags) or any(_SPECIAL.search(line) for line in lines))
    for line, found in zip(lines, tags, strict=True):
        if _PICTURE.fullmatch(line):
            yield line
            continue
        parts: list[str] = []
        place = 0
        whole = [(span, span[0] if is_plain else _disarm(span[0])) for span in _SPAN.finditer(line)]
        for atom, text in sorted([*whole, *found], key=lambda each: each[0].start()):
            parts += _escape(line[place : atom.start()]), text
            place = atom.end()
        yield "".join(parts) + _escape(line[place:])


def _tags(line: str) -> Iterator[tuple[re.Match[str], str]]:
    """Find the tags in a line that may stay, and what they become."""
    begun: list[re.Match[str]] = []
    for part in _PAIRED.finditer(_without_code(line)):
        name = (part["name"] or "").lower()
        if part["barrier"]:
            begun = []
        elif name == "br":
            yield part, _standing(line, part, "<br>")
        elif part["end"] == "":
            begun = [*begun, part][-_DEEPEST:]
        elif name:
            depth = next((at for at in reversed(range(len(begun))) if begun[at]["name"].lower() == name), None)
            if depth is not None:
                yield begun[depth], _standing(line, begun[depth], f"<{name}>")
                yield part, f"</{name}>"
                begun = begun[:depth]


def _standing(line: str, tag: re.Match[str], text: str) -> str:
    """Keep a tag from beginning a block of HTML."""
    return _INVISIBLE + text if _BEFORE_LINE.fullmatch(line, 0, tag.start()) else text


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


def _entity(character: re.Match[str]) -> str:
    return f"&#{ord(character[0])};"
