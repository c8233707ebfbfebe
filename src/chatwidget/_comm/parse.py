"""The door for messages from views: each is parsed once, here."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from .._chat.chat import Chat
from .command import Command
from .commands import COMMANDS
from .fields import Fields

_log: Final = logging.getLogger("chatwidget")


@dataclass(frozen=True, slots=True)
class Envelope:
    """A parsed message from a view.

    `command` is None if it was invalid. `order` is the sender and the position among its messages, from 1; None if the
    order of the message does not matter.
    """

    command: Command | None
    order: tuple[str, int] | None

    def query_notebook(self, chat: Chat) -> Envelope:
        """Look up what the command needs from the notebook; see `Command.query_notebook`.

        Args:
            chat: The chat.

        Returns:
            The message, ready to be dispatched.

        """
        return self if self.command is None else replace(self, command=self.command.query_notebook(chat))


def receive(content: object) -> Envelope | None:
    """Parse a message from a view. An invalid message or command is dropped with a warning.

    Args:
        content: The message.

    Returns:
        The parsed message, also for an invalid command that has its place in the order of its sender. Otherwise None.

    """
    order = None
    try:
        order = order_of(content)
        return Envelope(parse(content), order)
    except ValueError as error:
        _log.warning("A message from the view was dropped: %s", error)
        return Envelope(None, order) if order is not None else None


def parse(content: object) -> Command:
    """Parse the command in a message.

    Args:
        content: The message.

    Returns:
        The command.

    Raises:
        ValueError: If the message is invalid. The error does not quote its content.

    """
    if not isinstance(content, Mapping):
        message = "a message from the view must be an object"
        raise ValueError(message)  # noqa: TRY004 one kind of error for all that is wrong
    kind = content.get("type")
    command = COMMANDS.get(kind) if isinstance(kind, str) else None
    if command is None:
        message = f"unknown message type {str(kind)[:40]!r}"
        raise ValueError(message)
    return command.parse(Fields(str(kind), content))


def order_of(content: object) -> tuple[str, int] | None:
    """Return the sender of a message and its number.

    Args:
        content: The message.

    Returns:
        The sender, and the position among its messages, from 1. None if the order of the message does not matter.

    Raises:
        ValueError: If only one of the two is there, or one is invalid.

    """
    if not isinstance(content, Mapping) or ("sender" not in content and "number" not in content):
        return None
    fields = Fields("command", content)
    return fields.id("sender"), fields.whole_number("number", 1)
