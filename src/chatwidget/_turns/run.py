"""The run of a turn: replies are streamed, and the tools that they call are run, until a reply calls none.

Everything here runs on the runner's loop.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import Future
from contextlib import aclosing, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, Protocol

from .. import _tools
from .._content.call_log import CallLog
from .._conversation.messages import Delta, Message, MessageDict, Status, Timings
from .._conversation.tree import Conversation
from .._errors import NotConnectedError, TransportError, raised_by
from .._requests.builder import Requests
from .._tools.approvals import Approvals
from .._transports.base import Retrying, Transport
from .hooks import SessionHooks
from .turn import Outcome, Turn, enter, outcome_of

if TYPE_CHECKING:
    from .._tools.execution import ToolBatch
    from .._tools.toolbox import Toolbox
    from .updates import MessageInjector

_NOT_CONNECTED: Final = (
    'No model is connected. Set OPENAI_API_KEY, use ChatWidget("demo"), or fill in the form of an empty ChatWidget().'
)
_EMPTY: Final = Outcome(Status.ERROR, "The model sent an empty answer. Try again.", "empty")


class TurnHost(Protocol):
    """What a run uses of its session. Transport, toolbox and view may change while it runs."""

    conversation: Conversation
    requests: Requests
    approvals: Approvals
    hooks: SessionHooks
    transport: Transport | None
    toolbox: Toolbox | None
    has_view: bool

    @property
    def injector(self) -> MessageInjector:
        """The writer of messages that functions add to the conversation."""
        ...


class _Clock:
    """The times of one reply, in seconds."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self.first_token: float | None = None
        self.first_word: float | None = None
        """The time of the first word of the answer itself, after any reasoning."""

    def now(self) -> float:
        return time.monotonic() - self._began

    def timings(self, reply: Message) -> Timings:
        duration, reasoning = self.now(), None
        if reply.reasoning and self.first_token is not None:
            reasoning = (self.first_word or duration) - self.first_token
        return Timings(reply.timings.started, self.first_token, duration, reasoning)


class TurnRun:
    """The run of one turn, from its question to its last reply.

    Args:
        turn: The turn.
        host: The session of the turn.
        on_change: Called when `retrying` or `is_streaming` may have changed.

    """

    def __init__(self, turn: Turn, host: TurnHost, on_change: Callable[[], None]) -> None:
        self.turn = turn
        self.retrying: Retrying | None = None
        """The failed request that is about to be repeated, if any."""
        self._host = host
        self._conversation = host.conversation
        self._on_change = on_change
        self._clock = _Clock()
        self._log = CallLog()
        """The output of the user's code that the current reply runs."""
        self._context_parts: list[dict[str, Any]] = []
        """Parts sent with the question that are not in the conversation."""
        self._rounds = 0
        """The number of times tools have been run."""
        self._batch: ToolBatch | None = None
        """The tool calls that run between two replies."""
        self._task: asyncio.Task[None] | None = None
        self._is_over = False

    @property
    def is_streaming(self) -> bool:
        """True once the current reply has its first token."""
        return self._clock.first_token is not None

    def begin(self) -> BaseException | None:
        """Add the question and an empty reply to the conversation.

        Returns:
            The failure, if any. There is a reply to it as well, so that it can be shown.

        """
        failure: BaseException | None = None
        after: str | None = None
        try:
            after = self.turn.start()
        except (Exception, SystemExit) as error:  # noqa: BLE001 a listener is the user's code
            failure = error
        raised = raised_by(lambda: self.turn.replies.begin(after))
        return failure or raised

    def start(self) -> asyncio.Task[None]:
        """Start to answer in the background.

        Returns:
            The task, which raises the failure of the turn.

        """
        self._task = asyncio.get_running_loop().create_task(self._answer(), context=self.turn.context)
        return self._task

    async def _answer(self) -> None:
        enter(self._host, self.turn)
        try:
            self._context_parts = await self._host.hooks.collect_context()
            await self.stream()
            while not self._is_over and await self.run_tools():
                await self.stream()
        except SystemExit as error:
            # It would make asyncio end the whole loop.
            message = f"SystemExit: {error}"
            raise TransportError(message) from error

    async def stream(self) -> None:
        """Stream the current reply. A request that is refused before its first token may be repeated in another form.

        Raises:
            NotConnectedError: There is no transport.
            TransportError: The model did not answer.

        """
        if self._host.transport is None:
            raise NotConnectedError(_NOT_CONNECTED)
        requests, has_room = self._host.requests, False
        while True:
            try:
                await self._receive(self._host.transport)
                break
            except Exception as error:
                if self._is_over or self.is_streaming:
                    raise
                if requests.learn(error):
                    continue
                if not has_room and requests.limit.make_room(error):
                    has_room = True
                elif not isinstance(error, TransportError) or not await self._host.hooks.replace_model(error):
                    raise
        requests.answered(self._host.transport, self._reply.usage, is_shown=self._host.has_view)

    async def _receive(self, transport: Transport) -> None:
        request = await self._host.requests.make(
            transport,
            self.turn.reply_id,
            params=self.turn.params,
            toolbox=self._toolbox,
            is_first=self._rounds == 0,
            context_parts=self._context_parts,
            on_retry=self._on_retry,
            on_message=self._on_message,
        )
        clock = self._clock
        async with aclosing(transport.stream(request)) as deltas:
            while (delta := await self._next_delta(deltas)) is not None:
                if self._is_over:
                    return
                if clock.first_token is None and delta.says_something:
                    clock.first_token = clock.now()
                    self.retrying = None
                    self._on_change()
                if not self._conversation.apply(self.turn.reply_id, delta):
                    clock.first_word = None
                elif clock.first_word is None:
                    clock.first_word = clock.now()
        if not self._is_over:
            self._conversation.end_text(self.turn.reply_id)

    async def _next_delta(self, deltas: AsyncGenerator[Delta, None]) -> Delta | None:
        # Listeners to the answer may print as well, but not as a part of it.
        with self._log.recorded(), suppress(StopAsyncIteration):
            return await anext(deltas)
        return None

    def _on_retry(self, retrying: Retrying) -> None:
        if not self._is_over:
            self.retrying = retrying
            self._on_change()

    def _on_message(self, message: MessageDict) -> None:
        if not self._is_over:
            self._host.injector.add(message, None, self.turn)

    async def run_tools(self) -> bool:
        """Run the tools that the current reply calls, and begin the next reply.

        Returns:
            True if there is a next reply, False if the current one is the last.

        Raises:
            TooManyRoundsError: The model keeps calling tools.

        """
        self.turn.replies.drop_empty()
        toolbox, reply = self._toolbox, self._reply
        if toolbox is None or not reply.tool_calls or reply.status.is_final:
            return False
        execution = _tools.execution
        if not execution.calls_to_run(reply, toolbox):
            return False
        timings, log = self._clock.timings(reply), self._log.close(self._host.hooks.mask)
        reply = self._conversation.finish(reply.id, Status.COMPLETE, timings=timings, log=log)
        if self._is_over:
            return False
        calls = execution.calls_to_run(reply, toolbox)
        self._batch = batch = execution.ToolBatch(
            calls,
            toolbox,
            self._host.approvals,
            add=self._conversation.add,
            can_ask=lambda: self._host.has_view,
            mask=self._host.hooks.mask,
            on_change=self._on_change,
        )
        self._rounds += 1
        execution.check_round_limit(self._rounds)
        self._clock = _Clock()
        self._on_change()
        await batch.run()
        if self._is_over or len(calls) < len(reply.tool_calls):
            return False
        self._begin_next()
        return True

    @property
    def finished_calls(self) -> dict[str, str]:
        """The outcomes of tool calls that are done and wait for those before them, by id."""
        return {} if self._batch is None else self._batch.finished

    def outcome(self, failure: BaseException | None) -> Outcome:
        """Return how the turn ends, now that its task is done.

        Args:
            failure: The exception that the task raised, if any.

        """
        if failure is not None:
            return outcome_of(failure)
        if not self.turn.replies.is_empty:
            return Outcome(Status.COMPLETE)
        # A function may have a sentence of its own for an empty answer.
        sentence: str | None = getattr(self._host.transport, "empty", None)
        return _EMPTY if sentence is None else Outcome(Status.ERROR, sentence)

    def finish(self, outcome: Outcome) -> Message:
        """End the turn at once, whatever it waits for. Anything that still arrives is ignored.

        Args:
            outcome: How the turn ends.

        Returns:
            The last reply.

        """
        self._is_over = True
        self.retrying = None
        self._host.approvals.refuse_all()
        if self._task is not None:
            self._task.cancel()
        if self._batch is not None:
            self._batch.close(outcome.status, outcome.code)
            if outcome.status is not Status.COMPLETE:
                with suppress(Exception, SystemExit):  # a listener is the user's code
                    self._begin_next()
        return self._finish_reply(outcome)

    def forked(self) -> None:
        """Let go of the task and of the asker's future, whose loop and lock belong to the parent process."""
        self._task = None
        self.turn = replace(self.turn, reply=Future())

    @property
    def _reply(self) -> Message:
        return self._conversation[self.turn.reply_id]

    @property
    def _toolbox(self) -> Toolbox | None:
        return self._host.toolbox if self.turn.toolbox is None else self.turn.toolbox

    def _begin_next(self) -> None:
        self._batch = None
        self._clock, self._log = _Clock(), CallLog()
        self.turn.replies.begin_next()

    def _finish_reply(self, outcome: Outcome) -> Message:
        reply = self._reply
        if reply.status is outcome.status is Status.COMPLETE:
            return reply
        status, error, code, cause = outcome
        timings, mask = self._clock.timings(reply), self._host.hooks.mask
        if cause is not None:
            self.turn.replies.fail(cause)
            self._log.add_error(cause)
            error = mask(error or "")
        log = self._log.close(mask)
        try:
            return self._conversation.finish(reply.id, status, error=error, error_code=code, timings=timings, log=log)
        except (Exception, SystemExit) as failure:  # noqa: BLE001 a listener is the user's code
            return self._finish_reply(outcome_of(failure)) if status is Status.COMPLETE else self._reply
