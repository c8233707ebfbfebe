"""Asking questions from Python and waiting for the replies."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from contextlib import suppress
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from .. import _chat, _notebook
from .._conversation.changes import Appended, Called, Change, Replaced, delta_in, readable
from .._conversation.messages import Delta, Message, Status
from .._conversation.tree import Conversation
from .._errors import CannotWaitError, ChatError, SettingsError
from .._runtime.runner import Runner
from .._tools.chat_tools import ChatTools
from .._turns.session import Session
from .._turns.turn import Turn, current_turn
from .parameter_names import QUESTION, check_parameters

if TYPE_CHECKING:
    from .structured_output import AnswerFormat

_INSTEAD: Final = "`await chat.ask_async(...)` in an async function"


class Question(NamedTuple):
    """A question with all that goes along; see `ChatWidget.ask`."""

    content: object
    attachments: object = ()
    variables: bool = False
    response_format: object = None
    tools: Iterable[object] | None = None
    params: Mapping[str, Any] = MappingProxyType({})


class Questions:
    """The questions that Python asks a chat. The methods may be called from any thread.

    Args:
        session: The session that runs the turns.
        tools: The tools of the chat.
        runner: The runner of the chat.
        mask: Masks secrets in a text of the notebook.
        on_answered: Called when a call that waited for an answer is about to return.
        require_context: Raises SettingsError if the context to send names a variable that does not exist.

    """

    def __init__(
        self,
        session: Session,
        tools: ChatTools,
        runner: Runner,
        *,
        mask: Callable[[str], str],
        on_answered: Callable[[], None],
        require_context: Callable[[], None] = lambda: None,
    ) -> None:
        self._session = session
        self._tools = tools
        self._runner = runner
        self._mask = mask
        self._require_context = require_context
        self._on_answered = on_answered

    def ask(self, question: Question) -> Message:
        """Ask a question and wait for the reply. Interrupting the wait stops the turn.

        Args:
            question: The question.

        Returns:
            The reply.

        Raises:
            ChatError: If the answer failed or was cut off.
            AnswerFormatError: If the answer does not fit the response format.
            ConversationError: If the question cannot be asked.
            SettingsError: If the question cannot be asked.
            OSError: If an attached file cannot be read.
            CannotWaitError: If waiting is not possible here.

        """
        self._require_wait()
        prepared = self._prepare(question)
        return prepared.parsed(self._wait(prepared.start))

    async def ask_async(self, question: Question) -> Message:
        """Ask a question and await the reply. Cancelling the task stops the turn.

        Args:
            question: The question.

        Returns:
            The reply.

        Raises:
            ChatError: As for `ask`, and its other errors.
            CannotWaitError: If the function that answers the chat asks it.

        """
        self._require_no_circle()
        prepared = self._prepare(question)
        turn = self._runner.call(prepared.start)
        try:
            await asyncio.wrap_future(turn.reply)
        except BaseException:
            self._runner.call(lambda: self._cancel(turn))
            raise
        finally:
            self._on_answered()
        return prepared.parsed(_reply_of(turn))

    async def stream(self, question: Question) -> AsyncGenerator[Delta, None]:
        """Ask a question and yield the answer as it arrives. Leaving the loop stops the turn.

        Args:
            question: The question.

        Yields:
            The deltas of the answer.

        Raises:
            ChatError: As for `ask_async`, and its other errors.

        """
        self._require_no_circle()
        prepared = self._prepare(question)
        loop = asyncio.get_running_loop()
        deltas: asyncio.Queue[Delta | None] = asyncio.Queue()

        def put(delta: Delta | None) -> None:
            with suppress(RuntimeError):  # the loop is gone, and with it whoever waited
                loop.call_soon_threadsafe(deltas.put_nowait, delta)

        turn = self._runner.call(lambda: self._follow(prepared.start(), put))
        try:
            while (delta := await deltas.get()) is not None:
                yield readable(delta)
        finally:
            self._runner.call(lambda: self._cancel(turn))
            self._on_answered()
        _reply_of(turn)

    def follow(self, question: Question, on_text: Callable[[str], None], on_retract: Callable[[str], None]) -> Message:
        """Ask a question, pass the text of the answer to a function as it streams, and wait for the reply.

        Args:
            question: The question.
            on_text: Called with each piece of text, on the runner's loop.
            on_retract: Called with the text that was passed on last if it turned out to be reasoning.

        Returns:
            The reply.

        Raises:
            ChatError: As for `ask`, and its other errors.

        """
        self._require_wait()
        prepared = self._prepare(question)

        def on_delta(delta: Delta | None) -> None:
            if delta is not None and delta.content:
                on_text(delta.content)

        return self._wait(lambda: self._follow(prepared.start(), on_delta, on_retract))

    def retry(self) -> Message:
        """Ask for another answer to the last question, and wait for it.

        Returns:
            The new reply.

        Raises:
            ChatError: As for `ask`.
            ConversationError: If there is no question to answer.
            CannotWaitError: If waiting is not possible here.

        """
        return self._wait(self._session.retry)

    def edit(self, message_id: str, content: object) -> Message:
        """Change a question, ask it again and wait for the reply.

        Args:
            message_id: The id of the user message to replace.
            content: The new question.

        Returns:
            The reply.

        Raises:
            ChatError: As for `ask`.
            ConversationError: If there is no such message, or it is not the user's.
            CannotWaitError: If waiting is not possible here.

        """
        return self._wait(lambda: self._session.edit(message_id, content))

    def _prepare(self, question: Question) -> _Prepared:
        """Read everything that goes along with a question, and connect its tools."""
        self._require_context()
        content, params = question.content, dict(question.params)
        check_parameters(params, QUESTION)
        if not isinstance(params.get("system_prompt"), str | None):
            message = f"system_prompt must be text, not {type(params['system_prompt']).__name__}"
            raise SettingsError(message)
        toolbox = None if question.tools is None else self._tools.make_toolbox(question.tools)
        if question.variables:
            content = _notebook.variables.filled(content, _notebook.variables.notebook(), self._mask)
        if not (isinstance(question.attachments, tuple | list) and not question.attachments):
            content = _notebook.attach.with_attached(content, question.attachments, self._mask)
        answer_format = None
        if question.response_format is not None:
            if isinstance(question.response_format, type):
                self._runner.load_package("pydantic")
            answer_format = _chat.structured_output.format_of(question.response_format)
            params["response_format"] = answer_format.wire
        return _Prepared(lambda: self._session.submit(content, params=params, toolbox=toolbox), answer_format)

    def _follow(
        self,
        turn: Turn,
        on_delta: Callable[[Delta | None], None],
        on_retract: Callable[[str], None] = lambda _: None,
    ) -> Turn:
        _Follower(self._session.conversation, turn, on_delta, on_retract)
        return turn

    def _require_no_circle(self) -> None:
        own = current_turn(self._session)
        if own is not None and self._session.turns.is_running(own):
            message = "a function that answers a chat cannot ask the same chat and wait: it would wait for itself"
            raise CannotWaitError(message)

    def _require_wait(self) -> None:
        """Raise CannotWaitError before anything is read, connected or asked."""
        self._runner.require_wait(_INSTEAD)
        self._require_no_circle()

    def _wait(self, start: Callable[[], Turn]) -> Message:
        self._require_wait()
        turns: list[Turn] = []
        try:
            self._runner.call(lambda: turns.append(start()))
            self._runner.wait(turns[0].reply, _INSTEAD)
        except BaseException:
            # An interrupt may come while the turn begins, before it is known here; this runs after its beginning.
            self._runner.call(lambda: self._cancel(*turns))
            raise
        finally:
            self._on_answered()
        return _reply_of(turns[0])

    def _cancel(self, *turns: Turn) -> None:
        for turn in turns:
            self._session.turns.cancel(turn)


class _Prepared(NamedTuple):
    """A question that is ready to be asked."""

    start: Callable[[], Turn]
    answer_format: AnswerFormat | None

    def parsed(self, reply: Message) -> Message:
        """Return the reply, parsed if a response format was given. Raises AnswerFormatError if it does not fit."""
        return reply if self.answer_format is None else self.answer_format.parsed(reply)


class _Follower:
    """A listener that passes on the deltas of a turn. Messages of the turn are separated as paragraphs.

    Args:
        conversation: The conversation of the turn.
        turn: The turn, which has begun or waits.
        on_delta: Called with each delta, then with None.
        on_retract: Called with the text that was passed on last if it turned out to be reasoning.

    """

    def __init__(
        self,
        conversation: Conversation,
        turn: Turn,
        on_delta: Callable[[Delta | None], None],
        on_retract: Callable[[str], None],
    ) -> None:
        self._turn = turn
        self._on_delta = on_delta
        self._on_retract = on_retract
        self._message_id: str | None = None
        """The message whose text was passed on last."""
        self._gap = ""
        self._text = ""
        """The text of this message so far."""
        self._stop = conversation.listen(self._changed)
        turn.reply.add_done_callback(self._ended)

    def _changed(self, change: Change) -> None:
        if isinstance(change, Replaced) and change.id == self._turn.reply_id and "content" in change.values:
            self._replaced(change.id, change.values["content"])
        elif isinstance(change, Appended | Called) and change.id == self._turn.reply_id:
            delta = delta_in(change)
            self._on_delta(self._continued(change.id, delta.content) if delta is not None and delta.content else delta)

    def _replaced(self, message_id: str, text: str | None) -> None:
        if self._message_id == message_id and self._text:
            self._on_retract(self._text)
            self._text = ""
        if text:
            self._on_delta(self._continued(message_id, text))

    def _continued(self, message_id: str, text: str) -> Delta:
        """Return a delta with text of a message, which begins a paragraph if it is the first of a later message."""
        if self._message_id != message_id:
            self._gap = "" if self._message_id is None else "\n\n"
            self._message_id, self._text = message_id, ""
        if not self._text:
            text = self._gap + text
        self._text += text
        return Delta(content=text)

    def _ended(self, _: object) -> None:
        self._stop()
        self._on_delta(None)


def _reply_of(turn: Turn) -> Message:
    """Return the reply of a turn that has ended, or raise its error."""
    reply = turn.reply.result()
    if reply.status in {Status.ERROR, Status.INTERRUPTED}:
        raise ChatError(reply.error or str(reply.status), reply) from turn.replies.cause
    return reply
