"""Messages added to a conversation outside the stream of an answer, by a function that answers or by any other code.

A turn can thus have several messages. The current reply is the one that the stream continues; the ones before it have
ended. Everything here runs on the runner's loop.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from .._content.answer_chunks import Piece, PieceReader, as_message
from .._conversation.messages import MessageDict
from .._conversation.normalize import message_dict
from .._conversation.tree import Conversation
from .._errors import ConversationError
from .turn import Turn

_ENDED: Final = "the turn that this update belongs to has ended; the update was not added"


class MessageInjector:
    """The writer of messages, whole or in chunks, into a conversation.

    Args:
        conversation: The conversation to write to.
        is_running: Returns whether a turn is the running one.

    """

    def __init__(self, conversation: Conversation, is_running: Callable[[Turn], bool]) -> None:
        self._conversation = conversation
        self._is_running = is_running
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
        if turn is not None and not self._is_running(turn):
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
            turn.replies.close_current()
            message_id = turn.replies.continue_in(message_id)
        else:
            message_id = turn.reply_id
        return self._join(message_id, piece if whole is None else whole)

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
        turn.replies.close_current()
        message_id = self._conversation.add(message, id=message_id)
        turn.replies.continue_in()
        return message_id
