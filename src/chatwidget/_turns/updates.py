"""Messages added to a conversation outside the stream of an answer, by a function that answers or by any other code.

A turn can thus have several messages. `reply_id` is the one that the stream continues; the ones before it have
ended. Everything here runs on the runner's loop.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from .._content.answer_chunks import Piece, PieceReader, as_message
from .._conversation.messages import MessageDict, Status
from .._conversation.normalize import message_dict
from .._conversation.tree import Conversation
from .._errors import ConversationError
from .turn import Turn

_ENDED: Final = "the turn that this was for has ended; what comes after it was not added"


class MessageInjector:
    """The writer of messages, whole or in chunks, into a conversation.

    Args:
        conversation: The conversation to write to.
        running: Returns the running turn, or None.

    """

    def __init__(self, conversation: Conversation, running: Callable[[], Turn | None]) -> None:
        self._conversation = conversation
        self._running = running
        self._readers: dict[str, PieceReader] = {}
        """The readers of this turn's messages, by id. A chunk is understood from the ones before it."""
        self._turn: Turn | None = None

    def add(self, piece: Piece, message_id: str | None, turn: Turn | None) -> str:
        """Add a chunk to a message, or begin a message with it.

        Args:
            piece: The chunk, as `coerce_chunk` returned it.
            message_id: The message to write to; by default the turn's current reply.
            turn: The turn that the chunk belongs to, if any.

        Returns:
            The id of the message.

        Raises:
            ConversationError: The turn has ended, or the chunk does not fit the message.

        """
        if turn is not None and turn is not self._running():
            raise ConversationError(_ENDED)
        if turn is not self._turn:
            self._turn, self._readers = turn, {}
        whole = as_message(piece)
        if message_id is not None and message_id in self._conversation:
            return self._join(message_id, piece if whole is None else whole)
        if whole is not None and whole["role"] != "assistant":
            return self._add(whole, message_id, turn)
        if turn is None:
            empty = {"role": "assistant", "content": ""}
            message_id = self._conversation.add(empty, id=message_id)
        elif message_id is not None or whole is not None:
            message_id = self._begin(turn, message_id)
        else:
            message_id = turn.reply_id
        return self._join(message_id, piece if whole is None else whole)

    def close_turn(self, turn: Turn) -> None:
        """Take the last whole message as the turn's answer, if the function sent nothing after it.

        Args:
            turn: The turn whose function has returned.

        """
        if turn.earlier and self._is_empty(turn.reply_id):
            self._conversation.remove(turn.reply_id)
            turn.answer_in(turn.earlier.pop())

    def _join(self, message_id: str, piece: Piece) -> str:
        reader = self._readers.setdefault(message_id, PieceReader())
        for delta in reader.read(piece):
            self._conversation.join(message_id, delta)
        return message_id

    def _add(self, message: MessageDict, message_id: str | None, turn: Turn | None) -> str:
        """Add a whole message. The turn then continues with a new answer."""
        message = message_dict(message)
        if turn is None:
            return self._conversation.add(message, id=message_id)
        sender = self._finish_current(turn)
        message_id = self._conversation.add(message, id=message_id)
        turn.answer_in(self._conversation.begin(started=time.time(), sender=sender))
        return message_id

    def _begin(self, turn: Turn, message_id: str | None) -> str:
        """Begin a new answer, with which the turn continues."""
        sender = self._finish_current(turn)
        turn.answer_in(self._conversation.begin(id=message_id, started=time.time(), sender=sender))
        return turn.reply_id

    def _finish_current(self, turn: Turn) -> str | None:
        """End the turn's current answer, or remove it if it is empty. Return its sender, who continues in the next."""
        sender = self._conversation[turn.reply_id].sender
        if self._is_empty(turn.reply_id) and self._conversation.path[-1] == turn.reply_id:
            self._conversation.remove(turn.reply_id)
        else:
            self._conversation.finish(turn.reply_id, Status.COMPLETE)
            turn.earlier.append(turn.reply_id)
        return sender

    def _is_empty(self, message_id: str) -> bool:
        return self._conversation[message_id].shows_nothing
