"""Autosave: a conversation kept in a file, written after each turn and every few seconds while an answer streams.

The snapshot is taken on the runner's loop; the file is written on another thread.
"""

from __future__ import annotations

import atexit
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final
from weakref import WeakValueDictionary

from .._conversation.changes import Change, MessagesChanged
from .._conversation.serialize import ConversationSnapshot, take_snapshot
from .._conversation.tree import Conversation
from .._errors import SettingsError
from .._runtime.debounce import Debouncer
from .._runtime.runner import Runner
from .storage import read_conversation, write_text

INTERVAL: Final = 3.0
"""Seconds between two writes while an answer streams. At most five seconds may be lost, writing included."""

_SOON: Final = 0.1
"""Seconds within which changes are combined into one write."""


_ELSEWHERE: Final = "The conversation is now only in memory; save it to another file with chat.save(path)."


class Autosave:
    """The autosave of a conversation, active from the first call of `start`.

    Args:
        path: The file.
        runner: The runner of the conversation.
        notify: Shows the user the reason why the file is outdated, or None once it is up to date again.

    """

    def __init__(self, path: Path, runner: Runner, notify: Callable[[str | None], None]) -> None:
        self._path = path.resolve()
        self._runner = runner
        self._notify = notify
        self._conversation: Conversation | None = None
        self.process = os.getpid()
        self._writing = threading.Lock()
        self._taken = self._written = 0
        """The number of snapshots taken, and the number of the one in the file."""
        self._seen: tuple[int, int] | None = None
        """The signature of the file when it was last read or written here."""
        self._dirty = False
        self._busy = False
        self._failed = False
        self._debouncer = Debouncer(lambda: runner.submit(self._save()))

    def open(self) -> Conversation | None:
        """Read the conversation from the file, and take the file over from an older chat.

        Returns:
            The conversation, or None if there is no file yet.

        Raises:
            OSError: The file cannot be read.
            ConversationError: The file does not contain a conversation.
            SettingsError: The folder does not exist.

        """
        if not self._path.parent.is_dir():
            message = f"autosave: there is no folder {self._path.parent}; create it first"
            raise SettingsError(message)
        elder = _CURRENT.of(self._path)
        if elder is not None:
            self._runner.call(elder.give_way)
        if not self._path.exists():
            return None
        self._seen = _signature(self._path)
        return read_conversation(self._path)

    def start(self, conversation: Conversation) -> None:
        """Save a conversation from now on.

        Args:
            conversation: The conversation.

        """
        _CURRENT.add(self._path, self)
        self._conversation = conversation
        conversation.listen(self._changed)

    def give_way(self) -> None:
        """Write the file a last time and leave it to another chat."""
        self.close()
        self._notify(f"This conversation is no longer saved: another chat now saves to {self._path.name}.")

    def close(self) -> None:
        """Write unsaved changes, then stop."""
        self.flush()
        self._conversation = None

    def leave(self) -> None:
        """Stop without writing."""
        # In a forked process the file belongs to the parent.
        self._conversation = None

    def flush(self) -> None:
        """Write unsaved changes now."""
        if self._conversation is not None and (self._dirty or self._busy):
            self._debouncer.cancel()
            self._dirty = False
            self._done(self._prepare_write(self._conversation)())

    def flush_now(self) -> None:
        """Write unsaved changes now, from any thread."""
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
        """Snapshot the conversation and return a function that writes it.

        The function returns an error message, or None.
        """
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
                    return f"Not saved: another program has changed {self._path.name}. {_ELSEWHERE}"
                write_text(self._path, taken.to_text())
                self._seen = _signature(self._path)
            except OSError as error:
                return f"Not saved to {self._path}: {error.strerror or type(error).__name__}. {_ELSEWHERE}"
        return None

    def _done(self, failure: str | None) -> None:
        if failure is not None or self._failed:
            self._notify(failure)
        self._failed = failure is not None


class _Autosaves:
    """The current autosave of each file. They are written once more when the process ends.

    When a cell is run again it makes a new chat, and the old one must leave the file alone.
    """

    def __init__(self) -> None:
        self._by_path: WeakValueDictionary[Path, Autosave] = WeakValueDictionary()
        self._is_registered = False

    def of(self, path: Path) -> Autosave | None:
        return self._by_path.get(path)

    def add(self, path: Path, autosave: Autosave) -> None:
        self._by_path[path] = autosave
        if not self._is_registered:
            self._is_registered = True
            atexit.register(self._flush)

    def _flush(self) -> None:
        for autosave in tuple(self._by_path.values()):
            if autosave.process == os.getpid():
                autosave.flush_now()


_CURRENT: Final = _Autosaves()


def _signature(path: Path) -> tuple[int, int] | None:
    try:
        file_stat = path.stat()
    except FileNotFoundError:
        return None
    return file_stat.st_size, file_stat.st_mtime_ns
