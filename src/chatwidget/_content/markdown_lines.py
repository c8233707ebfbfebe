"""Access to the lines of a block in rules for markdown-it-py."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it.rules_block import StateBlock


def line_of(state: StateBlock, line: int) -> str:
    """Return the text of a line within its quotation or list.

    Args:
        state: The state of the parser.
        line: The number of the line.

    """
    return state.src[start_of(state, line) : state.eMarks[line]].rstrip()


def start_of(state: StateBlock, line: int) -> int:
    """Return the position at which the text of a line begins.

    Args:
        state: The state of the parser.
        line: The number of the line.

    """
    return state.bMarks[line] + state.tShift[line]


def is_over(state: StateBlock, line: int) -> bool:
    """Return whether a line is outside of the quotation or list of the lines before it.

    Args:
        state: The state of the parser.
        line: The number of the line.

    """
    return not state.isEmpty(line) and state.sCount[line] < state.blkIndent
