"""The lines of a block, as rules for markdown-it-py look at them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it.rules_block import StateBlock


def line_of(state: StateBlock, line: int) -> str:
    """Return what a line has within its quotation or list."""
    return state.src[start_of(state, line) : state.eMarks[line]].rstrip()


def start_of(state: StateBlock, line: int) -> int:
    return state.bMarks[line] + state.tShift[line]


def is_over(state: StateBlock, line: int) -> bool:
    """Whether a line is outside of the quotation or list that the lines before it are in."""
    return not state.isEmpty(line) and state.sCount[line] < state.blkIndent
