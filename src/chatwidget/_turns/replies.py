"""The replies of a turn."""

from __future__ import annotations

import time
from uuid import uuid4

from .._conversation.messages import Status
from .._conversation.tree import Conversation


class Replies:
    """The replies of one turn. The last one is current: what arrives belongs to it.

    A reply that calls tools is followed by another one, and a function that answers may send several.

    Args:
        conversation: The conversation that holds them.

    """

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation
        self._ids = [uuid4().hex]
        self._sent: list[str] = []
        """The replies that a function has sent before the current one."""
        self._sender: str | None = None
        self._cause: BaseException | None = None

    @property
    def current(self) -> str:
        """The id of the current reply, also before it has begun."""
        return self._ids[-1]

    @property
    def is_empty(self) -> bool:
        """True if the current reply shows nothing."""
        return self._conversation[self.current].shows_nothing

    def holds(self, message_id: str) -> bool:
        """Return whether a message is one of these replies or follows one.

        Args:
            message_id: The id of the message.

        """
        path = self._conversation.path
        begun = next((index for index, shown in enumerate(path) if shown in self._ids), len(path))
        return message_id in self._ids or message_id in path[begun:]

    @property
    def cause(self) -> BaseException | None:
        """The exception of the user's code that ended the current reply, if any. The conversation does not keep it."""
        return self._cause

    def fail(self, cause: BaseException) -> None:
        """Note the exception of the user's code that ends the current reply.

        Args:
            cause: The exception.

        """
        self._cause = cause

    def begin(self, after: str | None = None) -> None:
        """Begin the first reply.

        Args:
            after: The id of the message to answer ("" is the start); the last one by default.

        Raises:
            ConversationError: The message to answer is not shown.

        """
        self._conversation.begin(id=self.current, after=after, started=time.time())

    def begin_next(self) -> None:
        """Begin the reply that follows a round of tool calls."""
        self._ids.append(uuid4().hex)
        self._sent = []
        self.begin()

    def close_current(self) -> None:
        """End the current reply, or remove it if it is empty, because a function sends another message."""
        self._sender = self._conversation[self.current].sender
        if self.is_empty and self._conversation.path[-1] == self.current:
            self._conversation.remove(self.current)
        else:
            self._conversation.finish(self.current, Status.COMPLETE)
            self._sent.append(self.current)

    def continue_in(self, message_id: str | None = None) -> str:
        """Begin the reply that follows a closed one, with the same sender.

        Args:
            message_id: The id of the reply; a new one by default.

        Returns:
            The id of the reply.

        Raises:
            ConversationError: The id is taken.

        """
        self._ids.append(self._conversation.begin(id=message_id, started=time.time(), sender=self._sender))
        return self.current

    def drop_empty(self) -> None:
        """Remove the current reply if it is empty and a function has sent one before, which is then current."""
        if self._sent and self.is_empty:
            self._conversation.remove(self.current)
            self._ids.append(self._sent.pop())
