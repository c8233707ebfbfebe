"""Formulas in Markdown, recognized as in the view (`js/src/syntax/math_syntax.js`).

In an exported page they keep their exact source, as no code there renders it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from .markdown_lines import is_over, line_of

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.renderer import RendererHTML
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token
    from markdown_it.utils import EnvType, OptionsDict

_DISPLAYED: Final = {"$$": "$$", "\\[": "\\]"}
_SIGNS: Final = {
    "$$": (re.compile(r"\$\$"), "$$"),
    "\\(": (re.compile(r"\\[()]"), "\\)"),
    "\\[": (re.compile(r"\\[\[\]]"), "\\]"),
}
_ENVIRONMENT: Final = re.compile(
    r"\\begin\{(?:\w{0,9}(?:align|gather|matrix|cases|array)\w{0,9}|equation|multline|split|CD)\*?\}", re.ASCII
)
_HALVES: Final = re.compile(r"\\(begin|end)\{[^{}\n]*\}")
_DOLLAR: Final = re.compile(r"\\.|\$", re.DOTALL)
_NO_FORMULA: Final = re.compile(r"[0-9.,]+[kKmMbB]?[,;:]?\s+[^\W\d_]{2}|\{?[A-Z_][A-Z0-9_]+\}?[/:]|[^`]*`")
"""An amount before a word, a shell variable in a path, code."""
_NO_FORMULA_IN_WORD: Final = re.compile(r"\{?_?[A-Za-z]{3}|[0-9.,]+[kKmMbB]?\s|.*[^\w)\]}|'!]\Z|.*_\Z", re.DOTALL)
"""A variable, an amount, unfinished text."""
_LONGEST: Final = 5000
_MOST_LINES: Final = 200
_DEEPEST: Final = 8


def formulas(markdown: MarkdownIt) -> None:
    """Add the rules for formulas to a parser.

    Args:
        markdown: The parser.

    """
    markdown.inline.ruler.before("escape", "formula", _in_line)
    markdown.block.ruler.before(
        "fence", "formula", _on_lines, {"alt": ["paragraph", "reference", "blockquote", "list"]}
    )
    markdown.add_render_rule("formula", _render)


def _render(_: RendererHTML, tokens: Sequence[Token], index: int, __: OptionsDict, ___: EnvType) -> str:
    token = tokens[index]
    formula = f'<span class="formula">{html.escape(token.content)}</span>'
    return f"<p>{formula}</p>\n" if token.block else formula


def _in_line(state: StateInline, silent: bool) -> bool:
    end = end_of_formula(state.src, state.pos)
    if end is None:
        return False
    if not silent:
        state.push("formula", "", 0).content = state.src[state.pos : end]
    state.pos = end
    return True


def end_of_formula(source: str, start: int) -> int | None:
    """Return the end of the formula within a line that begins at a position, or None if there is none.

    Args:
        source: The text of a paragraph, a heading or a cell.
        start: The position.

    """
    end = _end(source, start)
    return end if end is not None and end - start <= _LONGEST else None


def _end(source: str, start: int) -> int | None:
    two = source[start : start + 2]
    if two in _SIGNS:
        sign, closing = _SIGNS[two]
        match = sign.search(source, start + 2)
        if not match or match[0] != closing or not source[start + 2 : match.start()].strip():
            return None
        return match.end()
    if two == "\\b":
        text = source[start : start + _LONGEST]
        depth, end = _nesting(text, 0) if _ENVIRONMENT.match(text) else (1, 0)
        return start + end if depth == 0 else None
    return _end_of_dollars(source, start) if two.startswith("$") else None


def _end_of_dollars(source: str, start: int) -> int | None:
    before, first = source[max(0, start - 1) : start], source[start + 1 : start + 2]
    if before == "$" or first in {"$", ""} or first.isspace():
        return None
    # `CO$_2$` and `5$\mu$m` are formulas, `US$5` is not.
    is_in_word = before.isascii() and before.isalnum()
    if is_in_word and first not in "\\^_":
        return None
    end = next((dollar for dollar in _DOLLAR.finditer(source, start + 1) if dollar[0] == "$"), None)
    if not end or source[end.start() - 1].isspace():
        return None
    formula, after = source[start + 1 : end.start()], source[end.end() : end.end() + 1]
    if re.match(r"[0-9{$]", after) or _NO_FORMULA.match(formula):
        return None
    if is_in_word and re.search(r"\s[A-Za-z]{2}", formula):
        return None
    goes_on = after.isascii() and after.isalpha()
    return None if goes_on and _NO_FORMULA_IN_WORD.match(formula) else end.end()


def _nesting(text: str, depth: int) -> tuple[int, int]:
    """Follow environments to the end of the outermost one, or of the text.

    Return how many are open there, and the position.
    """
    for half in _HALVES.finditer(text):
        depth += 1 if half[1] == "begin" else -1
        if depth <= 0 or depth > _DEEPEST:
            return depth, half.end()
    return depth, len(text)


def _on_lines(state: StateBlock, first: int, last: int, silent: bool) -> bool:
    if state.is_code_block(first):
        return False
    text = line_of(state, first)
    if silent and _ENVIRONMENT.match(text) and _nesting(text, 0)[0] > 0:
        return True
    end = _last_line(state, first, last)
    if end is None:
        return False
    if not silent:
        state.line = end + 1
        token = state.push("formula", "", 0)
        token.block = True
        token.map = [first, state.line]
        token.content = state.getLines(first, state.line, state.blkIndent, False).strip()
    return True


def _last_line(state: StateBlock, first: int, last: int) -> int | None:
    text = line_of(state, first)
    if _ENVIRONMENT.match(text):
        return _ending_line(state, first, last)
    closing = _DISPLAYED.get(text[:2])
    if closing is None:
        return None
    if len(text) == len(closing):
        return _closing_line(state, first, last, closing)
    return first if len(text) > 2 * len(closing) and text.find(closing, 2) == len(text) - 2 else None


def _ending_line(state: StateBlock, first: int, last: int) -> int | None:
    """Return the line that ends an environment, with at most a punctuation mark after it."""
    depth = 0
    for line in range(first, min(last, first + _MOST_LINES + 1)):
        if state.isEmpty(line) or is_over(state, line):
            return None
        text = line_of(state, line)
        depth, end = _nesting(text, depth)
        if depth == 0:
            return line if re.fullmatch(r"[.,;:]?", text[end:]) else None
        if depth > _DEEPEST:
            return None
    return None


def _closing_line(state: StateBlock, first: int, last: int, closing: str) -> int | None:
    for line in range(first + 1, min(last, first + _MOST_LINES + 1)):
        text = line_of(state, line)
        if state.isEmpty(line) or is_over(state, line) or text == "\\[":
            return None
        if closing in text:
            return line if text.find(closing) == len(text) - 2 else None
    return None
