"""One conversation, one transport, and the turns that run one after the other.

Everything here happens on the runner's loop. A turn is ended in one place, `_end`, in exactly one
status; from then on nothing its transport still says is heard.
"""

from __future__ import annotations

import asyncio
import contextvars
import logging
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import aclosing
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final
from uuid import uuid4

from ._conversation import Conversation
from ._errors import ConversationError, NotConnectedError, StreamInterruptedError, TransportError
from ._messages import Message, Status, Timings, message_dict
from ._transports._base import ChatRequest, Retrying, Transport

_NOT_CONNECTED: Final = (
    "No model is connected. Give a key, a server or the demo model: set OPENAI_API_KEY, "
    'or use ChatWidget("demo"), or fill in the form of an empty ChatWidget().'
)
_EMPTY: Final = "The model sent an empty answer. Try again."


class SessionStatus(StrEnum):
    """What the session is doing."""

    DISCONNECTED = "disconnected"
    READY = "ready"
    WAITING = "waiting"
    STREAMING = "streaming"
    RETRYING = "retrying"


@dataclass(eq=False, slots=True)
class Turn:
    """One question and its answer. `reply` is resolved with the assistant message when the turn ends."""

    id: str
    text: str
    start: Callable[[], str | None]
    """Puts the question into the conversation; gives the id of the message to answer."""
    params: dict[str, Any] = field(default_factory=dict)
    reply_id: str = field(default_factory=lambda: uuid4().hex)
    reply: Future[Message] = field(default_factory=Future)
    context: contextvars.Context = field(default_factory=contextvars.copy_context)
    stream: asyncio.Task[None] | None = None
    began: float = field(default_factory=time.monotonic)
    first_token: float | None = None


class Session:
    """Runs turns. `on_change` is called when `status`, `queue` or `retrying` may have changed."""

    def __init__(self, conversation: Conversation, on_change: Callable[[], None] = lambda: None) -> None:
        self.conversation = conversation
        self.transport: Transport | None = None
        self.model: str | None = None
        self.system_prompt: str | None = None
        self.params: dict[str, Any] = {}
        self.retrying: Retrying | None = None
        self._on_change = on_change
        self._log = logging.getLogger("chatwidget")
        self._queue: deque[Turn] = deque()
        self._running: Turn | None = None
        self._streams: set[asyncio.Task[None]] = set()
        self._closed = False

    @property
    def status(self) -> SessionStatus:
        """What the session is doing now."""
        if self._running is None:
            return SessionStatus.READY if self.transport is not None else SessionStatus.DISCONNECTED
        if self.retrying is not None:
            return SessionStatus.RETRYING
        return SessionStatus.WAITING if self._running.first_token is None else SessionStatus.STREAMING

    @property
    def queue(self) -> list[Turn]:
        """The turns that wait for the running one, in order."""
        return list(self._queue)

    def submit(self, content: object, *, id: str | None = None, params: dict[str, Any] | None = None) -> Turn:  # noqa: A002 the field's name for it
        """Ask `content` (text or content parts), now or after the turns before it.

        Raises ConversationError when it cannot be a user message.
        """
        data = message_dict({"role": "user", "content": content})
        turn_id = id or uuid4().hex
        text = Message(turn_id, data).text
        return self._enqueue(Turn(turn_id, text, lambda: self.conversation.add(data, id=turn_id), params or {}))

    def retry(self) -> Turn:
        """Ask for another answer to the last question; the one there is stays as a branch."""
        if not len(self.conversation) and not self._queue and self._running is None:
            message = "there is nothing to try again"
            raise ConversationError(message)
        return self._enqueue(Turn(uuid4().hex, "", self._step_back))

    def edit(self, message_id: str, content: object) -> Turn:
        """Ask again with a new version of the user message `message_id`; the old one stays as a branch."""
        if self.conversation[message_id].role != "user":
            message = "only a user message can be edited and asked again"
            raise ConversationError(message)
        data = message_dict({"role": "user", "content": content})
        turn_id = uuid4().hex
        start = lambda: self.conversation.edit(message_id, data["content"], id=turn_id)  # noqa: E731 as in submit
        return self._enqueue(Turn(turn_id, Message(turn_id, data).text, start))

    def stop(self) -> None:
        """End the running turn; what has arrived is kept. Turns that wait go on."""
        if self._running is not None:
            self._end(self._running, Status.STOPPED)

    def cancel(self, turn: Turn) -> None:
        """End `turn`, or take it out of the queue; nothing when it has ended."""
        if turn is self._running:
            self.stop()
        elif turn in self._queue:
            self._queue.remove(turn)
            turn.reply.set_exception(asyncio.CancelledError())
            self._changed()

    def halt(self) -> None:
        """End the running turn and every one that waits, so that the conversation can be changed."""
        for turn in self.queue:
            self.cancel(turn)
        self.stop()

    def knows(self, turn_id: str) -> bool:
        """Whether there is, or waits, a turn or a message of this id."""
        turns = [*self._queue, *([self._running] if self._running is not None else [])]
        return turn_id in self.conversation or any(turn.id == turn_id for turn in turns)

    async def idle(self) -> None:
        """Wait until the turn that runs now has ended."""
        if self._running is not None:
            await asyncio.wrap_future(self._running.reply)

    async def aclose(self) -> None:
        """End everything and wait until it has ended."""
        self._closed = True
        self.halt()
        if self._streams:
            await asyncio.wait(self._streams)
        if self.transport is not None:
            await self.transport.aclose()

    def _enqueue(self, turn: Turn) -> Turn:
        if self._closed:
            message = "this chat is closed"
            raise ConversationError(message)
        turn.reply.set_running_or_notify_cancel()
        self._queue.append(turn)
        self._start_next()
        self._changed()
        return turn

    def _start_next(self) -> None:
        while self._running is None and self._queue:
            turn = self._running = self._queue.popleft()
            turn.began = time.monotonic()
            failure = self._begin(turn)
            if failure is not None:
                self._end(turn, *_outcome_of(failure))
            else:
                self._stream_in_background(turn)

    def _begin(self, turn: Turn) -> BaseException | None:
        """Put question and empty reply into the conversation; gives what went wrong."""
        failure: BaseException | None = None
        after: str | None = None
        try:
            after = turn.start()
        except (Exception, SystemExit) as error:  # noqa: BLE001 a listener is anyone's code
            failure = error
        try:
            self.conversation.begin(id=turn.reply_id, after=after, started=time.time())
        except (Exception, SystemExit) as error:  # noqa: BLE001 a listener is anyone's code
            failure = failure or error
        return failure

    def _stream_in_background(self, turn: Turn) -> None:
        loop = asyncio.get_running_loop()
        turn.stream = loop.create_task(self._stream(turn), context=turn.context)
        self._streams.add(turn.stream)
        turn.stream.add_done_callback(lambda task: self._streamed(turn, task))

    async def _stream(self, turn: Turn) -> None:
        if self.transport is None:
            raise NotConnectedError(_NOT_CONNECTED)
        request = self._request(turn)
        try:
            async with aclosing(self.transport.stream(request)) as deltas:
                async for delta in deltas:
                    if turn is not self._running:
                        return
                    if turn.first_token is None and delta.says_something:
                        self._saw_first_token(turn)
                    self.conversation.apply(turn.reply_id, delta)
        except SystemExit as error:
            # asyncio would end the whole loop with it.
            message = f"SystemExit: {error}"
            raise TransportError(message) from error

    def _request(self, turn: Turn) -> ChatRequest:
        system = [{"role": "system", "content": self.system_prompt}] if self.system_prompt else []

        def on_retry(retrying: Retrying) -> None:
            if turn is self._running:
                self.retrying = retrying
                self._changed()

        params = {**self.params, **turn.params}
        return ChatRequest([*system, *self.conversation.messages], self.model, params, on_retry)

    def _saw_first_token(self, turn: Turn) -> None:
        turn.first_token = time.monotonic() - turn.began
        self.retrying = None
        self._changed()

    def _streamed(self, turn: Turn, task: asyncio.Task[None]) -> None:
        self._streams.discard(task)
        failure = asyncio.CancelledError() if task.cancelled() else task.exception()
        if turn is not self._running:
            return
        if failure is not None:
            self._end(turn, *_outcome_of(failure))
        elif self._is_empty(turn):
            self._end(turn, Status.ERROR, _EMPTY)
        else:
            self._end(turn, Status.COMPLETE)

    def _changed(self) -> None:
        try:
            self._on_change()
        except (Exception, SystemExit) as failure:  # noqa: BLE001 an observer is anyone's code
            if self._running is not None:
                self._end(self._running, *_outcome_of(failure))
            else:
                self._log.error("An observer of the chat's status failed: %r", failure)

    def _is_empty(self, turn: Turn) -> bool:
        reply = self.conversation[turn.reply_id]
        return reply.is_empty and not reply.reasoning

    def _end(self, turn: Turn, status: Status, error: str | None = None) -> None:
        """The one place where a turn ends."""
        self._running = None
        self.retrying = None
        if turn.stream is not None:
            turn.stream.cancel()
        turn.reply.set_result(self._finish(turn, status, error))
        self._start_next()
        self._changed()

    def _finish(self, turn: Turn, status: Status, error: str | None) -> Message:
        reply = self.conversation[turn.reply_id]
        timings = Timings(reply.timings.started, turn.first_token, time.monotonic() - turn.began)
        try:
            return self.conversation.finish(turn.reply_id, status, error=error, timings=timings)
        except (Exception, SystemExit) as failure:  # noqa: BLE001 a listener is anyone's code
            if status is not Status.COMPLETE:
                return self.conversation[turn.reply_id]
            return self._finish(turn, Status.ERROR, _outcome_of(failure)[1])

    def _step_back(self) -> str | None:
        """The question that the last reply answers. A reply in which nothing arrived is not worth keeping."""
        path = self.conversation.path
        if not path:
            message = "there is nothing to try again"
            raise ConversationError(message)
        last = self.conversation[path[-1]]
        if last.role != "assistant":
            return last.id
        question = self.conversation.parent(last.id)
        if last.is_empty and not last.reasoning:
            self.conversation.remove(last.id)
        return question


def _outcome_of(failure: BaseException) -> tuple[Status, str]:
    """The status and the sentence for the user that `failure` ends a turn with."""
    if isinstance(failure, StreamInterruptedError):
        return Status.INTERRUPTED, str(failure)
    if isinstance(failure, asyncio.CancelledError):
        return Status.INTERRUPTED, "The answer was cancelled before it was complete."
    if isinstance(failure, TransportError):
        return Status.ERROR, str(failure)
    return Status.ERROR, f"{type(failure).__name__}: {failure}".removesuffix(": ")
