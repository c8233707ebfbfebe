"""Turns: a question, its answer, and the status in which a failure ends them."""

from __future__ import annotations

import asyncio
import contextvars
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from .._conversation.messages import Message, Status
from .._errors import StreamInterruptedError, TransportError

if TYPE_CHECKING:
    from .._tools.execution import ToolBatch
    from .._tools.toolbox import Toolbox


@dataclass(eq=False, slots=True)
class Turn:
    """A question and its answer.

    `reply` resolves to the assistant message when the turn ends. A reply that calls tools is followed by another one;
    `reply_id` is always the latest.
    """

    id: str
    text: str
    start: Callable[[], str | None]
    """Adds the question to the conversation; returns the id of the message to answer."""
    params: dict[str, Any] = field(default_factory=dict)
    toolbox: Toolbox | None = None
    """Tools for this question, in place of the chat's own."""
    context_parts: list[dict[str, Any]] = field(default_factory=list)
    """Parts sent with the question that are not in the conversation."""
    replies: list[str] = field(default_factory=lambda: [uuid4().hex])
    """Ids of all replies that this turn has written to, the current one last."""
    reply: Future[Message] = field(default_factory=Future)
    context: contextvars.Context = field(default_factory=contextvars.copy_context)
    stream: asyncio.Task[None] | None = None
    began: float = field(default_factory=time.monotonic)
    first_token: float | None = None
    first_word: float | None = None
    """Seconds to the first word of the answer itself, after any reasoning."""
    earlier: list[str] = field(default_factory=list)
    """Ids of this turn's answers before `reply_id`. A function may send several."""
    rounds: int = 0
    """How often tools have been run."""
    calls: ToolBatch | None = None
    """The tool calls running between two replies."""

    @property
    def reply_id(self) -> str:
        """The id of the current reply."""
        return self.replies[-1]

    def answer_in(self, reply_id: str) -> None:
        """Switch to another reply. Everything that arrives from now on belongs to it.

        Args:
            reply_id: The id of the reply.

        """
        self.replies.append(reply_id)

    def holds(self, message_id: str, path: Sequence[str]) -> bool:
        """Return whether a message is a reply of this turn or follows one.

        Args:
            message_id: The message to check.
            path: The ids of the messages shown, in order.

        """
        begun = next((place for place, each in enumerate(path) if each in self.replies), len(path))
        return message_id in self.replies or message_id in path[begun:]

    def go_on(self) -> None:
        """Begin another reply: reset the timings and the tool calls."""
        self.calls = None
        self.answer_in(uuid4().hex)
        self.began = time.monotonic()
        self.first_token = self.first_word = None
        self.earlier = []


_current: contextvars.ContextVar[tuple[tuple[object, Turn], ...]] = contextvars.ContextVar(
    "chatwidget_turn", default=()
)
"""The turns that wait for the running code, outermost first. A function that answers one chat may ask another."""


def enter(session: object, turn: Turn) -> None:
    """Mark the current context, and tasks started in it, as answering a turn.

    Args:
        session: The session of the turn.
        turn: The turn to answer.

    """
    unanswered = (each for each in _current.get() if not each[1].reply.done())
    _current.set((*unanswered, (session, turn)))


def leave_turns() -> None:
    """Mark the current context as answering no turn."""
    _current.set(())


def current_turn(session: object) -> Turn | None:
    """Return the turn that the running code answers, which may have ended, or None.

    Args:
        session: The session to look for.

    """
    return next((turn for owner, turn in reversed(_current.get()) if owner is session), None)


def outcome_of(failure: BaseException) -> tuple[Status, str, str | None]:
    """Return how a failure ends a turn.

    Args:
        failure: The exception that the turn failed with.

    Returns:
        The status, the error text for the user, and the error code or None.

    """
    if isinstance(failure, TransportError):
        status = Status.INTERRUPTED if isinstance(failure, StreamInterruptedError) else Status.ERROR
        return status, str(failure), failure.code
    if isinstance(failure, asyncio.CancelledError):
        return Status.INTERRUPTED, "The answer was cancelled before it was complete.", None
    return Status.ERROR, f"{type(failure).__name__}: {failure}".removesuffix(": "), None
