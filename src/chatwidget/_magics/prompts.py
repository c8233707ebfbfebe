"""Questions about the cell that failed last and the cell that ran last."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import Any, Final

from .._content.fences import fenced
from .._errors import SettingsError
from .._notebook.cells import cells_of
from .._notebook.failures import Failure
from .._widget.api import is_chat

_LONGEST: Final = 6_000
"""Maximum length of a traceback in characters. Its end is the most useful part."""


def fix(failure: Failure, mask: Callable[[str], str]) -> str:
    """Return a question about the error of the cell that failed last.

    Args:
        failure: The failure.
        mask: Masks secrets in a text.

    Returns:
        The question, with the cell and its traceback.

    Raises:
        SettingsError: If no cell has failed yet.

    """
    failure.update()
    if failure.error is None:
        message = "no cell has failed yet, so there is nothing to fix"
        raise SettingsError(message)
    trace = mask("".join(traceback.format_exception(failure.error)))
    trace = trace if len(trace) <= _LONGEST else f"…{trace[-_LONGEST:]}"
    source = mask(failure.source)
    cell = f"This cell failed:\n\n{fenced(source, 'python')}\n\n" if source else ""
    error = f"This is the error:\n\n{fenced(trace.rstrip())}"
    return f"{cell}{error}\n\nExplain what is wrong, and end with the whole corrected cell as one block of Python code."


def explain(shell: Any, mask: Callable[[str], str]) -> str:
    """Return a question about the cell that ran last, except for cells that belong to a chat.

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
