"""Questions about the cell that failed last and the cell that ran last."""

from __future__ import annotations

import linecache
import sys
import traceback
from collections.abc import Callable
from typing import Any, Final

from .._content.fences import fenced
from .._errors import SettingsError
from .._notebook.cells import cells_of
from .._widget.api import is_chat

_LONGEST: Final = 6_000
"""Maximum length of a traceback in characters. Its end is the most useful part."""


def fix(shell: Any, mask: Callable[[str], str]) -> str:
    """Return a question about the error of the cell that failed last.

    Args:
        shell: The IPython shell.
        mask: Masks secrets in a text.

    Returns:
        The question, with the cell and its traceback.

    Raises:
        SettingsError: If no cell has failed yet.

    """
    error = getattr(sys, "last_value", None)
    if not isinstance(error, BaseException):
        message = "no cell has failed yet, so there is nothing to fix"
        raise SettingsError(message)
    trace = mask("".join(traceback.format_exception(error)))
    trace = trace if len(trace) <= _LONGEST else f"…{trace[-_LONGEST:]}"
    source = mask(_source_of(error, shell))
    cell = f"This cell failed:\n\n{fenced(source, 'python')}\n\n" if source else ""
    failure = f"This is the error:\n\n{fenced(trace.rstrip())}"
    return f"{cell}{failure}\n\nExplain what is wrong, and give the whole corrected cell."


def explain(shell: Any, mask: Callable[[str], str]) -> str:
    """Return a question about the cell that ran last, except for cells that ask or show a chat.

    Args:
        shell: The IPython shell.
        mask: Masks secrets in a text.

    Returns:
        The question, with the cell.

    Raises:
        SettingsError: If no cell has run yet.

    """
    cell = next(cells_of(shell, is_chat), None)
    if cell is None:
        message = "no cell has run yet, so there is nothing to explain"
        raise SettingsError(message)
    return f"Explain what this cell does:\n\n{fenced(mask(cell.source), 'python')}"


def _source_of(error: BaseException, shell: Any) -> str:
    """Return the source of the cell that failed: the outermost frame of the traceback that is in a cell."""
    file_names = [frame.f_code.co_filename for frame, _ in traceback.walk_tb(error.__traceback__)]
    if isinstance(error, SyntaxError) and error.filename:
        file_names = [error.filename]
    names = getattr(shell.compile, "_filename_map", {})
    cell = next((file_name for file_name in file_names if file_name in names), None)
    return "".join(linecache.getlines(cell)).rstrip() if cell is not None else ""
