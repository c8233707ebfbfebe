"""The error of the cell that failed last, for `%chat fix`."""

from __future__ import annotations

import linecache
import sys
import traceback
from collections.abc import Callable
from typing import Any

from IPython.core.error import UsageError

from .._errors import ChatWidgetError
from .own_cells import OwnCells


class Failure:
    """The error of the cell that failed last, except for questions that failed or were mistyped.

    IPython keeps only the very last error, so `update` must be called before each cell.

    Args:
        shell: The IPython shell.
        is_chat: Whether a value is a chat.

    """

    def __init__(self, shell: Any, is_chat: Callable[[object], bool]) -> None:
        self._shell = shell
        self._is_chat = is_chat
        self._seen: object = None
        self.error: BaseException | None = None
        """The error; None if no cell has failed yet."""
        self.update()

    def update(self, _: object = None) -> None:
        """Take over the last error of IPython, unless it came from a question of the chat."""
        error = getattr(sys, "last_value", None)
        if error is not self._seen and isinstance(error, BaseException):
            self._seen = error
            if not self._is_refusal(error):
                self.error = error

    @property
    def source(self) -> str:
        """The source of the cell that failed; empty if it is unknown."""
        return self._source_of(self.error) if self.error is not None else ""

    def _is_refusal(self, error: BaseException) -> bool:
        """Return whether an error is that of a question, rather than of code in the same cell."""
        # An interrupt is no Exception.
        is_code = isinstance(error, Exception) and not isinstance(error, UsageError | ChatWidgetError | SyntaxError)
        return not is_code and OwnCells(self._shell, self._is_chat).includes(self._source_of(error))

    def _source_of(self, error: BaseException) -> str:
        """Return the source of the outermost frame of the traceback that is in a cell."""
        file_names = [frame.f_code.co_filename for frame, _ in traceback.walk_tb(error.__traceback__)]
        if isinstance(error, SyntaxError) and error.filename:
            file_names = [error.filename]
        names = getattr(self._shell.compile, "_filename_map", {})
        cell = next((file_name for file_name in file_names if file_name in names), None)
        return "".join(linecache.getlines(cell)).rstrip() if cell is not None else ""
