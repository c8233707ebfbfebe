"""What a function of the user prints, and the traceback of its failure: kept for the user, never sent to a model.

What is printed still appears where it would appear without this module, such as below the cell that asked.
"""

from __future__ import annotations

import functools
import os
import sys
import threading
import traceback
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path
from typing import Any, Final

from IPython import get_ipython

_OUR_FILES: Final = f"{Path(__file__).parents[1]}{os.sep}"
_MAX_BEGINNING: Final = 6_000
_MAX_END: Final = 4_000
"""Characters that are kept of a long text. The end has the error."""

_current: ContextVar[CallLog | None] = ContextVar("call_log", default=None)


class CallLog:
    """The output of one call, as a terminal would show it: what it prints, then the traceback if it fails."""

    def __init__(self) -> None:
        self._printed = _Lines()
        self._traceback = _Lines()
        self._line = ""
        """The last line, which may still grow, or be overwritten by a progress bar."""
        self._lock = threading.Lock()
        self._is_closed = False

    @contextmanager
    def recorded(self) -> Iterator[None]:
        """Record what is printed in this context, and on threads that are started in it."""
        _install_hooks()
        token = _current.set(self)
        try:
            yield
        finally:
            _current.reset(token)

    def write(self, text: str) -> None:
        """Add text that was printed. Does nothing once the log is closed.

        Args:
            text: The text.

        """
        with self._lock:
            if self._is_closed:
                return
            *lines, rest = (self._line + text).split("\n")
            for line in lines:
                self._printed.add(f"{_after_returns(line).rstrip(chr(13))}\n")
            self._line = _after_returns(rest)
            if len(self._line) > _MAX_END:
                self._printed.add(self._line)
                self._line = ""

    def add_error(self, error: BaseException) -> None:
        """Add the traceback of an error, unless no code of the user took part in it.

        Args:
            error: The error.

        """
        for line in _traceback_of(error).splitlines(keepends=True):
            self._traceback.add(line)

    def close(self, mask: Callable[[str], str]) -> str | None:
        """Stop recording, even if a thread of the call goes on.

        Args:
            mask: Masks secrets in a text.

        Returns:
            The text, of about 20,000 characters at most; None if there is none.

        """
        with self._lock:
            self._is_closed = True
        texts = (self._printed.text() + self._line, self._traceback.text())
        return mask("\n".join(text.rstrip() for text in texts if text.strip())) or None


class _Lines:
    """The first and the last lines of a text of any length."""

    def __init__(self) -> None:
        self._beginning: list[str] = []
        self._room = _MAX_BEGINNING
        self._end: deque[str] = deque()
        self._end_length = 0
        self._left_out = 0

    def add(self, line: str) -> None:
        if len(line) > _MAX_END:
            line = f"{line[:_MAX_END]} […]\n"
        self._room -= len(line)
        if self._room >= 0:
            self._beginning.append(line)
            return
        self._room = 0
        self._end.append(line)
        self._end_length += len(line)
        while self._end_length > _MAX_END and len(self._end) > 1:
            self._end_length -= len(self._end.popleft())
            self._left_out += 1

    def text(self) -> str:
        note = [f"[… {self._left_out:,} lines left out …]\n"] if self._left_out else []
        return "".join([*self._beginning, *note, *self._end])


class _Recorder:
    """The `write` of a stream, which also adds to the log of the call that writes."""

    def __init__(self, write: Callable[[str], Any]) -> None:
        self._write = write

    def __call__(self, text: str) -> Any:
        log = _current.get()
        if log is not None and isinstance(text, str):
            log.write(text)
        return self._write(text)


def _traceback_of(error: BaseException) -> str:
    """Return a traceback without frames of this package; an empty text if there are no others."""
    names: dict[str, str] = {}
    whole = traceback.TracebackException.from_exception(error)
    for link in _links(whole):
        link.stack[:] = [frame for frame in link.stack if not _is_ours(frame.filename)]
        names |= {frame.filename: _cell_name(frame.filename) for frame in link.stack}
    text = "".join(whole.format()) if names else ""
    for file_name, name in names.items():
        if name:
            text = text.replace(f'File "{file_name}"', name)
    return text


def _links(error: traceback.TracebackException) -> Iterator[traceback.TracebackException]:
    """Yield an error, the errors that led to it, and those that it groups."""
    waiting = [error]
    for link in waiting:
        yield link
        waiting += [each for each in (link.__cause__, link.__context__, *(link.exceptions or ())) if each is not None]


def _is_ours(file_name: str) -> bool:
    return file_name.startswith(_OUR_FILES)


def _cell_name(file_name: str) -> str:
    """Return the name of the cell that was compiled under a file name, such as "Cell In[3]"; "" for other files."""
    shell: Any = get_ipython()
    name = None
    with suppress(AttributeError):  # there is no notebook, or its shell has cells of another kind
        name = shell.compile.format_code_name(file_name)
    return "" if name is None else " ".join(name)


def _after_returns(line: str) -> str:
    """Return the part of a line that is visible after carriage returns, and those at its end."""
    kept = line.rstrip("\r").rpartition("\r")[2]
    return kept + "\r" * line.endswith("\r")


def _install_hooks() -> None:
    """Make the standard streams add to the log of the call that writes, and new threads inherit the log."""
    for stream in (sys.stdout, sys.stderr):
        if not isinstance(getattr(stream, "write", None), _Recorder):
            # Whoever holds the stream, such as a handler of `logging`, uses the same object.
            with suppress(AttributeError, TypeError):
                stream.write = _Recorder(stream.write)  # type: ignore[method-assign]
    if threading.Thread.start.__module__ != __name__:
        threading.Thread.start = _inheriting(threading.Thread.start)  # type: ignore[assignment,method-assign]


def _inheriting(start: Callable[[threading.Thread], None]) -> Callable[[threading.Thread], None]:
    """Return a `Thread.start` after which the thread has the log of the code that started it."""

    @functools.wraps(start, assigned=("__doc__", "__name__", "__qualname__"))
    def start_with_log(thread: threading.Thread) -> None:
        log = _current.get()
        if log is not None:
            thread.run = functools.partial(_run_with, log, thread.run)  # type: ignore[method-assign]
        start(thread)

    return start_with_log


def _run_with(log: CallLog, run: Callable[[], None]) -> None:
    _current.set(log)
    run()
