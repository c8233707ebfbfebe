"""The tool calls of one reply: approved, run concurrently, answered in order.

Everything here runs on the runner's loop, except the functions themselves.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Final

from .._content.call_log import CallLog
from .._conversation.messages import Message, Status, Timings, ToolCall
from .._errors import TransportError
from .approvals import Approvals
from .results import Result
from .toolbox import Toolbox, error_text

MAX_ROUNDS: Final = 10
"""Rounds of tool calls allowed in a turn before the model must finish or the user lets it continue."""

_CUT: Final = frozenset({"length", "content_filter"})
"""Finish reasons of replies whose calls may be incomplete."""

_REFUSED: Final = "refused"
_NOT_RUN: Final = "not_run"

_UNSEEN: Final = (
    "Not run: it needs approval, but the chat is not shown. "
    "The user can show it (the chat as the last line of a cell) and ask again."
)

_NO_ROOM: Final = (
    f"Not run: {MAX_ROUNDS} rounds of calls came before this one without an answer, which is the limit. "
    "The user can let it continue."
)


class TooManyRoundsError(TransportError):
    """The model keeps calling tools."""

    code = "too_many_rounds"

    def __init__(self) -> None:
        super().__init__(f"The model called tools {MAX_ROUNDS} times without an answer. Try again to let it continue.")


def check_round_limit(rounds: int) -> None:
    """Check that a turn may have another round of tool calls.

    Args:
        rounds: The number of rounds.

    Raises:
        TooManyRoundsError: The number exceeds the limit.

    """
    if rounds > MAX_ROUNDS:
        raise TooManyRoundsError


def calls_to_run(reply: Message, toolbox: Toolbox) -> list[ToolCall]:
    """Return the calls to run here, without those that are passed on to the caller.

    Args:
        reply: The reply; there are no calls to run unless it is complete.
        toolbox: The tools of the turn.

    """
    if not toolbox.runs or reply.finish_reason in _CUT:
        return []
    return [call for call in reply.tool_calls if not toolbox.passes_on(call.name)]


class ToolBatch:
    """The tool calls of one reply.

    Args:
        calls: The calls, in order.
        toolbox: The tools of the turn.
        approvals: Asks the user for approval.
        add: Adds a message to the conversation; see `Conversation.add`.
        can_ask: Returns True if a user can be asked.
        mask: Masks secrets in what tools print.
        on_change: Called when `finished` has changed.

    """

    def __init__(
        self,
        calls: Sequence[ToolCall],
        toolbox: Toolbox,
        approvals: Approvals,
        *,
        add: Callable[..., object],
        can_ask: Callable[[], bool],
        mask: Callable[[str], str],
        on_change: Callable[[], None],
    ) -> None:
        self._calls = calls
        self._toolbox = toolbox
        self._approvals = approvals
        self._add = add
        self._can_ask = can_ask
        self._mask = mask
        self._on_change = on_change
        self._tasks: list[asyncio.Task[Result]] = []
        self._logs = [CallLog() for _ in calls]
        self._begun: dict[int, float] = {}
        """When each call began to run."""
        self._answered = 0

    async def run(self) -> None:
        """Run all calls concurrently; each is answered after those before it."""
        self._tasks = [asyncio.create_task(self._resolve(index)) for index in range(len(self._calls))]
        for task in self._tasks[1:]:
            task.add_done_callback(lambda _: self._on_change())
        try:
            for task in self._tasks:
                self._answer(await task)
        finally:
            for task in self._tasks:
                task.cancel()

    def close(self, status: Status, code: str | None = None) -> None:
        """Answer all unanswered calls at once, because the turn has ended. Later results are ignored.

        Args:
            status: The status the turn ended with.
            code: The error code it ended with.

        """
        while self._answered < len(self._calls):
            # A listener may be user code; the other calls need their answers even if it fails.
            with suppress(Exception, SystemExit):
                self._answer(self._left(self._answered, status, code), Status.STOPPED)

    @property
    def finished(self) -> dict[str, str]:
        """The outcomes of the calls that are done and wait for those before them, by id."""
        waiting = [(self._calls[index], self._result(index)) for index in range(self._answered, len(self._calls))]
        return {call.id: result.outcome for call, result in waiting if result is not None}

    async def _resolve(self, index: int) -> Result:
        with self._logs[index].recorded():
            result = await self._run_if_allowed(index)
        began = self._begun.get(index)
        return result if began is None else replace(result, duration=time.monotonic() - began)

    async def _run_if_allowed(self, index: int) -> Result:
        call = self._calls[index]
        ready = self._toolbox.prepare(call)
        if isinstance(ready, Result):
            return ready
        try:
            is_asked = await ready.asks()
        except (Exception, SystemExit) as error:  # noqa: BLE001 it is a user's function
            text = f"Not run: the check for approval failed with {error_text(error, ready.redact)}"
            return Result(text, failed=True, error=error)
        if is_asked:
            if not self._can_ask():
                return Result(_UNSEEN, failed=True, code=_NOT_RUN)
            answer, reason = await self._approvals.ask(call.id, ready.tool.function)
            if answer == "refuse":
                return Result(_refusal(reason), failed=True, code=_REFUSED)
        self._begun[index] = time.monotonic()
        return await ready.run()

    def _answer(self, result: Result, failed_as: Status = Status.ERROR) -> None:
        """Add the result of the next call to the conversation. Does nothing if all have theirs."""
        if self._answered == len(self._calls):
            return
        call, log = self._calls[self._answered], self._logs[self._answered]
        self._answered += 1
        if result.error is not None:
            log.add_error(result.error)
        self._add(
            {"role": "tool", "tool_call_id": call.id, "content": result.content},
            status=failed_as if result.failed else Status.COMPLETE,
            error_code=result.code,
            timings=Timings(duration=result.duration),
            log=log.close(self._mask),
        )

    def _left(self, index: int, status: Status, code: str | None) -> Result:
        """Return the known state of a call that nobody awaits any more."""
        if (result := self._result(index)) is not None:
            return result
        was_stopped = status is Status.STOPPED
        if index in self._begun:
            text = f"{'Stopped' if was_stopped else 'The answer failed'} before there was a result; "
            duration = time.monotonic() - self._begun[index]
            return Result(f"{text}what it has already done is not undone.", failed=True, duration=duration)
        text = f"Not run: the answer {'was stopped' if was_stopped else 'failed'} first."
        return Result(_NO_ROOM if code == TooManyRoundsError.code else text, failed=True, code=_NOT_RUN)

    def _result(self, index: int) -> Result | None:
        """Return the result of a call, or None if there is none yet."""
        task = self._tasks[index] if self._tasks else None
        is_done = task is not None and task.done() and not task.cancelled() and task.exception() is None
        return task.result() if task is not None and is_done else None


def _refusal(reason: str) -> str:
    return f"The user refused this call: {reason}" if reason else "The user refused this call."
