"""Turns: a question, its answer, and how it ends."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from .._conversation.messages import Message, Status
from .._errors import StreamInterruptedError, TransportError
from .._text import error_summary
from .replies import Replies

if TYPE_CHECKING:
    from .._tools.toolbox import Toolbox


@dataclass(frozen=True, eq=False, slots=True)
class Turn:
    """A question, and the answer to it once the turn has ended."""

    id: str
    text: str
    start: Callable[[], str | None]
    """Adds the question to the conversation; returns the id of the message to answer."""
    replies: Replies
    params: dict[str, Any] = field(default_factory=dict)
    toolbox: Toolbox | None = None
    """Tools for this question, in place of the chat's own."""
    from_view: bool = False
    """True if a view sent the question, so no code waits for the answer."""
    reply: Future[Message] = field(default_factory=Future)
    """Resolves to the last reply when the turn ends."""
    context: contextvars.Context = field(default_factory=contextvars.copy_context)
    """The context variables of the asker."""

    @property
    def reply_id(self) -> str:
        """The id of the current reply."""
        return self.replies.current


class Outcome(NamedTuple):
    """How a turn ends: its status, the error text for the user, its code, and the exception of the user's code."""

    status: Status
    error: str | None = None
    code: str | None = None
    cause: BaseException | None = None


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
    unanswered = (entry for entry in _current.get() if not entry[1].reply.done())
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


def outcome_of(failure: BaseException) -> Outcome:
    """Return how a failure ends a turn.

    Args:
        failure: The exception that the turn failed with.

    """
    if isinstance(failure, TransportError):
        status = Status.INTERRUPTED if isinstance(failure, StreamInterruptedError) else Status.ERROR
        # The session wraps it.
        cause = failure.__cause__ if isinstance(failure.__cause__, SystemExit) else None
        return Outcome(status, str(failure), failure.code, cause)
    if isinstance(failure, asyncio.CancelledError):
        return Outcome(Status.INTERRUPTED, "The answer was cancelled before it was complete.")
    return Outcome(Status.ERROR, error_summary(failure), cause=failure)
