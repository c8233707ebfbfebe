"""What a command of a view is, and what it acts on."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from .._chat.chat import Chat
from .._errors import ChatWidgetError
from .fields import Fields
from .view_state import ViewState


@dataclass(frozen=True, slots=True)
class CommandTarget:
    """The objects that commands act on; see `CommandDispatcher`."""

    chat: Chat
    views: ViewState
    change_settings: Callable[[Mapping[str, Any]], None]
    refresh_outputs: Callable[[], None]

    def show_error(self, error: ChatWidgetError) -> None:
        """Show an error as a notice.

        Args:
            error: The error.

        """
        text = str(error).rstrip(".") + "."
        sentence = text[:1].upper() + text[1:] if text.split()[0].isalpha() else text
        self.chat.show_notice(sentence, getattr(error, "code", None))


class Command(ABC):
    """A command of a view: what its message contains, and what it does.

    Subclasses are frozen dataclasses in `commands`.
    """

    __slots__ = ()

    keeps_notice: ClassVar[bool] = False
    """True if a notice stays: views send the command on their own, or it has nothing to do with the notice."""
    is_urgent: ClassVar[bool] = False
    """True if views send the command on the page's channel too, which a kernel in the browser reads during a cell."""

    @classmethod
    def parse(cls, fields: Fields) -> Self:  # noqa: ARG003 most commands have fields
        """Create the command from a message. By default the message has no fields.

        Args:
            fields: The fields of the message.

        Returns:
            The command.

        Raises:
            ValueError: If a field is invalid.

        """
        return cls()

    def query_notebook(self, chat: Chat) -> Self:  # noqa: ARG002 some commands need it
        """Look up what the command needs in the notebook; by default nothing.

        It may be slow, so it happens where the message is received, before `execute`.

        Args:
            chat: The chat.

        Returns:
            The command with the values of the notebook that `execute` needs.

        """
        return self

    @abstractmethod
    def execute(self, target: CommandTarget) -> None:
        """Execute the command, on the runner's loop.

        Args:
            target: The objects to act on.

        Raises:
            ChatWidgetError: If it fails. The error is shown as a notice.

        """
