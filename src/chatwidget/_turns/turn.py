"""One question and its answer, and what a failure makes of it."""

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
    """One question and its answer. `reply` is resolved with the assistant message when the turn ends.

    A reply that calls tools is followed by another one: `reply_id` is that of the last.
    """

    id: str
    text: str
    start: Callable[[], str | None]
    """Puts the question into the conversation; gives the id of the message to answer."""
    params: dict[str, Any] = field(default_factory=dict)
    toolbox: Toolbox | None = None
    """What this question may use in place of the chat's own tools."""
    context_parts: list[dict[str, Any]] = field(default_factory=list)
    """Parts that are sent with the question and are not in the conversation."""
    replies: list[str] = field(default_factory=lambda: [uuid4().hex])
    """Ids of all replies that it has given something to, that of now last."""
    reply: Future[Message] = field(default_factory=Future)
    context: contextvars.Context = field(default_factory=contextvars.copy_context)
    stream: asyncio.Task[None] | None = None
    began: float = field(default_factory=time.monotonic)
    first_token: float | None = None
    first_word: float | None = None
    """Of the answer itself, after any reasoning."""
    earlier: list[str] = field(default_factory=list)
    """Ids of the answers of this turn before the one of `reply_id`: a function may give several."""
    sender: str | None = None
    """Who gives its replies; see `Message.sender`."""
    rounds: int = 0
    """How often its tools were run."""
    calls: ToolBatch | None = None
    """The calls that are being run, between two replies."""

    @property
    def reply_id(self) -> str:
        """The id of the reply that is being given."""
        return self.replies[-1]

    def answer_in(self, reply_id: str) -> None:
        """What comes from now on is of this reply."""
        self.replies.append(reply_id)

    def holds(self, message_id: str, path: Sequence[str]) -> bool:
        """Whether a message is a reply of this turn, or follows one on `path`."""
        begun = next((place for place, each in enumerate(path) if each in self.replies), len(path))
        return message_id in self.replies or message_id in path[begun:]

    def go_on(self) -> None:
        """Begin another reply."""
        self.calls = None
        self.answer_in(uuid4().hex)
        self.began = time.monotonic()
        self.first_token = self.first_word = None
        self.earlier = []


_current: contextvars.ContextVar[tuple[tuple[object, Turn], ...]] = contextvars.ContextVar(
    "chatwidget_turn", default=()
)
"""The turns that wait for this code, outermost first: the function that answers one chat may ask another."""


def enter(session: object, turn: Turn) -> None:
    """From here on this context, and what is begun in it, answers `turn` of `session`."""
    unanswered = (each for each in _current.get() if not each[1].reply.done())
    _current.set((*unanswered, (session, turn)))


def leave_turns() -> None:
    """From here on this context answers no turn."""
    _current.set(())


def current_turn(session: object) -> Turn | None:
    """Return the turn of `session` that this code answers, which may have ended."""
    return next((turn for owner, turn in reversed(_current.get()) if owner is session), None)


def outcome_of(failure: BaseException) -> tuple[Status, str, str | None]:
    """The status, the sentence for the user and the code that `failure` ends a turn with."""
    if isinstance(failure, TransportError):
        status = Status.INTERRUPTED if isinstance(failure, StreamInterruptedError) else Status.ERROR
        return status, str(failure), failure.code
    if isinstance(failure, asyncio.CancelledError):
        return Status.INTERRUPTED, "The answer was cancelled before it was complete.", None
    return Status.ERROR, f"{type(failure).__name__}: {failure}".removesuffix(": "), None
