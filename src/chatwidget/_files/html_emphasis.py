"""Emphasis beside Chinese, Japanese and Korean text in an exported page: `_content.emphasis` for markdown-it-py."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markdown_it.parser_inline import ParserInline
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Scanned

from .._content.emphasis import can_open_and_close

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token
    from markdown_it.utils import EnvType


def emphasis(markdown: MarkdownIt) -> None:
    """Add the rule for emphasis to one parser.

    Args:
        markdown: The parser.

    """
    parser = _Parser()
    parser.ruler, parser.ruler2 = markdown.inline.ruler, markdown.inline.ruler2
    markdown.inline = parser


class _Parser(ParserInline):
    def parse(self, src: str, md: MarkdownIt, env: EnvType, tokens: list[Token]) -> list[Token]:
        state = _State(src, md, env, tokens)
        self.tokenize(state)
        for rule in self.ruler2.getRules(""):
            rule(state)
        return state.tokens


class _State(StateInline):
    def scanDelims(self, start: int, canSplitWord: bool) -> Scanned:  # noqa: N802, N803 the parser's names
        length = super().scanDelims(start, canSplitWord).length
        end = start + length
        before, after = self.src[max(0, start - 2) : start], self.src[end : min(end + 1, self.posMax)]
        return Scanned(*can_open_and_close(before, after, in_words=canSplitWord), length)
