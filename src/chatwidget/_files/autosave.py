"""A conversation kept in a file: at the end of each turn, and every few seconds while an answer streams.

The conversation is taken down on the runner's loop; writing it to the file is done beside it.
"""

from __future__ import annotations

import atexit
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar, Final
from weakref import WeakValueDictionary

from .._conversation.changes import Change, MessagesChanged
from .._conversation.serialize import ConversationSnapshot, take_snapshot
from .._conversation.tree import Conversation
from .._errors import SettingsError
from .._runtime.debounce import Debouncer
from .._runtime.runner import Runner
from .storage import read_conversation, write_text

INTERVAL: Final = 3.0
"""Seconds between two times while an answer streams. No more than five may be lost, writing included."""

_SOON: Final = 0.1
"""Seconds in which changes that come together become one."""


_ELSEWHERE: Final = "The conversation is only here; chat.save(path) keeps it elsewhere."


class Autosave:
    """Keeps a conversation in the file `path`, from the first call of `start`.

    `tell` shows a person why the file is not up to date, and with None that it is again.
    """

    _latest: ClassVar[WeakValueDictionary[Path, Autosave]] = WeakValueDictionary()
    """By file: a cell that is run again makes a new chat, and the one before is to leave the file alone."""

    def __init__(self, path: Path, runner: Runner, tell: Callable[[str | None], None]) -> None:
        self._path = path.resolve()
        self._runner = runner
        self._tell = tell
        self._conversation: Conversation | None = None
        self.process = os.getpid()
        self._writing = threading.Lock()
        self._taken = self._written = 0
        """How many times it was taken down, and which of them is in the file."""
        self._seen: tuple[int, int] | None = None
        """What the file was like when it was read or written here last."""
        self._dirty = False
        self._busy = False
        self._failed = False
        self._debouncer = Debouncer(runner, self._save)

    def open(self) -> Conversation | None:
        """The conversation in the file; None where there is no file yet.

        Raises OSError or ConversationError when the file cannot be read, SettingsError when there can be none.
        """
        if not self._path.parent.is_dir():
            message = f"autosave: there is no folder {self._path.parent}; make it first"
            raise SettingsError(message)
        elder = Autosave._latest.get(self._path)
        if elder is not None:
            self._runner.call(elder.give_way)
        if not self._path.exists():
            return None
        self._seen = _signature(self._path)
        return read_conversation(self._path)

    def start(self, conversation: Conversation) -> None:
        """Keep `conversation` from now on."""
        Autosave._latest[self._path] = self
        self._conversation = conversation
        conversation.listen(self._changed)

    def give_way(self) -> None:
        """Another chat has the file from now on."""
        self.close()
        self._tell(f"This conversation is no longer saved: another chat saves to {self._path.name} now.")

    def close(self) -> None:
        """Write what is not written yet, and nothing more from then on."""
        self.flush()
        self._conversation = None

    def leave(self) -> None:
        """Write nothing any more: in a forked process the file is the parent's."""
        self._conversation = None

    def flush(self) -> None:
        """Write what is not written yet, now."""
        if self._conversation is not None and (self._dirty or self._busy):
            self._debouncer.cancel()
            self._dirty = False
            self._done(self._prepare_write(self._conversation)())

    def flush_now(self) -> None:
        """As `flush`, from any thread."""
        self._runner.call(self.flush)

    def _changed(self, change: Change) -> None:
        if self._conversation is None:
            return
        self._dirty = True
        if not self._busy:
            self._debouncer.schedule(_SOON if isinstance(change, MessagesChanged) else INTERVAL)

    async def _save(self) -> None:
        if self._conversation is None or self._busy:
            return
        self._dirty, self._busy = False, True
        try:
            self._done(await self._runner.run_in_thread(self._prepare_write(self._conversation)))
        finally:
            self._busy = False
        if self._dirty:
            self._debouncer.schedule(INTERVAL if self._streams() else _SOON)

    def _streams(self) -> bool:
        return any(not message.status.is_final for message in self._conversation or ())

    def _prepare_write(self, conversation: Conversation) -> Callable[[], str | None]:
        """Take the conversation down; gives what writes it, which gives why that failed."""
        self._taken += 1
        number, taken = self._taken, take_snapshot(conversation)
        return lambda: self._write(number, taken)

    def _write(self, number: int, taken: ConversationSnapshot) -> str | None:
        with self._writing:
            if number < self._written:
                return None
            self._written = number
            try:
                if _signature(self._path) not in {None, self._seen}:
                    return f"Not saved: something else has written {self._path.name}. {_ELSEWHERE}"
                write_text(self._path, taken.to_text())
                self._seen = _signature(self._path)
            except OSError as error:
                return f"Not saved to {self._path}: {error.strerror or type(error).__name__}. {_ELSEWHERE}"
        return None

    def _done(self, failure: str | None) -> None:
        if failure is not None or self._failed:
            self._tell(failure)
        self._failed = failure is not None


def _flush_all() -> None:
    for autosave in tuple(Autosave._latest.values()):  # noqa: SLF001 it is this module's
        if autosave.process == os.getpid():
            autosave.flush_now()


atexit.register(_flush_all)


def _signature(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_size, found.st_mtime_ns
