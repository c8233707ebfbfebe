"""The HTML allowed in Markdown of an exported page: a few tags without attributes, and comments, which are not shown.

These are the rules of the view (`html_tags.js` and `details.js` in `js/src/syntax/`) for markdown-it-py.
All other HTML is text.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from .._content.markdown_lines import is_over, line_of, start_of

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token

_TAG: Final = re.compile(r"<(/?)(br|kbd|mark|sub|sup|u)(?:[ \t\n/][^<>]*)?>", re.IGNORECASE)
_DETAILS: Final = re.compile(r"<details(?:[ \t/][^<>]*)?>", re.IGNORECASE)
_DETAILS_TAGS: Final = re.compile(r"(?<!\\)<(/?)details(?:[ \t/][^<>]*)?>", re.IGNORECASE)
_SUMMARY: Final = re.compile(r"<summary(?:[ \t/][^<>]*)?>", re.IGNORECASE)
_SUMMARY_END: Final = re.compile(r"</summary\s*>", re.IGNORECASE)
_FENCE: Final = re.compile(r"[\s>]*(?:(?:[-*+]|[0-9]{1,9}[.)])\s+)*(`{3,}(?=[^`]*$)|~{3,})")
_CODE_SPAN: Final = re.compile(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)")
_DEEPEST: Final = 8
"""The most elements of a kind within each other."""
_MOST_LINES: Final = 500
"""The most lines of a comment."""


def tags(markdown: MarkdownIt) -> None:
    """Add the rules for tags and comments to a parser.

    Args:
        markdown: The parser.

    """
    markdown.block.ruler.before("fence", "details", _fold, {"alt": ["paragraph", "reference", "blockquote"]})
    markdown.block.ruler.before("fence", "comment", _comment_lines)
    markdown.inline.ruler.before("autolink", "comment", _comment)
    markdown.inline.ruler.before("autolink", "tag", _tag)
    markdown.inline.ruler2.before("fragments_join", "tag", _pair_tags)


def _tag(state: StateInline, silent: bool) -> bool:
    """Add a tag as text, until its other half is found."""
    tag = _TAG.match(state.src, state.pos, state.posMax)
    if not tag:
        return False
    state.pos = tag.end()
    if silent:
        return True
    name = tag[2].lower()
    if name == "br":
        state.push("hardbreak", "br", 0)
        return True
    token = state.push("text", "", 0)
    token.content = tag[0]
    token.meta = {"name": name, "ends": bool(tag[1])}
    return True


def _pair_tags(state: StateInline) -> None:
    """Turn tags into elements if both halves are within the same emphasis or link. All others stay text."""
    outer: list[list[Token]] = []
    begun: list[Token] = []
    for token in state.tokens:
        if token.nesting > 0:
            outer.append(begun)
            begun = []
        elif token.nesting < 0:
            begun = outer.pop() if outer else []
        elif token.type == "text" and "name" in token.meta:
            begun = _pair(begun, token) if token.meta["ends"] else [*begun, token][-_DEEPEST:]


def _pair(begun: list[Token], end: Token) -> list[Token]:
    """Make an element of an end tag and the last open tag of its name. Return the tags that are still open."""
    for index in reversed(range(len(begun))):
        start = begun[index]
        if start.meta["name"] == end.meta["name"]:
            for token, half, nesting in ((start, "open", 1), (end, "close", -1)):
                token.type, token.tag, token.content = f"{token.meta['name']}_{half}", token.meta["name"], ""
                token.nesting = 1 if nesting > 0 else -1
            return begun[:index]
    return begun


def _comment(state: StateInline, _silent: bool) -> bool:
    # `<!-->` and `<!--->` are comments, too.
    if not state.src.startswith("<!--", state.pos) or _last_comment_end(state.src) < state.pos + 2:
        return False
    end = state.src.find("-->", state.pos + 2, state.posMax)
    if end < 0:
        return False
    state.pos = end + 3
    return True


@lru_cache(maxsize=1)
def _last_comment_end(text: str) -> int:
    """Return the position of the last end of a comment, or -1."""
    # It is cached, so that a text full of unfinished comments is searched once.
    return text.rfind("-->")


def _comment_lines(state: StateBlock, first: int, last: int, _silent: bool) -> bool:
    """Skip lines that consist only of comments."""
    if state.is_code_block(first):
        return False
    is_open = False
    for line in range(first, min(last, first + _MOST_LINES + 1)):
        if is_over(state, line):
            return False
        text = line_of(state, line)
        while text:
            if not is_open and not text.startswith("<!--"):
                return False
            end = text.find("-->", 0 if is_open else 2)
            is_open = end < 0
            text = "" if is_open else text[end + 3 :].lstrip()
        if not is_open:
            state.line = line + 1
            return True
    return False


class _Place(NamedTuple):
    line: int
    at: int
    after: int


def _fold(state: StateBlock, first: int, last: int, silent: bool) -> bool:
    """Make a folded block of the lines from `<details>` to `</details>`."""
    beginning = _DETAILS.match(line_of(state, first))
    folds = state.env.get("folds", 0)
    if not beginning or folds == _DEEPEST or state.is_code_block(first):
        return False
    if silent:
        return True
    end = _end_of_details(state, first, last)
    if not end:
        return False
    state.push("details_open", "details", 1).map = [first, end.line + 1]
    state.env["folds"] = folds + 1
    _put_content(state, _Place(first, 0, start_of(state, first) + beginning.end()), end)
    state.env["folds"] = folds
    state.push("details_close", "details", -1)
    rest = state.src[end.after : state.eMarks[end.line]].strip()
    if rest:
        _put_line(state, "paragraph", "p", rest)
    state.line = end.line + 1
    return True


def _end_of_details(state: StateBlock, first: int, last: int) -> _Place | None:
    depth, fence = 0, ""
    for line in range(first, last):
        if is_over(state, line):
            return None
        text = line_of(state, line)
        if fence:
            if _closes(text, fence):
                fence = ""
            continue
        opening = _FENCE.match(text)
        if opening:
            fence = opening[1]
            continue
        for tag in _DETAILS_TAGS.finditer(_CODE_SPAN.sub(lambda code: "." * len(code[0]), text)):
            depth += -1 if tag[1] else 1
            start = start_of(state, line)
            if depth == 0:
                return _Place(line, start + tag.start(), start + tag.end())
            # The limit keeps the time for a text full of unclosed tags linear.
            if depth > _DEEPEST:
                return None
    return None


def _closes(line: str, fence: str) -> bool:
    signs = re.sub(r"^[\s>]*", "", line)
    return len(signs) >= len(fence) and not signs.strip(fence[0])


def _put_content(state: StateBlock, begin: _Place, end: _Place) -> None:
    """Parse the text between two places as blocks of its own, however far it is indented."""
    indent, line_max, tight = state.blkIndent, state.lineMax, state.tight
    marks = state.bMarks, state.tShift, state.sCount, state.eMarks
    state.lineMax = end.line + 1
    title, start = _summary(state, begin, end) or (None, begin)
    kept = [(line, [mark[line] for mark in marks]) for line in (start.line, end.line)]
    state.eMarks[end.line] = end.at
    if title is not None:
        _put_line(state, "summary", "summary", title)
    left = state.src[start.after : state.eMarks[start.line]]
    state.bMarks[start.line] = start.after
    state.tShift[start.line] = len(left) - len(left.lstrip())
    indents = [state.sCount[line] for line in range(start.line + 1, state.lineMax) if not state.isEmpty(line)]
    state.blkIndent = state.sCount[start.line] = min(indents, default=indent)
    state.md.block.tokenize(state, start.line, state.lineMax)
    for line, values in kept:
        for mark, value in zip(marks, values, strict=True):
            mark[line] = value
    state.blkIndent, state.lineMax, state.tight = indent, line_max, tight


def _summary(state: StateBlock, begin: _Place, end: _Place) -> tuple[str, _Place] | None:
    """Return the title at the start of the text between two places, and its own place."""

    def start(line: int) -> int:
        return begin.after if line == begin.line else start_of(state, line)

    def text_of(line: int) -> str:
        return state.src[start(line) : end.at if line == end.line else state.eMarks[line]]

    first = next((line for line in range(begin.line, end.line + 1) if text_of(line).strip()), end.line)
    beginning = _SUMMARY.match(text_of(first))
    if not beginning:
        return None
    parts: list[str] = []
    for line in range(first, end.line + 1):
        skipped = beginning.end() if line == first else 0
        text = text_of(line)[skipped:]
        closing = _SUMMARY_END.search(text)
        parts.append(text[: closing.start()].strip() if closing else text.strip())
        if closing:
            at = start(line) + skipped
            return "\n".join(parts).strip(), _Place(line, at + closing.start(), at + closing.end())
        if not text.strip() and line > first:
            return None
    return None


def _put_line(state: StateBlock, name: str, tag: str, content: str) -> None:
    state.push(f"{name}_open", tag, 1)
    token = state.push("inline", "", 0)
    token.content, token.children = content, []
    state.push(f"{name}_close", tag, -1)
