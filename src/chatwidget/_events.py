"""What happens in a chat, as functions of a notebook hear it.

They are called on the runner's loop, where answers are streamed: a slow one holds them up. One that fails
is logged, and neither ends the answer nor keeps the others from hearing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final, Literal, TypeAlias

from ._changes import Added, Appended, Called, Change, Updated
from ._conversation import Conversation
from ._errors import SettingsError
from ._messages import Delta, Message, Status, ToolCallDelta

Event: TypeAlias = Literal["delta", "message", "turn", "error", "tool"]
EVENTS: Final = ("delta", "message", "turn", "error", "tool")

_log = logging.getLogger("chatwidget")


def delta_in(change: Change) -> Delta | None:
    """What `change` adds to an answer; None where it adds nothing."""
    match change:
        case Appended(field="arguments", text=text, call=call):
            return Delta(tool_calls=(ToolCallDelta(call or 0, arguments=text),))
        case Appended(field=field, text=text):
            return replace(Delta(), **{field: text})  # type: ignore[arg-type]
        case Called(call=call, value=value):
            return Delta(tool_calls=(ToolCallDelta(call, value.id, value.name),))
    return None


class Events:
    """The functions that listen to one conversation, by what they want to hear."""

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation
        self._functions: dict[str, list[Callable[[Any], object]]] = {name: [] for name in EVENTS}
        self._growing = {message.id for message in conversation if not message.status.is_final}
        conversation.listen(self._heard)

    def on(self, event: str, function: Callable[[Any], object]) -> Callable[[], None]:
        """Call `function` at each `event` from now on; gives the function that ends this. Raises SettingsError."""
        if event not in self._functions or not callable(function):
            message = f"listen to one of {', '.join(EVENTS)} with a function, not to {event!r} with {function!r}"
            raise SettingsError(message)
        functions = self._functions[event]
        functions.append(function)
        return lambda: functions.remove(function) if function in functions else None

    def turn_ended(self, reply: Message) -> None:
        """A turn has ended with `reply`."""
        self._tell("turn", reply)
        if reply.status in {Status.ERROR, Status.INTERRUPTED}:
            self._tell("error", reply)

    def _heard(self, change: Change) -> None:
        if isinstance(change, Added | Updated):
            self._heard_of(self._conversation[change.id], is_new=isinstance(change, Added))
        elif (delta := delta_in(change)) is not None:
            self._tell("delta", delta)

    def _heard_of(self, message: Message, *, is_new: bool) -> None:
        if not message.status.is_final:
            self._growing.add(message.id)
        elif is_new or message.id in self._growing:
            self._growing.discard(message.id)
            self._tell("message", message)
            if message.role == "tool":
                self._tell("tool", message)

    def _tell(self, event: str, value: object) -> None:
        for function in tuple(self._functions[event]):
            try:
                function(value)
            except Exception:  # noqa: BLE001 it is anyone's code
                _log.exception("A function that listens to %r failed", event)
