"""What is put into a conversation beside the stream of an answer: by a function that answers, or from anywhere.

A turn may so give several messages. The one that the stream goes on with is the turn's `reply_id`; those
before it have ended. Everything here happens on the runner's loop.
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
    """Puts messages and pieces of them into `conversation`; `running` gives the turn that runs."""

    def __init__(self, conversation: Conversation, running: Callable[[], Turn | None]) -> None:
        self._conversation = conversation
        self._running = running
        self._readers: dict[str, PieceReader] = {}
        """Of the messages of this turn, by id: a chunk is understood by those before it."""
        self._turn: Turn | None = None

    def add(self, piece: Piece, message_id: str | None, turn: Turn | None) -> str:
        """Put `piece`, as `plain` made it, into the message `message_id`; gives the message's id.

        `turn` is the one that it is a part of, if any. Raises ConversationError when that has ended, or when
        `piece` does not fit the message.
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
        """The function has returned: where its last message was whole already, that was its answer."""
        if turn.earlier and self._is_empty(turn.reply_id):
            self._conversation.remove(turn.reply_id)
            turn.answer_in(turn.earlier.pop())

    def _join(self, message_id: str, piece: Piece) -> str:
        reader = self._readers.setdefault(message_id, PieceReader())
        for delta in reader.read(piece):
            self._conversation.join(message_id, delta)
        return message_id

    def _add(self, message: MessageDict, message_id: str | None, turn: Turn | None) -> str:
        """A whole message, after which the turn goes on with a new answer."""
        message = message_dict(message)
        if turn is None:
            return self._conversation.add(message, id=message_id)
        self._finish_current(turn)
        message_id = self._conversation.add(message, id=message_id)
        turn.answer_in(self._conversation.begin(started=time.time(), sender=turn.sender))
        return message_id

    def _begin(self, turn: Turn, message_id: str | None) -> str:
        """A new answer of the turn, with which it goes on."""
        self._finish_current(turn)
        turn.answer_in(self._conversation.begin(id=message_id, started=time.time(), sender=turn.sender))
        return turn.reply_id

    def _finish_current(self, turn: Turn) -> None:
        """End the answer that the turn was giving; one in which nothing has arrived gives place to the next."""
        if self._is_empty(turn.reply_id) and self._conversation.path[-1] == turn.reply_id:
            self._conversation.remove(turn.reply_id)
        else:
            self._conversation.finish(turn.reply_id, Status.COMPLETE)
            turn.earlier.append(turn.reply_id)

    def _is_empty(self, message_id: str) -> bool:
        return self._conversation[message_id].shows_nothing
