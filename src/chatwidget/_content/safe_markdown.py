"""Model output as safe Markdown for notebooks: no raw HTML, no remote images, no links except to the Web.

An image with embedded data stays an image. A few HTML tags stay, too, as in the view: without attributes, and only if
both halves are in one line, so that none reaches further than it should. `<details>` at the margin becomes a block that
folds, and comments are left out. Footnotes and alerts, which most notebook front ends do not know, become raised labels
and titles. Beside Chinese, Japanese and Korean text, some characters are written as entities if
other parsers would not recognise emphasis. A dollar sign stays only in what the view sees as a formula.

Notebook front ends render raw HTML in Markdown outputs, and some things that their sanitisers let through (a button
that runs a JupyterLab command, a remote image) are not for a model to use. They also differ in their rules for code, so
no single set of rules is followed here: fences are detected liberally and written again so that all parsers agree; code
in a line stays unchanged if nothing in its paragraph could be read differently, and otherwise an invisible character
keeps it from being a tag.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby, pairwise
from typing import Final, NamedTuple, TypeAlias

from .. import _content
from .emphasis import can_open_and_close, commonmark_can_open_and_close
from .fences import fence_around

ShowImage: TypeAlias = Callable[[str, str], str]
"""Returns the Markdown of an image, given its alternative text and its data URL."""

# After any quotes, list marks and spaces: the beginning of a fence, and the possible name of its language.
_FENCE: Final = re.compile(
    r"((?:[ \t>]|(?:[-*+]|\d{1,9}[.)])[ \t])*)(`{3,}(?=[^`]*$)|~{3,})[ \t]*([\w+#.-]*)", re.ASCII
)
_SPAN: Final = re.compile(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)")
_ELSEWHERE: Final = r"\((?!https?://|mailto:)"
"""The beginning of a link address outside the Web: a script, a file, a command of the host."""
_RISKY: Final = re.compile(
    rf"(?<!\\)(\\*)(<(?=[A-Za-z/!?])|!(?=\[)|:(?<=\]:)|(?<=\]){_ELSEWHERE}|`{{3,}}|~{{3,}})", re.IGNORECASE
)
"""Possible beginnings of a tag, an image, a link, a fence, a definition (whose title may swallow a fence line)."""
_RISKY_IN_CODE: Final = re.compile(rf"<(?=[A-Za-z/!?])|!(?=\[)|\](?=:|{_ELSEWHERE})", re.IGNORECASE)
_IMAGE: Final = re.compile(
    r"(?<!\\)!\[([^][\\<>`\n]*)\]\((data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=]+)\)", re.IGNORECASE
)
"""An image with embedded data."""
_PLAIN_NAME: Final = re.compile(r"[\w .,:;()%/+-]*")
_SPECIAL: Final = re.compile(r"[\\$\ufdd0~|@^{}]|\]\(|\]:|://|www\.", re.IGNORECASE)
"""Escapes, math, tables, links: here parsers disagree on whether a backtick is one."""
_INVISIBLE: Final = "\u200b"
_DOLLAR: Final = "\ufdd0"
"""A mark for a dollar sign that must stay one: a character that no text has."""
_ADDRESS: Final = re.compile(r"https?://[^\s<>]*", re.IGNORECASE)
_NOTE: Final = re.compile(r"^ {0,3}\[\^([^\[\]\s]{1,50})\]:(?=[ \t]*\S)", re.MULTILINE)
"""The beginning of a footnote."""
_REFERENCE: Final = re.compile(r"(?<!\\)\[\^([^\[\]\s]{1,50})\]")
_ALERT: Final = re.compile(r" {0,3}> ?\[!(note|tip|important|warning|caution)\][ \t]*\Z", re.IGNORECASE)
_RUN: Final = re.compile(r"\\.|\*+|~{2,}")
"""Possible beginnings and ends of emphasis, and escaped characters, which are neither."""
_PAIRED: Final = re.compile(
    r"(?<!\\)<(?P<end>/?)(?P<name>br|kbd|mark|sub|sup|u)(?:[ \t/][^<>]*)?>"
    r"|\[[^][<>|\\]*\]\(https?://[^\s()<>]*\)"
    r"|(?P<barrier>[|$\ufdd0\\]|\]\()",
    re.IGNORECASE,
)
"""A tag, a whole link, or other text that may separate the halves of an element."""
_BEFORE_LINE: Final = re.compile(r"[\s>]*(?:(?:[-*+]|[0-9]{1,9}[.)])\s+)*")
_COMMENT: Final = re.compile(r"(?<!\\)<!--")
_DETAILS: Final = re.compile(r" {0,3}<details(?:[ \t/][^<>]*)?>", re.IGNORECASE)
_DETAILS_TAG: Final = re.compile(r"(?<!\\)<(/?)details(?:[ \t/][^<>]*)?>", re.IGNORECASE)
_SUMMARY: Final = re.compile(
    r"\s*<summary(?:[ \t/][^<>]*)?>((?:(?!\n\s*\n).)*?)</summary\s*>", re.IGNORECASE | re.DOTALL
)
_SIGNS: Final = re.compile(r"[!-&(-+/:<-@[-`{-~]")
_DEEPEST: Final = 8
"""How many elements of one kind may be nested."""


class _Rules(NamedTuple):
    """What is not the same for every text."""

    show: ShowImage
    notes: frozenset[str]
    """The labels of its footnotes."""


class _Details(NamedTuple):
    title: str
    content: list[str]
    rest: str
    end: int


def embedded(alt: str, url: str) -> str:
    """Return the Markdown of an image with its data.

    Args:
        alt: The alternative text.
        url: The data URL.

    """
    return f"![{alt}]({url})"


def safe_markdown(text: str, show: ShowImage = embedded) -> str:
    """Turn raw HTML, remote images and links outside the Web into plain text. Code is displayed as it is.

    Args:
        text: Markdown of a model.
        show: A function for images with embedded data.

    """
    rules = _Rules(show, frozenset(label.lower() for label in _NOTE.findall(text)))
    return "\n".join(_safe_lines(text.splitlines(), 0, rules)).strip("\n")


def _safe_lines(lines: list[str], folds: int, rules: _Rules) -> list[str]:
    """Make lines within `folds` folded blocks safe."""
    shown: list[str] = []
    index = 0
    while index < len(lines):
        opening = _FENCE.match(lines[index])
        details = _details(lines, index) if folds < _DEEPEST else None
        if opening:
            end = _end_of_fence(lines, index, opening)
            shown += ["", *_refenced(lines[index + 1 : end], opening), ""]
            end += 1
        elif details:
            summary = [f"<summary>{entity_encoded(details.title)}</summary>"] if details.title else []
            content = _safe_lines(details.content, folds + 1, rules)
            shown += ["", "<details>", *summary, "", *content, "", "</details>", "", *_inert([details.rest], rules)]
            end = details.end + 1
        else:
            end = next(
                (
                    other
                    for other in range(index + 1, len(lines))
                    if _FENCE.match(lines[other]) or (folds < _DEEPEST and _details(lines, other))
                ),
                len(lines),
            )
            shown += _inert(lines[index:end], rules)
        index = end
    return shown


def entity_encoded(text: str) -> str:
    """Return text that no front end takes for HTML, Markdown or a formula, for the title of a folded block.

    Args:
        text: Plain text.

    """
    return _SIGNS.sub(_entity, text)


def split_code(text: str) -> Iterator[tuple[str | None, str]]:
    """Split a text into Markdown and code blocks.

    An indented block, as in a list or a quote, is part of the Markdown.

    Args:
        text: Markdown text.

    Yields:
        The parts: Markdown with None, code blocks with the name of their language, which may be "".

    """
    lines = text.splitlines()
    index = start = 0
    while index < len(lines):
        opening = _FENCE.match(lines[index])
        if not opening:
            index += 1
            continue
        end = _end_of_fence(lines, index, opening)
        if not opening[1]:
            yield None, "\n".join(lines[start:index])
            yield opening[3], "\n".join(lines[index + 1 : end])
            start = end + 1
        index = end + 1
    yield None, "\n".join(lines[start:])


def _end_of_fence(lines: list[str], start: int, opening: re.Match[str]) -> int:
    """Return the index of the line that closes the fence opened at `start`, or the end of the text."""
    closing = re.compile(rf"[ \t>]{{0,{len(opening[1]) + 3}}}{opening[2]}{opening[2][0]}*[ \t]*")
    return next((index for index in range(start + 1, len(lines)) if closing.fullmatch(lines[index])), len(lines))


def _details(lines: list[str], start: int) -> _Details | None:
    """Return the folded block that begins at a line, if there is one and it has an end."""
    beginning = _DETAILS.match(lines[start])
    closing = _end_of_details(lines, start) if beginning else None
    if not beginning or not closing:
        return None
    end, tag = closing
    content = lines[start : end + 1]
    content[-1] = lines[end][: tag.start()]
    content[0] = content[0][beginning.end() :]
    inner = "\n".join(content)
    summary = _SUMMARY.match(inner)
    inner = textwrap.dedent(inner[summary.end() :] if summary else inner)
    title = " ".join(summary[1].split()) if summary else ""
    return _Details(title, inner.split("\n"), lines[end][tag.end() :].strip(), end)


def _end_of_details(lines: list[str], start: int) -> tuple[int, re.Match[str]] | None:
    depth, index = 0, start
    while index < len(lines):
        opening = _FENCE.match(lines[index])
        if opening:
            index = _end_of_fence(lines, index, opening) + 1
            continue
        for tag in _DETAILS_TAG.finditer(_without_code(lines[index])):
            depth += -1 if tag[1] else 1
            if depth == 0:
                return index, tag
            # Keeps the time linear for a text with tags that have no ends.
            if depth > _DEEPEST:
                return None
        index += 1
    return None


def _without_code(line: str) -> str:
    """Replace the code in a line by backticks."""
    return _SPAN.sub(lambda code: "`" * len(code[0]), line)


def _refenced(lines: list[str], opening: re.Match[str]) -> Iterator[str]:
    """Yield lines at the margin in a fence that nothing in them can close."""
    prefix = opening[1]
    indent = re.compile(rf"{re.escape(prefix)}|[ ]{{0,{len(prefix)}}}")
    fence = fence_around("\n".join(lines))
    # Notebook front ends draw these, and nbconvert treats their content as HTML.
    yield fence + ("" if opening[3].lower().startswith("mermaid") else opening[3])
    yield from (indent.sub("", line, count=1) for line in lines)
    yield fence


def _inert(lines: list[str], rules: _Rules) -> Iterator[str]:
    """Yield the lines outside fences, made safe paragraph by paragraph."""
    lines = list(_with_titles(_without_comments(lines)))
    if any(map(_content.dollars.has_dollars, lines)):
        lines = _content.dollars.marked([line.replace(_DOLLAR, "") for line in lines], _DOLLAR)
    for _, group in groupby(lines, key=_is_text):
        paragraph = list(group)
        # JupyterLab looks for formulas in the page, where a backslash is gone, but in no more than one element at once.
        is_alone = sum(line.count("$") + line.count(_DOLLAR) for line in paragraph) == 1
        for line in _inert_paragraph(paragraph, rules):
            yield _ADDRESS.sub(_encoded, line).replace(_DOLLAR, r"\$" if is_alone else r"<span>\$</span>")


def _is_text(line: str) -> bool:
    return bool(line.strip(" \t"))


def _may_go_on(lines: list[str]) -> bool:
    """Return True if code may begin in one of these lines and end in another."""
    return any("`" in _SPAN.sub("", line) for line in lines)


def _without_comments(lines: list[str]) -> Iterator[str]:
    """Yield the lines without comments that have an end. If there may be code, comments stay."""
    paragraphs = [list(paragraph) for _, paragraph in groupby(lines, key=_is_text)]
    clear = [is_clear for paragraph in paragraphs for is_clear in [not _may_go_on(paragraph)] * len(paragraph)]
    last = max((index for index, line in enumerate(lines) if "-->" in line), default=-1)
    is_open = False
    for index, line in enumerate(lines):
        was_open, plain, shown, at = is_open, _without_code(line), "", 0
        while True:
            if is_open:
                end = line.find("-->", at)
                if end < 0:
                    break
                is_open, at = False, end + 3
            begun = _COMMENT.search(plain, at) if clear[index] and index <= last else None
            # `<!-->` and `<!--->` are comments, too.
            if not begun or (index == last and line.find("-->", begun.start() + 2) < 0):
                shown += line[at:]
                break
            shown, at, is_open, was_open = shown + line[at : begun.start()], begun.start() + 2, True, True
        if shown.strip() or not was_open:
            yield shown


def _inert_paragraph(lines: list[str], rules: _Rules) -> Iterator[str]:
    goes_on = _may_go_on(lines)
    if not goes_on:
        lines = [line if _IMAGE.search(line) else _with_emphasis(line) for line in lines]
    tags = [[] if goes_on else list(_tags(line)) for line in lines]
    is_plain = not (goes_on or any(tags) or any(_SPECIAL.search(line) for line in lines))
    for line, line_tags in zip(lines, tags, strict=True):
        parts: list[str] = []
        position = 0
        whole = [(span, span[0] if is_plain else _disarm(span[0])) for span in _SPAN.finditer(line)]
        images = [] if goes_on and not _IMAGE.fullmatch(line) else list(_images(line, rules.show))
        notes = [] if goes_on or not rules.notes else list(_notes(line, rules.notes))
        for atom, text in sorted([*whole, *line_tags, *images, *notes], key=lambda pair: pair[0].start()):
            if atom.start() >= position:
                parts += _escape(line[position : atom.start()]), text
                position = atom.end()
        yield "".join(parts) + _escape(line[position:])


def _with_titles(lines: Iterable[str]) -> Iterator[str]:
    """Yield lines with titles in place of the markers of alerts, and each footnote as a paragraph of its own."""
    before = ""
    for line, following in pairwise([*lines, ""]):
        alert = _ALERT.match(line) if not before.lstrip().startswith(">") else None
        if alert and following.lstrip(" ").startswith(">"):
            yield from (f"> **{alert[1].capitalize()}**", ">")
        else:
            yield from ("", line) if _NOTE.match(line) and _is_text(before) else (line,)
        before = line


def _notes(line: str, labels: frozenset[str]) -> Iterator[tuple[re.Match[str], str]]:
    """Yield the footnotes that begin or are referred to in a line, each with its label."""
    plain = _without_code(line)
    beginning = _NOTE.match(plain)
    if beginning:
        yield beginning, f"{_INVISIBLE}{_raised(beginning[1])}"
    for reference in _REFERENCE.finditer(plain, beginning.end() if beginning else 0):
        if reference[1].lower() in labels:
            yield reference, _standing(line, reference, _raised(reference[1]))


def _raised(label: str) -> str:
    return f"<sup>{_SIGNS.sub(_entity, label)}</sup>"


def _images(line: str, show: ShowImage) -> Iterator[tuple[re.Match[str], str]]:
    """Yield the images in a line that have their data, each with its Markdown."""
    for image in _IMAGE.finditer(_without_code(line)) if "](" in line else ():
        alt = image[1] if _PLAIN_NAME.fullmatch(image[1]) else _SIGNS.sub(_entity, image[1])
        yield image, show(alt, image[2])


def _tags(line: str) -> Iterator[tuple[re.Match[str], str]]:
    """Yield the tags in a line that may stay, each with its replacement."""
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
    """Write the neighbours of `*` or `~` as entities if these mark emphasis that strict CommonMark would miss."""
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


def _encoded(address: re.Match[str]) -> str:
    return address[0].replace(_DOLLAR, "%24")


def _entity(character: re.Match[str]) -> str:
    return f"&#{ord(character[0])};"
