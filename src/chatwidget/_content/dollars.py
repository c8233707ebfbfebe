"""Dollar signs in Markdown that belong to no formula.

Readers of Markdown take other texts for formulas than the view does: JupyterLab makes one of "$5 to $10". So the view's
judgement decides here, by the same rules (`formulas`), and every other dollar sign is marked, to be escaped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from markdown_it import MarkdownIt

from .formulas import end_of_formula, formulas

if TYPE_CHECKING:
    from markdown_it.token import Token

_DOLLAR: Final = re.compile(r"\$|&(?:dollar|#0{0,5}36|#[xX]0{0,4}24);")
"""A dollar sign, or an entity that becomes one in the page, where JupyterLab looks for formulas."""
_SIGN: Final = re.compile(rf"[\\`]|{_DOLLAR.pattern}")
_TICKS: Final = re.compile("`+")
_parser: Final = MarkdownIt("commonmark", {"html": False}).enable("table").disable("reference").use(formulas)


def has_dollars(text: str) -> bool:
    """Return whether a text contains dollar signs.

    Args:
        text: The text.

    """
    return _DOLLAR.search(text) is not None


def marked(lines: list[str], mark: str) -> list[str]:
    """Replace each dollar sign outside formulas and code, with the backslash that escapes it.

    Args:
        lines: Lines of Markdown, without fenced code.
        mark: The replacement.

    Returns:
        The lines, as many as before.

    """
    tokens: list[Token] = []
    _parser.block.parse("\n".join(lines), _parser, {}, tokens)
    found: dict[int, list[bool]] = {}
    for token in tokens:
        if token.type == "inline" and token.map and has_dollars(token.content):
            first, bare = token.map[0], set(_bare(token.content))
            for index, line in enumerate(_dollars_by_line(token.content)):
                found.setdefault(first + index, []).extend(at in bare for at in line)
    return [_with_mark(line, found[index], mark) if index in found else line for index, line in enumerate(lines)]


def _dollars_by_line(content: str) -> Iterator[list[int]]:
    start = 0
    for line in content.split("\n"):
        yield [start + sign.start() for sign in _DOLLAR.finditer(line)]
        start += len(line) + 1


def _bare(content: str) -> Iterator[int]:
    """Yield the positions of the dollar signs outside formulas and code."""
    runs: dict[int, list[int]] = {}
    for run in _TICKS.finditer(content):
        runs.setdefault(len(run[0]), []).append(run.start())
    position = 0
    while (sign := _SIGN.search(content, position)) is not None:
        at = sign.start()
        position = end_of_formula(content, at) or _end_of_code(content, at, runs) or at + 1
        if position == at + 1 and sign[0] not in "\\`":
            yield at
        elif position == at + 1 and sign[0] == "\\":
            position = at + 2
            if content[at + 1 : position] == "$":
                yield at + 1


def _end_of_code(content: str, start: int, runs: dict[int, list[int]]) -> int | None:
    """Return the end of the code span, or of the backticks, at a position; None if there are none."""
    ticks = _TICKS.match(content, start)
    if not ticks:
        return None
    size = len(ticks[0])
    later = runs[size]
    while later and later[0] <= start:
        later.pop(0)
    return later[0] + size if later else ticks.end()


def _with_mark(line: str, are_bare: list[bool], mark: str) -> str:
    first, *rest = _DOLLAR.split(line)
    signs = _DOLLAR.findall(line)
    shown = [first]
    for is_bare, sign, text in zip(are_bare, signs, rest, strict=False):
        before = shown[-1]
        # An escaped dollar sign comes with its backslash.
        if is_bare and (len(before) - len(before.rstrip("\\"))) % 2:
            shown[-1] = before[:-1]
        shown += [mark if is_bare else sign, text]
    shown += map("".join, zip(signs[len(are_bare) :], rest[len(are_bare) :], strict=True))
    return "".join(shown)
