"""Execution of the commands of views.

Loaded with the first command, since importing the package does not need it. Everything here happens on the runner's
loop.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from .._chat.chat import Chat
from .._errors import ChatWidgetError
from .command import Command, CommandTarget
from .parse import Envelope
from .view_state import ViewState

_MOST_SENDERS: Final = 1000


class CommandDispatcher:
    """Executes the commands of a chat's views.

    Args:
        chat: The chat.
        views: Its views.
        change_settings: Applies model settings that the user changed.
        refresh_outputs: Updates the outputs next to the views.

    """

    def __init__(
        self,
        chat: Chat,
        views: ViewState,
        *,
        change_settings: Callable[[Mapping[str, Any]], None],
        refresh_outputs: Callable[[], None],
    ) -> None:
        self._target = CommandTarget(chat, views, change_settings, refresh_outputs)
        self._done: dict[str, int] = {}
        """The number of the last command done, by sender."""

    def dispatch(self, envelope: Envelope) -> None:
        """Execute the command of a view.

        Numbered commands are executed once and in order, and acknowledged. A command that fails shows a notice.

        Args:
            envelope: The parsed message, with what was looked up for it.

        """
        if envelope.order is None:
            self._execute(envelope.command)
        else:
            self._execute_in_order(envelope.command, *envelope.order)

    def _execute_in_order(self, command: Command | None, sender: str, number: int) -> None:
        last = self._done.pop(sender, 0)
        is_next = number == last + 1
        self._done[sender] = number if is_next else last
        if len(self._done) > _MOST_SENDERS:
            del self._done[next(iter(self._done))]
        try:
            if is_next:
                self._execute(command)
        finally:
            self._target.views.acknowledge(sender, self._done[sender])

    def _execute(self, command: Command | None) -> None:
        if command is None:
            return
        chat = self._target.chat
        chat.session.attach_view()
        if chat.notice is not None and not command.keeps_notice:
            chat.show_notice(None)
        try:
            command.execute(self._target)
        except ChatWidgetError as error:
            self._target.show_error(error)
