"""Which conversation a new chat could continue: that of the chat it replaces, in its cell or its variable."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from .._chat.chat import Chat
from .._conversation.tree import Conversation
from .._notebook.cells import CellRun

Kept: TypeAlias = "weakref.ref[Conversation]"
"""A conversation, for as long as its widget keeps it."""


@dataclass(slots=True)
class _Cell:
    """The chats that one cell created, in order: in its last run, and the conversations of the run before."""

    request: str
    chats: list[weakref.ref[Chat]] = field(default_factory=list)
    before: list[Kept] = field(default_factory=list)


class Places:
    """The cells that created chats. Only the last run of each counts.

    Args:
        running: Returns the run of the cell that runs now, or None.
        variables: Returns the chats that variables of the notebook hold, by name.

    """

    def __init__(self, running: Callable[[], CellRun | None], variables: Callable[[], Mapping[str, Chat]]) -> None:
        self._running = running
        self._variables = variables
        self._cells: dict[str, _Cell] = {}

    def predecessor(self) -> Callable[[Chat], Conversation | None]:
        """Find out what the chat that is being created may replace.

        Returns:
            A function that returns the conversation that the new chat replaces, given that chat, or None. Which
            variable holds it is known only after its cell has assigned it.

        """
        cell = self._cell()
        index = len(cell.chats) if cell is not None else 0
        in_cell = cell.before[index] if cell is not None and index < len(cell.before) else None
        named = {name: _kept(chat) for name, chat in self._variables().items()}

        def previous(chat: Chat) -> Conversation | None:
            names = [name for name, held in self._variables().items() if held is chat and name in named]
            for kept in [*([in_cell] if in_cell is not None else []), *(named[name] for name in names)]:
                conversation = kept()
                if conversation is not None and len(conversation):
                    return conversation
            return None

        return previous

    def add(self, chat: Chat) -> None:
        """Record a chat that the running cell has created.

        Args:
            chat: The chat.

        """
        cell = self._cell()
        if cell is not None:
            cell.chats.append(weakref.ref(chat))

    def _cell(self) -> _Cell | None:
        run = self._running()
        if run is None:
            return None
        cell = self._cells.get(run.cell)
        if cell is None or cell.request != run.request:
            chats = [chat for kept in (cell.chats if cell is not None else ()) if (chat := kept()) is not None]
            cell = self._cells[run.cell] = _Cell(run.request, before=[_kept(chat) for chat in chats])
        return cell


def _kept(chat: Chat) -> Kept:
    """Return the conversation of a chat, or the one that it could continue if it has none itself."""
    return weakref.ref((None if len(chat.conversation) else chat.previous) or chat.conversation)
