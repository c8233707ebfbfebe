"""A session: one conversation, the model that answers it, and the questions to ask.

Everything here runs on the runner's loop.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from .. import _turns
from .._conversation.messages import Message
from .._conversation.normalize import message_dict
from .._conversation.tree import Conversation
from .._errors import ConversationError
from .._requests.builder import Requests
from .._tools.approvals import Approvals
from .._transports.base import Retrying, Transport
from .._transports.models.facts import ListedModel
from .hooks import SessionHooks
from .queue import TurnQueue
from .replies import Replies
from .run import TurnRun
from .turn import Turn

if TYPE_CHECKING:
    from .._tools.toolbox import Toolbox
    from .updates import MessageInjector

_NO_HOOKS: Final = SessionHooks()
_NOTHING: Final = "there is nothing to retry"


class SessionStatus(StrEnum):
    """The state of a session."""

    DISCONNECTED = "disconnected"
    READY = "ready"
    WAITING = "waiting"
    STREAMING = "streaming"
    RETRYING = "retrying"


class Session:
    """A conversation, the model and the tools that answer it, and the turns.

    Args:
        conversation: The conversation that the turns add to.
        hooks: The functions to call.
        chat: The chat, passed to functions that answer and ask for it.

    """

    def __init__(self, conversation: Conversation, hooks: SessionHooks = _NO_HOOKS, chat: object = None) -> None:
        self.conversation = conversation
        self.hooks = hooks
        self.turns = TurnQueue(conversation, hooks, self._run_of)
        """The turns that run and wait."""
        self.approvals = Approvals(self.turns.notify_change)
        """The tool calls that wait for the user's decision."""
        self.requests = Requests(
            conversation,
            chat,
            on_change=self.turns.notify_change,
            on_notice=hooks.on_notice,
            on_model_end=hooks.on_model_end,
        )
        """The builder of the requests, with the settings of the chat."""
        self.transport: Transport | None = None
        """The way to the model; None if none is connected."""
        self.toolbox: Toolbox | None = None
        """The tools that the model may call."""
        self.has_view = False
        """True once a view can show an approval prompt."""

    @property
    def status(self) -> SessionStatus:
        """The current state."""
        run = self.turns.running
        if run is None:
            return SessionStatus.READY if self.transport is not None else SessionStatus.DISCONNECTED
        if run.retrying is not None:
            return SessionStatus.RETRYING
        return SessionStatus.STREAMING if run.is_streaming else SessionStatus.WAITING

    @property
    def retrying(self) -> Retrying | None:
        """The failed request that is about to be repeated, if any."""
        return self.turns.running.retrying if self.turns.running is not None else None

    @property
    def finished_calls(self) -> dict[str, str]:
        """The outcomes of tool calls that are done and wait for those before them, by id."""
        return {} if self.turns.running is None else self.turns.running.finished_calls

    @cached_property
    def injector(self) -> MessageInjector:
        """The writer of messages that functions add to the conversation."""
        return _turns.updates.MessageInjector(self.conversation, self.turns.is_running)

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
        id: str | None = None,
        params: dict[str, Any] | None = None,
        toolbox: Toolbox | None = None,
    ) -> Turn:
        """Ask a question now, or after the turns before it.

        Args:
            content: The question, as text or content parts.
            id: The id of the user message, if a view sent it; a new one by default.
            params: Request parameters for this turn alone.
            toolbox: The tools for this turn, in place of the chat's.

        Returns:
            The turn, which may still be queued.

        Raises:
            ConversationError: `content` cannot be a user message, or the chat is closed.

        """
        data = message_dict({"role": "user", "content": content})
        turn_id = id or uuid4().hex
        start = partial(self.conversation.add, data, id=turn_id)
        replies = Replies(self.conversation)
        text, from_view = Message(turn_id, data).text, id is not None
        return self.turns.enqueue(Turn(turn_id, text, start, replies, params or {}, toolbox, from_view))

    def retry(self) -> Turn:
        """Ask for another answer to the last question. The existing answer stays as a branch.

        Returns:
            The turn, which may still be queued.

        Raises:
            ConversationError: There is nothing to try again, or the chat is closed.

        """
        if not len(self.conversation) and self.turns.is_idle:
            raise ConversationError(_NOTHING)
        return self.turns.enqueue(Turn(uuid4().hex, "", self._step_back, Replies(self.conversation)))

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
        self._require_shown(message_id, "assistant", "only an answer can be regenerated")
        start = partial(self._instead_of, message_id)
        return self.turns.enqueue(Turn(uuid4().hex, "", start, Replies(self.conversation)), now=True)

    def edit(self, message_id: str, content: object, *, id: str | None = None, now: bool = False) -> Turn:
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
        self._require_shown(message_id, "user", "only a user message can be edited")
        data = message_dict({"role": "user", "content": content})
        turn_id = id or uuid4().hex
        start = partial(self.conversation.edit, message_id, data["content"], id=turn_id)
        turn = Turn(turn_id, Message(turn_id, data).text, start, Replies(self.conversation))
        return self.turns.enqueue(turn, now=now)

    async def aclose(self) -> None:
        """End all turns, wait for them, and close the transport."""
        await self.turns.aclose()
        await self.requests.aclose()
        if self.transport is not None:
            await self.transport.aclose()

    def forked(self) -> None:
        """Reset after a fork: what runs and waits belongs to the parent process."""
        self.has_view = False
        self.approvals.forked()
        self.requests.forked()
        self.turns.forked()

    def _run_of(self, turn: Turn) -> TurnRun:
        return TurnRun(turn, self, self.turns.notify_change)

    def _require_shown(self, message_id: str, role: str, otherwise: str) -> None:
        if self.conversation[message_id].role != role:
            raise ConversationError(otherwise)
        if not self.conversation.shows(message_id):
            message = "this message is no longer shown; switch to its branch first"
            raise ConversationError(message)

    def _step_back(self) -> str:
        """Return the id of the message that another answer to the last question follows."""
        path = self.conversation.path
        if not path:
            raise ConversationError(_NOTHING)
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
