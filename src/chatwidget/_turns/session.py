"""A session: one conversation, one transport, and turns that run one after the other.

Everything here runs on the runner's loop. Turns end in one place, `_end`, in exactly one status; after that,
anything more from the transport is ignored.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from contextlib import aclosing, suppress
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from .._conversation.messages import Message, MessageDict, Status, Timings
from .._conversation.normalize import message_dict
from .._conversation.tree import Conversation
from .._errors import ConversationError, NotConnectedError, TransportError
from .._requests.builder import Requests
from .._tools.approvals import Approvals
from .._transports.base import ChatRequest, ListedModel, Retrying, Transport
from .hooks import SessionHooks
from .turn import Turn, enter, outcome_of

if TYPE_CHECKING:
    from .._tools.toolbox import Toolbox
    from .updates import MessageInjector

_NOT_CONNECTED: Final = (
    "No model is connected. Give a key, a server or the demo model: set OPENAI_API_KEY, "
    'or use ChatWidget("demo"), or fill in the form of an empty ChatWidget().'
)
_ELSEWHERE: Final = "The answer goes on in the process that asked for it."
_NO_HOOKS: Final = SessionHooks()
_EMPTY: Final = "The model sent an empty answer. Try again."


class SessionStatus(StrEnum):
    """The state of a session."""

    DISCONNECTED = "disconnected"
    READY = "ready"
    WAITING = "waiting"
    STREAMING = "streaming"
    RETRYING = "retrying"


class Session:
    """The runner of a conversation's turns.

    Args:
        conversation: The conversation that the turns add to.
        hooks: The functions to call.
        chat: The chat, passed to functions that answer and ask for it.

    """

    def __init__(self, conversation: Conversation, hooks: SessionHooks = _NO_HOOKS, chat: object = None) -> None:
        self.conversation = conversation
        self.transport: Transport | None = None
        """The way to the model; None if none is connected."""
        self.requests = Requests(
            conversation, chat, on_change=self._changed, on_notice=hooks.on_notice, on_model_end=hooks.on_model_end
        )
        """The builder of the requests, with the settings of the chat."""
        self.approvals = Approvals(self._changed)
        """The tool calls that wait for the user's decision."""
        self.toolbox: Toolbox | None = None
        """The tools that the model may call."""
        self.has_view = False
        """True once a view can show an approval prompt."""
        self.retrying: Retrying | None = None
        self._hooks = hooks
        self._log = logging.getLogger("chatwidget")
        self._queue: deque[Turn] = deque()
        self._running: Turn | None = None
        self._streams: set[asyncio.Task[None]] = set()
        self._closed = False

    @property
    def status(self) -> SessionStatus:
        """The current state."""
        if self._running is None:
            return SessionStatus.READY if self.transport is not None else SessionStatus.DISCONNECTED
        if self.retrying is not None:
            return SessionStatus.RETRYING
        return SessionStatus.WAITING if self._running.first_token is None else SessionStatus.STREAMING

    @property
    def queue(self) -> list[Turn]:
        """The turns that wait for the running one, in order."""
        return list(self._queue)

    @cached_property
    def injector(self) -> MessageInjector:
        """The writer of messages that functions add to the conversation."""
        from .updates import MessageInjector  # noqa: PLC0415 loaded with the first answer

        return MessageInjector(self.conversation, lambda: self._running)

    def connect(
        self,
        transport: Transport | None,
        model: str | None = None,
        on_list: Callable[[Iterable[ListedModel]], None] | None = None,
    ) -> None:
        """Ask another model from the next request on.

        Args:
            transport: The way to the model, or None to disconnect.
            model: The name of the model; by default the server's own.
            on_list: Called with the models that the server lists, if the list decides which one to ask.

        """
        self.transport = transport
        self.requests.use(model, transport, on_list)

    def use_tools(self, toolbox: Toolbox) -> None:
        """Let the model call these tools, and no others, from the next request on.

        Args:
            toolbox: The tools.

        """
        self.toolbox = toolbox

    def attach_view(self) -> None:
        """Note that there is a view, in which the user can approve tool calls."""
        self.has_view = True

    def submit(
        self,
        content: object,
        *,
        id: str | None = None,  # noqa: A002 the usual name
        params: dict[str, Any] | None = None,
        toolbox: Toolbox | None = None,
    ) -> Turn:
        """Ask a question now, or after the turns before it.

        Args:
            content: The question, as text or content parts.
            id: The id of the user message; a new one by default.
            params: Request parameters for this turn alone.
            toolbox: The tools for this turn, in place of the chat's.

        Returns:
            The turn, which may still be queued.

        Raises:
            ConversationError: `content` cannot be a user message, or the chat is closed.

        """
        data = message_dict({"role": "user", "content": content})
        turn_id = id or uuid4().hex
        start = lambda: self.conversation.add(data, id=turn_id)  # noqa: E731 it belongs to the turn
        return self._enqueue(Turn(turn_id, Message(turn_id, data).text, start, params or {}, toolbox))

    def retry(self) -> Turn:
        """Ask for another answer to the last question. The existing answer stays as a branch.

        Returns:
            The turn, which may still be queued.

        Raises:
            ConversationError: There is nothing to try again, or the chat is closed.

        """
        if not len(self.conversation) and not self._queue and self._running is None:
            message = "there is nothing to try again"
            raise ConversationError(message)
        return self._enqueue(Turn(uuid4().hex, "", self._step_back))

    def regenerate(self, message_id: str) -> Turn:
        """Replace an answer by a new one at once.

        A running answer is stopped. The old answer, and all that followed it, stay as a branch.

        Args:
            message_id: The id of the answer.

        Returns:
            The new turn.

        Raises:
            ConversationError: The message is no answer or is not shown, or the chat is closed.

        """
        self._require_shown(message_id, "assistant", "only an answer can be given anew")
        return self._enqueue(Turn(uuid4().hex, "", lambda: self._instead_of(message_id)), now=True)

    def edit(self, message_id: str, content: object, *, id: str | None = None, now: bool = False) -> Turn:  # noqa: A002 as above
        """Ask again with a new version of a user message. The old version stays as a branch.

        Args:
            message_id: The id of the user message.
            content: The new question, as text or content parts.
            id: The id of the new message; a new one by default.
            now: Stop a running answer. Otherwise the turn waits in the queue, as with `submit`.

        Returns:
            The turn, which may still be queued.

        Raises:
            ConversationError: The message is not the user's or not shown, `content` cannot be a user message, or the
                chat is closed.

        """
        self._require_shown(message_id, "user", "only a user message can be edited and asked again")
        data = message_dict({"role": "user", "content": content})
        turn_id = id or uuid4().hex
        start = lambda: self.conversation.edit(message_id, data["content"], id=turn_id)  # noqa: E731 as in submit
        return self._enqueue(Turn(turn_id, Message(turn_id, data).text, start), now=now)

    def rearrange(self, change: Callable[[], None]) -> None:
        """Stop the running turn, change the conversation, then continue with the waiting turns.

        Args:
            change: Changes the conversation. Its exceptions are passed on, after the waiting turns have been restored.

        """
        waiting, self._queue = self._queue, deque()
        self.stop()
        try:
            change()
        finally:
            self._queue.extendleft(reversed(waiting))
            self._start_next()
            self._changed()

    def stop(self, last: str | None = None) -> None:
        """End the running turn and keep the text received so far. Waiting turns continue.

        Args:
            last: The id of the last message the user saw. If it is older than the running turn, the user meant an
                earlier turn, and nothing is stopped.

        """
        turn = self._running
        if turn is not None and (last is None or turn.holds(last, self.conversation.path)):
            self._end(turn, Status.STOPPED)

    def cancel(self, turn: Turn) -> None:
        """End a turn, or take it out of the queue. Does nothing if it has ended.

        Args:
            turn: The turn to end.

        """
        if turn is self._running:
            self.stop()
        elif turn in self._queue:
            self._queue.remove(turn)
            turn.reply.set_exception(asyncio.CancelledError())
            self._changed()

    def halt(self) -> list[Turn]:
        """End the running turn and all waiting ones, so that the conversation can be changed.

        Returns:
            The turns that waited, for `resume`.

        """
        waiting = self.queue
        for turn in waiting:
            self.cancel(turn)
        self.stop()
        return waiting

    def resume(self, turns: list[Turn]) -> None:
        """Queue again the turns that `halt` returned.

        Args:
            turns: The turns, in order.

        """
        for turn in turns:
            self._enqueue(Turn(turn.id, turn.text, turn.start, turn.params, turn.toolbox))

    def knows(self, turn_id: str) -> bool:
        """Return whether an id is that of a message, or of a running or waiting turn.

        Args:
            turn_id: The id to look for.

        """
        turns = [*self._queue, *([self._running] if self._running is not None else [])]
        return turn_id in self.conversation or any(turn.id == turn_id for turn in turns)

    def is_running(self, turn: Turn) -> bool:
        """Return whether a turn is the running one.

        Args:
            turn: The turn to check.

        """
        return turn is self._running

    async def idle(self) -> None:
        """Wait until the currently running turn has ended."""
        if self._running is not None:
            await asyncio.wrap_future(self._running.reply)

    async def aclose(self) -> None:
        """End all turns, wait for them, and close the transport."""
        self._closed = True
        self.halt()
        await self.requests.lookup.aclose()
        if self._streams:
            await asyncio.wait(self._streams)
        if self.transport is not None:
            await self.transport.aclose()

    def forked(self) -> None:
        """Reset after a fork: end the turn that runs in the parent process, and drop the queue."""
        self.has_view = False
        self._streams = set()
        self.approvals.forked()
        self.requests.lookup.forked()
        running, self._running = self._running, None
        for turn in filter(None, (running, *self._queue)):
            # Its task and its lock belong to the parent process.
            turn.stream, turn.reply = None, Future()
            turn.reply.set_running_or_notify_cancel()
        self._queue.clear()
        if running is not None:
            # Its answer goes on in the parent, and none of it arrives here.
            self._running = running
            self._end(running, Status.INTERRUPTED, _ELSEWHERE)

    def _require_shown(self, message_id: str, role: str, otherwise: str) -> None:
        if self.conversation[message_id].role != role:
            raise ConversationError(otherwise)
        if not self.conversation.shows(message_id):
            message = "this message is not shown any more; switch to its branch first"
            raise ConversationError(message)

    def _enqueue(self, turn: Turn, *, now: bool = False) -> Turn:
        if self._closed:
            message = "this chat is closed"
            raise ConversationError(message)
        turn.reply.set_running_or_notify_cancel()
        if now:
            self._queue.appendleft(turn)
            self.stop()
        else:
            self._queue.append(turn)
        self._start_next()
        self._changed()
        return turn

    def _start_next(self) -> None:
        while self._running is None and self._queue:
            turn = self._running = self._queue.popleft()
            turn.began = time.monotonic()
            self._hooks.on_turn_begin()
            failure = self._begin(turn)
            if failure is not None:
                self._end(turn, *outcome_of(failure))
            else:
                self._stream_in_background(turn)

    def _begin(self, turn: Turn) -> BaseException | None:
        """Add the question and an empty reply to the conversation. Return the failure, if any."""
        failure: BaseException | None = None
        after: str | None = None
        try:
            after = turn.start()
        except (Exception, SystemExit) as error:  # noqa: BLE001 a listener is the user's code
            failure = error
        try:
            self.conversation.begin(id=turn.reply_id, after=after, started=time.time())
        except (Exception, SystemExit) as error:  # noqa: BLE001 a listener is the user's code
            failure = failure or error
        return failure

    def _stream_in_background(self, turn: Turn) -> None:
        loop = asyncio.get_running_loop()
        turn.stream = loop.create_task(self._answer(turn), context=turn.context)
        self._streams.add(turn.stream)
        turn.stream.add_done_callback(lambda task: self._streamed(turn, task))

    async def _answer(self, turn: Turn) -> None:
        """Stream replies until one makes no tool call."""
        enter(self, turn)
        try:
            turn.context_parts = await self._hooks.collect_context()
            await self._stream(turn)
            while turn is self._running and await self._run_tools(turn):
                await self._stream(turn)
        except SystemExit as error:
            # It would make asyncio end the whole loop.
            message = f"SystemExit: {error}"
            raise TransportError(message) from error

    async def _stream(self, turn: Turn) -> None:
        if self.transport is None:
            raise NotConnectedError(_NOT_CONNECTED)
        has_room = False
        while True:
            try:
                await self._hear(turn, self.transport)
                break
            except Exception as error:
                if turn is not self._running or turn.first_token is not None:
                    raise
                if self.requests.learn(error):
                    continue
                if not has_room and self.requests.limit.make_room(error):
                    has_room = True
                elif not isinstance(error, TransportError) or not await self._hooks.replace_model(error):
                    raise
        self.requests.answered(self.transport, self.conversation[turn.reply_id].usage, is_shown=self.has_view)

    async def _hear(self, turn: Turn, transport: Transport) -> None:
        request = await self._request(turn, transport)
        async with aclosing(transport.stream(request)) as deltas:
            async for delta in deltas:
                if turn is not self._running:
                    return
                if turn.first_token is None and delta.says_something:
                    self._saw_first_token(turn)
                if not self.conversation.apply(turn.reply_id, delta):
                    turn.first_word = None
                elif turn.first_word is None:
                    turn.first_word = time.monotonic() - turn.began
        if turn is self._running:
            self.conversation.end_text(turn.reply_id)

    async def _run_tools(self, turn: Turn) -> bool:
        """Run the tool calls of the reply and begin the next reply. Return whether there is one."""
        self.injector.close_turn(turn)
        toolbox, reply = self._toolbox(turn), self.conversation[turn.reply_id]
        if toolbox is None or not reply.tool_calls or reply.status.is_final:
            return False
        from .._tools.execution import ToolBatch, calls_to_run, check_round_limit  # noqa: PLC0415 loaded with the first tool call

        if not calls_to_run(reply, toolbox):
            return False
        reply = self.conversation.finish(turn.reply_id, Status.COMPLETE, timings=self._timings(turn))
        if turn is not self._running:
            return False
        calls = calls_to_run(reply, toolbox)
        add = lambda data, status: self.conversation.add(data, status=status)  # noqa: E731 as in submit
        running = turn.calls = ToolBatch(calls, toolbox, self.approvals, add=add, can_ask=lambda: self.has_view)
        turn.rounds += 1
        check_round_limit(turn.rounds)
        turn.first_token = None
        self._changed()
        await running.run()
        if turn is not self._running or len(calls) < len(reply.tool_calls):
            return False
        self._begin_next(turn)
        return True

    def _begin_next(self, turn: Turn) -> None:
        turn.go_on()
        self.conversation.begin(id=turn.reply_id, started=time.time())

    def _toolbox(self, turn: Turn) -> Toolbox | None:
        return self.toolbox if turn.toolbox is None else turn.toolbox

    async def _request(self, turn: Turn, transport: Transport) -> ChatRequest:
        def on_retry(retrying: Retrying) -> None:
            if turn is self._running:
                self.retrying = retrying
                self._changed()

        def on_message(message: MessageDict) -> None:
            if turn is self._running:
                self.injector.add(message, None, turn)

        return await self.requests.make(
            transport,
            turn.reply_id,
            params=turn.params,
            toolbox=self._toolbox(turn),
            is_first=turn.rounds == 0,
            context_parts=turn.context_parts,
            on_retry=on_retry,
            on_message=on_message,
        )

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
            self._end(turn, *outcome_of(failure))
        elif self._is_empty(turn):
            self._end(turn, Status.ERROR, *self._nothing_in_it())
        else:
            self._end(turn, Status.COMPLETE)

    def _nothing_in_it(self) -> tuple[str, str | None]:
        """Return the error text for an empty answer, and its code; a function's own sentence has no code."""
        said: str | None = getattr(self.transport, "empty", None)
        return (_EMPTY, "empty") if said is None else (said, None)

    def _changed(self) -> None:
        try:
            self._hooks.on_change()
        except (Exception, SystemExit) as failure:  # noqa: BLE001 an observer is the user's code
            if self._running is not None:
                self._end(self._running, *outcome_of(failure))
            else:
                self._log.error("An observer of the chat's status failed: %r", failure)

    def _is_empty(self, turn: Turn) -> bool:
        return self.conversation[turn.reply_id].shows_nothing

    def _end(self, turn: Turn, status: Status, error: str | None = None, code: str | None = None) -> None:
        """End a turn. No other code ends one."""
        self._running = None
        self.retrying = None
        self.approvals.refuse_all()
        if turn.stream is not None:
            turn.stream.cancel()
        reply = self._finish(turn, status, error, code)
        if (listeners := self._hooks.on_turn_end(reply)) is None:
            turn.reply.set_result(reply)
        else:
            listeners.add_done_callback(lambda _: turn.reply.set_result(reply))
        self._start_next()
        self._changed()

    def _finish(self, turn: Turn, status: Status, error: str | None, code: str | None) -> Message:
        if turn.calls is not None:
            turn.calls.close(status, code)
            if status is not Status.COMPLETE:
                with suppress(Exception, SystemExit):  # a listener is the user's code
                    self._begin_next(turn)
        reply = self.conversation[turn.reply_id]
        if reply.status is status is Status.COMPLETE:
            return reply
        timings = self._timings(turn)
        try:
            return self.conversation.finish(turn.reply_id, status, error=error, error_code=code, timings=timings)
        except (Exception, SystemExit) as failure:  # noqa: BLE001 a listener is the user's code
            if status is not Status.COMPLETE:
                return self.conversation[turn.reply_id]
            return self._finish(turn, *outcome_of(failure))

    def _timings(self, turn: Turn) -> Timings:
        reply = self.conversation[turn.reply_id]
        duration = time.monotonic() - turn.began
        reasoning = None
        if reply.reasoning and turn.first_token is not None:
            reasoning = (turn.first_word or duration) - turn.first_token
        return Timings(reply.timings.started, turn.first_token, duration, reasoning)

    def _step_back(self) -> str:
        """Return the id of the message that another answer to the last question follows."""
        path = self.conversation.path
        if not path:
            message = "there is nothing to try again"
            raise ConversationError(message)
        last = self.conversation[path[-1]]
        return self._instead_of(last.id) if last.role == "assistant" else last.id

    def _instead_of(self, reply_id: str) -> str:
        """Return the id of the message that a new version of a reply follows: its question, or "" at the start."""
        reply = self.conversation[reply_id]
        question = self.conversation.parent(reply_id) or ""
        # A reply without any content is not worth a branch.
        if reply.shows_nothing:
            self.conversation.remove(reply_id)
        return question
