"""The turns of a conversation, which run one after the other.

Everything here runs on the runner's loop. Turns end in one place, `TurnQueue._end`, in exactly one status.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable
from functools import partial
from typing import Final

from .._conversation.messages import Status
from .._conversation.tree import Conversation
from .._errors import ConversationError, raised_by
from .hooks import SessionHooks
from .replies import Replies
from .run import TurnRun
from .turn import Outcome, Turn, outcome_of

_ELSEWHERE: Final = Outcome(Status.INTERRUPTED, "The answer continues in the process that asked for it.")

_log = logging.getLogger("chatwidget")


class TurnQueue:
    """The turns of a conversation: the running one, and those that wait for it.

    Args:
        conversation: The conversation that the turns add to.
        hooks: The functions to call when turns begin, change and end.
        make_run: Returns the run of a turn.

    """

    def __init__(self, conversation: Conversation, hooks: SessionHooks, make_run: Callable[[Turn], TurnRun]) -> None:
        self._conversation = conversation
        self._hooks = hooks
        self._make_run = make_run
        self._waiting: deque[Turn] = deque()
        self._held: set[str] = set()
        """The ids of turns that do not start before `release`. `resume` may queue them again, so they stay here."""
        self._running: TurnRun | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        """The tasks of the running turn, and of ended ones that do not listen to their cancellation."""
        self._closed = False

    @property
    def running(self) -> TurnRun | None:
        """The run of the running turn."""
        return self._running

    @property
    def waiting(self) -> list[Turn]:
        """The turns that wait for the running one, in order."""
        return list(self._waiting)

    @property
    def is_idle(self) -> bool:
        """True if no turn runs or waits."""
        return self._running is None and not self._waiting

    def is_held(self, turn: Turn) -> bool:
        """Return whether a turn waits for `release`.

        Args:
            turn: The turn to check.

        """
        return turn.id in self._held

    def is_running(self, turn: Turn) -> bool:
        """Return whether a turn is the running one.

        Args:
            turn: The turn to check.

        """
        return self._running is not None and turn is self._running.turn

    def knows(self, turn_id: str) -> bool:
        """Return whether an id is that of a message, or of a running or waiting turn.

        Args:
            turn_id: The id to look for.

        """
        running = () if self._running is None else (self._running.turn,)
        return turn_id in self._conversation or any(turn.id == turn_id for turn in (*running, *self._waiting))

    def enqueue(self, turn: Turn, *, now: bool = False) -> Turn:
        """Run a turn after those before it.

        Args:
            turn: The turn.
            now: Stop the running turn, and run this one before those that wait.

        Returns:
            The turn.

        Raises:
            ConversationError: The chat is closed.

        """
        if self._closed:
            message = "this chat is closed"
            raise ConversationError(message)
        turn.reply.set_running_or_notify_cancel()
        if now:
            self._waiting.appendleft(turn)
            self._stop_running()
        else:
            self._waiting.append(turn)
        self._start_next()
        self.notify_change()
        return turn

    def stop(self, last: str | None = None) -> None:
        """End the running turn and keep the text received so far.

        The questions of views that wait are held until `release`: stopping starts nothing. Turns that code waits for
        continue.

        Args:
            last: The id of the last message the user saw. If it is older than the running turn, the user meant an
                earlier turn, and nothing is stopped.

        """
        run = self._running
        if run is not None and (last is None or run.turn.replies.holds(last)):
            self._held.update(turn.id for turn in self._waiting if turn.from_view)
            self._stop_running()

    def release(self, turn_id: str) -> None:
        """Let a held turn run after those before it. Does nothing if no such turn is held.

        Args:
            turn_id: The id of the turn.

        """
        if turn_id in self._held:
            self._held.remove(turn_id)
            self._start_next()
            self.notify_change()

    def withdraw(self, turn_id: str) -> None:
        """Take the question of a view out of the queue. Does nothing if no such turn waits.

        Args:
            turn_id: The id of the turn.

        """
        for turn in self.waiting:
            if turn.id == turn_id and turn.from_view:
                self.cancel(turn)

    def cancel(self, turn: Turn) -> None:
        """End a turn, or take it out of the queue. Does nothing if it has ended.

        Args:
            turn: The turn to end.

        """
        if self.is_running(turn):
            self._stop_running()
        elif turn in self._waiting:
            self._waiting.remove(turn)
            turn.reply.set_exception(asyncio.CancelledError())
            self.notify_change()

    def halt(self) -> list[Turn]:
        """End the running turn and all waiting ones, so that the conversation can be changed.

        Returns:
            The turns that waited, for `resume`.

        """
        waiting = self.waiting
        for turn in waiting:
            self.cancel(turn)
        self._stop_running()
        return waiting

    def resume(self, turns: Iterable[Turn]) -> None:
        """Queue again the turns that `halt` returned.

        Args:
            turns: The turns, in order.

        """
        for turn in turns:
            replies = Replies(self._conversation)
            again = Turn(turn.id, turn.text, turn.start, replies, turn.params, turn.toolbox, turn.from_view)
            self.enqueue(again)

    def rearrange(self, change: Callable[[], None]) -> None:
        """Stop the running turn, change the conversation, then continue with the waiting turns.

        Args:
            change: Changes the conversation. Its exceptions are passed on, after the waiting turns have been restored.

        """
        waiting, self._waiting = self._waiting, deque()
        self._stop_running()
        try:
            change()
        finally:
            self._waiting.extendleft(reversed(waiting))
            self._start_next()
            self.notify_change()

    def notify_change(self) -> None:
        """Call `on_change`. Its failure ends the running turn."""
        failure = raised_by(self._hooks.on_change)
        if failure is None:
            return
        if self._running is not None:
            self._end(self._running, outcome_of(failure))
        else:
            _log.error("An observer of the chat's status failed: %r", failure)

    async def idle(self) -> None:
        """Wait until the currently running turn has ended."""
        if self._running is not None:
            await asyncio.wrap_future(self._running.turn.reply)

    async def aclose(self) -> None:
        """End all turns, and wait for their tasks."""
        self._closed = True
        self.halt()
        if self._tasks:
            await asyncio.wait(self._tasks)

    def forked(self) -> None:
        """Reset after a fork: end the turn that runs in the parent process, and drop those that wait."""
        self._tasks = set()
        self._waiting.clear()
        self._held.clear()
        if self._running is not None:
            # Its answer goes on in the parent, and none of it arrives here.
            self._running.forked()
            self._end(self._running, _ELSEWHERE)

    def _stop_running(self) -> None:
        if self._running is not None:
            self._end(self._running, Outcome(Status.STOPPED))

    def _start_next(self) -> None:
        while self._running is None and (turn := self._next()) is not None:
            self._waiting.remove(turn)
            run = self._running = self._make_run(turn)
            self._hooks.on_turn_begin()
            failure = run.begin()
            if failure is not None:
                self._end(run, outcome_of(failure))
            else:
                task = run.start()
                self._tasks.add(task)
                task.add_done_callback(partial(self._answered, run))

    def _next(self) -> Turn | None:
        return next((turn for turn in self._waiting if not self.is_held(turn)), None)

    def _answered(self, run: TurnRun, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        failure = asyncio.CancelledError() if task.cancelled() else task.exception()
        if run is self._running:
            self._end(run, run.outcome(failure))

    def _end(self, run: TurnRun, outcome: Outcome) -> None:
        """End the running turn. No other code ends one."""
        self._running = None
        reply = run.finish(outcome)
        answer = run.turn.reply
        if (listeners := self._hooks.on_turn_end(reply)) is None:
            answer.set_result(reply)
        else:
            listeners.add_done_callback(lambda _: answer.set_result(reply))
        self._start_next()
        self.notify_change()
