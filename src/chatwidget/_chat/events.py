"""Event listeners of a chat.

Listeners are called on the runner's loop, which streams answers, so a slow one delays them. An error in one is logged;
it neither ends the answer nor affects other listeners. Async listeners are awaited there, one event after the other,
and whoever asked waits until they have handled the turn.
"""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import logging
from collections.abc import Awaitable, Callable
from typing import Any, Final, Literal, TypeAlias

from .._conversation.changes import Added, Change, Updated, delta_in, readable
from .._conversation.messages import Message, Status
from .._conversation.tree import Conversation
from .._errors import SettingsError
from .._runtime.runner import listening
from .._turns.turn import leave_turns

Event: TypeAlias = Literal["delta", "message", "turn", "error", "tool"]
EVENTS: Final = ("delta", "message", "turn", "error", "tool")

_log = logging.getLogger("chatwidget")


class Events:
    """The listeners of one conversation, by event.

    Args:
        conversation: The conversation to listen to.

    """

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation
        self._functions: dict[str, list[Callable[[Any], object]]] = {name: [] for name in EVENTS}
        self._running: dict[Callable[[Any], object], asyncio.Task[None]] = {}
        """The last call of each async listener in this turn."""
        self._growing = {message.id for message in conversation if not message.status.is_final}
        conversation.listen(self._heard)

    def on(self, event: str, function: Callable[[Any], object]) -> Callable[[], None]:
        """Call a function at each event from now on.

        Args:
            event: One of `EVENTS`.
            function: The listener, sync or async.

        Returns:
            A function that removes the listener.

        Raises:
            SettingsError: If there is no such event, or `function` is not callable.

        """
        if event not in EVENTS or not callable(function):
            message = f"on() takes an event ({', '.join(EVENTS)}) and a function, not {event!r} and {function!r}"
            raise SettingsError(message)
        functions = self._functions[event]
        functions.append(function)
        return lambda: functions.remove(function) if function in functions else None

    def turn_begins(self) -> None:
        """Forget the async listeners that are still running."""
        # The new turn must not wait for them: one of them may be waiting for this very turn.
        self._running = {}

    def turn_ended(self, reply: Message) -> asyncio.Future[Any] | None:
        """Notify the listeners of the end of a turn.

        Args:
            reply: The answer of the turn.

        Returns:
            A future that is done when async listeners have handled the turn. None if there are none running.

        """
        self._notify("turn", reply)
        if reply.status in {Status.ERROR, Status.INTERRUPTED}:
            self._notify("error", reply)
        running, self._running = self._running, {}
        return asyncio.gather(*running.values(), return_exceptions=True) if running else None

    def _heard(self, change: Change) -> None:
        if isinstance(change, Added | Updated):
            self._heard_of(self._conversation[change.id], is_new=isinstance(change, Added))
        elif (delta := delta_in(change)) is not None:
            self._notify("delta", readable(delta))

    def _heard_of(self, message: Message, *, is_new: bool) -> None:
        if not message.status.is_final:
            self._growing.add(message.id)
        elif is_new or message.id in self._growing:
            self._growing.discard(message.id)
            self._notify("message", message)
            if message.role == "tool":
                self._notify("tool", message)

    def _notify(self, event: str, value: object) -> None:
        for function in tuple(self._functions[event]):
            try:
                with listening():
                    called = function(value)
                if inspect.isawaitable(called):
                    self._await(event, function, called)
            except (Exception, SystemExit):  # noqa: BLE001 a listener may run any code
                _log.exception("A listener of the event %r failed", event)

    def _await(self, event: str, function: Callable[[Any], object], called: Awaitable[object]) -> None:
        before = self._running.get(function)

        async def run() -> None:
            if before is not None:
                await asyncio.wait([before])
            try:
                await called
            except (Exception, SystemExit):  # noqa: BLE001 as above
                _log.exception("A listener of the event %r failed", event)

        # A question that the listener asks does not belong to the turn that is being answered.
        context = contextvars.copy_context()
        context.run(leave_turns)
        self._running[function] = asyncio.get_running_loop().create_task(run(), context=context)
