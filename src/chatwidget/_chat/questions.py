"""Asking questions from Python and waiting for the replies."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from .._conversation.changes import Appended, Called, Change, Replaced
from .._conversation.messages import Delta, Message, Status
from .._errors import CannotWaitError, ChatError
from .._runtime.runner import Runner
from .._turns.turn import Turn, current_turn
from .chat import Chat

if TYPE_CHECKING:
    from .structured_output import AnswerFormat

_INSTEAD: Final = "`await chat.ask_async(...)` in an async function"


@dataclass(frozen=True, slots=True)
class _Question:
    start: Callable[[], Turn]
    answer_format: AnswerFormat | None

    def checked(self, reply: Message) -> Message:
        """Return the reply, parsed if a response format was given. Raises AnswerFormatError if it does not fit."""
        return reply if self.answer_format is None else self.answer_format.parsed(reply)


class Questions:
    """The methods that ask. They may be called from any thread."""

    _chat: Chat
    _runner: Runner

    def ask(
        self,
        content: object,
        *,
        attachments: object = (),
        variables: bool = False,
        response_format: object = None,
        tools: Iterable[object] | None = None,
        **params: Any,
    ) -> Message:
        """Ask a question and wait for the reply. The view streams it meanwhile.

        Interrupting the cell stops the turn.

        Args:
            content: The question: text or content parts.
            attachments: Anything to send along: paths of files, URLs of images, bytes, dataframes, figures, images.
            variables: Whether to replace `{name}` and `{expression}` in the text with values of the notebook; see
                `preview`.
            response_format: A class (such as a pydantic model or a dataclass) or a JSON schema that the answer must
                fit. `reply.parsed` is then an object of that class, or the parsed JSON.
            tools: The tools that the model may call for this question, in place of the chat's own.
            **params: Parameters of the API for this question only, passed on unchanged. Exceptions: `system_prompt`,
                which replaces the chat's; `history=False`, which omits the conversation so far; and `timeout`.

        Returns:
            The reply.

        Raises:
            ChatError: If the answer failed or was cut off. `.reply` holds the part that arrived.
            AnswerFormatError: If the answer does not fit `response_format`. A ChatError.
            ConversationError: If the arguments cannot work.
            SettingsError: If the arguments cannot work.
            OSError: If an attached file cannot be read.
            CannotWaitError: If waiting is not possible here. Use `await chat.ask_async(...)` instead.

        Example:
            >>> chat = ChatWidget(lambda messages: messages[-1]["content"].upper())
            >>> chat.ask("hello").text
            'HELLO'

        """
        self._require_wait()
        question = self._question(content, attachments, response_format, tools, params, variables=variables)
        return question.checked(self._wait(question.start))

    async def ask_async(
        self,
        content: object,
        *,
        attachments: object = (),
        variables: bool = False,
        response_format: object = None,
        tools: Iterable[object] | None = None,
        **params: Any,
    ) -> Message:
        """Ask a question and await the reply.

        Cancelling the task stops the turn.

        Args:
            content: The question: text or content parts.
            attachments: Anything to send along, as for `ask`.
            variables: Whether to replace `{name}` and `{expression}` in the text with values of the notebook.
            response_format: A class or a JSON schema that the answer must fit, as for `ask`.
            tools: The tools that the model may call for this question, in place of the chat's own.
            **params: Parameters for this question only, as for `ask`.

        Returns:
            The reply.

        Raises:
            ChatError: As for `ask`, and its other errors.
            CannotWaitError: If the function that answers this chat asks it: it would wait for itself.

        Example:
            >>> reply = await chat.ask_async("hello")
            >>> reply.text
            'HELLO'

        """
        self._require_no_circle()
        question = self._question(content, attachments, response_format, tools, params, variables=variables)
        return question.checked(await self._await(question.start))

    async def stream(
        self,
        content: object,
        *,
        attachments: object = (),
        variables: bool = False,
        tools: Iterable[object] | None = None,
        **params: Any,
    ) -> AsyncGenerator[Delta, None]:
        """Ask a question and yield the answer as it arrives.

        Leaving the loop stops the turn.

        Args:
            content: The question: text or content parts.
            attachments: Anything to send along, as for `ask`.
            variables: Whether to replace `{name}` and `{expression}` in the text with values of the notebook.
            tools: The tools that the model may call for this question, in place of the chat's own.
            **params: Parameters for this question only, as for `ask`.

        Yields:
            The pieces of the answer.

        Raises:
            ChatError: As for `ask`, after the pieces that arrived.
            CannotWaitError: If the function that answers this chat asks it: it would wait for itself.

        Example:
            >>> async for delta in chat.stream("hello"):
            ...     print(delta.content, end="")
            HELLO

        """
        self._require_no_circle()
        question = self._question(content, attachments, None, tools, params, variables=variables)
        loop = asyncio.get_running_loop()
        deltas: asyncio.Queue[Delta | None] = asyncio.Queue()

        def put(delta: Delta | None) -> None:
            with suppress(RuntimeError):  # the loop is gone, and with it whoever waited
                loop.call_soon_threadsafe(deltas.put_nowait, delta)

        turn = self._runner.call(lambda: self._heard_by(question.start(), put))
        try:
            while (delta := await deltas.get()) is not None:
                yield delta
        finally:
            self._runner.call(lambda: self._chat.session.turns.cancel(turn))
            self._answered()
        _checked(turn.reply.result())

    def follow(
        self,
        content: object,
        on_text: Callable[[str], None],
        on_retract: Callable[[str], None] = lambda _: None,
        *,
        variables: bool = False,
        **params: Any,
    ) -> Message:
        """Ask a question, pass the text of the answer to a function as it streams, and wait for the reply.

        Texts before and after tool calls are separate paragraphs.

        Args:
            content: The question: text or content parts.
            on_text: Called with each piece of text, on the thread that streams answers.
            on_retract: Called with the text that was passed on last if it turned out to be reasoning.
            variables: Whether to replace `{name}` and `{expression}` in the text with values of the notebook.
            **params: Parameters for this question only, as for `ask`.

        Returns:
            The reply.

        Raises:
            ChatError: As for `ask`, and its other errors.

        Example:
            >>> reply = chat.follow("hello", print)
            HELLO

        """
        self._require_wait()
        question = self._question(content, (), None, None, params, variables=variables)

        def hear(delta: Delta | None) -> None:
            if delta is not None and delta.content:
                on_text(delta.content)

        return self._wait(lambda: self._heard_by(question.start(), hear, on_retract))

    def preview(self, content: object = "") -> str:
        r"""Return the text that `ask(content, variables=True)` would send, including values and the `context`.

        Nothing is sent. `{name}` and `{expression}` are replaced if the notebook has all their names. Other braces
        stay, as do braces in code and f-strings; `\{name}` is sent as `{name}`. Dataframes are sent as columns, first
        rows and summary, arrays as shape, type and first elements, figures as images, functions as their source,
        modules as help. Long values are cut, with a note. Secrets are `masked`.

        Args:
            content: The question.

        Returns:
            The text.

        Raises:
            ConversationError: If an expression fails.

        Example:
            >>> name = "Ada"
            >>> chat.preview("Who was {name}?")
            'Who was Ada?'

        """
        from .._notebook.variables import filled, notebook, preview  # noqa: PLC0415 loaded when needed
        from .._requests.builder import with_context  # noqa: PLC0415 as above

        question = {"role": "user", "content": filled(content, notebook(), self.masked)}
        return preview(with_context([question], self._chat.context_parts())[0]["content"])

    def masked(self, text: str) -> str:
        """Mask the secrets in a text, as is done for all text of the notebook before the model sees it.

        Masked are keys and tokens of known kinds, values assigned to names such as `password`, values of environment
        variables with such names, and the chat's own key. At most the last four characters of each remain.

        Args:
            text: The text.

        Returns:
            The text with its secrets masked.

        Example:
            >>> chat.masked("password = 'hunter2secret99'")
            "password = '[secret …]'"

        """
        return self._chat.masked(text)

    def stop(self) -> None:
        """Stop the running answer. The part that has arrived is kept."""
        self._runner.call(self._chat.session.turns.stop)

    def retry(self) -> Message:
        """Ask for another answer to the last question, and wait for it.

        Returns:
            The new reply. The old one stays as a branch.

        Raises:
            ChatError: As for `ask`, and its errors about waiting.
            ConversationError: If there is no question to answer.

        Example:
            >>> chat.retry().text
            'HELLO'

        """
        return self._wait(self._chat.session.retry)

    def edit(self, message_id: str, content: object) -> Message:
        """Change a question, ask it again and wait for the reply. The old version and its answers stay as a branch.

        Args:
            message_id: The id of the user message to replace.
            content: The new question.

        Returns:
            The reply.

        Raises:
            ChatError: As for `ask`, and its errors about waiting.
            ConversationError: If there is no such message, or it is not the user's.

        Example:
            >>> chat.edit(chat.conversation.path[0].id, "bye").text
            'BYE'

        """
        return self._wait(lambda: self._chat.session.edit(message_id, content))

    def _question(  # noqa: PLR0913 the arguments of `ask`
        self,
        content: object,
        attachments: object,
        response_format: object,
        tools: Iterable[object] | None,
        params: dict[str, Any],
        *,
        variables: bool,
    ) -> _Question:
        toolbox = None if tools is None else self._chat.tools.make_toolbox(tools)
        if variables:
            from .._notebook.variables import filled, notebook  # noqa: PLC0415 loaded when needed

            content = filled(content, notebook(), self.masked)
        if not (isinstance(attachments, tuple | list) and not attachments):
            from .._notebook.attach import with_attached  # noqa: PLC0415 loaded when needed

            content = with_attached(content, attachments, self.masked)
        answer_format = None
        if response_format is not None:
            from .structured_output import format_of  # noqa: PLC0415 loaded when needed

            if isinstance(response_format, type):
                self._runner.load_package("pydantic")
            answer_format = format_of(response_format)
            params = {**params, "response_format": answer_format.wire}
        start = lambda: self._chat.session.submit(content, params=params, toolbox=toolbox)  # noqa: E731 as it reads best
        return _Question(start, answer_format)

    def _heard_by(
        self, turn: Turn, hear: Callable[[Delta | None], None], retract: Callable[[str], None] = lambda _: None
    ) -> Turn:
        """Call `hear` with each delta of the turn, then with None. Messages of the turn are separated as paragraphs.

        `retract` is called with the text that was passed on last if it turned out to be reasoning.
        """
        from .events import delta_in  # noqa: PLC0415 loaded with the first listener

        heard: str | None = None
        gap, said = "", ""

        def say(message_id: str, text: str) -> Delta:
            nonlocal heard, gap, said
            if heard != message_id:
                heard, gap, said = message_id, "" if heard is None else "\n\n", ""
            text = text if said else gap + text
            said += text
            return Delta(content=text)

        def changed(change: Change) -> None:
            nonlocal said
            if isinstance(change, Replaced) and change.id == turn.reply_id and "content" in change.values:
                if heard == change.id and said:
                    retract(said)
                    said = ""
                if text := change.values.get("content"):
                    hear(say(change.id, text))
            elif isinstance(change, Appended | Called) and change.id == turn.reply_id:
                delta = delta_in(change)
                hear(say(change.id, delta.content) if delta is not None and delta.content else delta)

        def ended(_: object) -> None:
            end()
            hear(None)

        end = self._chat.conversation.listen(changed)
        turn.reply.add_done_callback(ended)
        return turn

    def _require_no_circle(self) -> None:
        own = current_turn(self._chat.session)
        if own is not None and self._chat.session.turns.is_running(own):
            message = "the function that answers a chat cannot ask it and wait: it would wait for itself"
            raise CannotWaitError(message)

    def _require_wait(self) -> None:
        """Raise CannotWaitError before anything is read, connected or asked."""
        self._runner.require_wait(_INSTEAD)
        self._require_no_circle()

    def _wait(self, start: Callable[[], Turn]) -> Message:
        self._require_wait()
        turn = self._runner.call(start)
        try:
            reply = self._runner.wait(turn.reply, _INSTEAD)
        except BaseException:
            self._runner.call(lambda: self._chat.session.turns.cancel(turn))
            raise
        finally:
            self._answered()
        return _checked(reply)

    async def _await(self, start: Callable[[], Turn]) -> Message:
        turn = self._runner.call(start)
        try:
            reply = await asyncio.wrap_future(turn.reply)
        except BaseException:
            self._runner.call(lambda: self._chat.session.turns.cancel(turn))
            raise
        finally:
            self._answered()
        return _checked(reply)

    def _answered(self) -> None:
        """Run when a call that waited for an answer is about to return."""


def _checked(reply: Message) -> Message:
    if reply.status in {Status.ERROR, Status.INTERRUPTED}:
        raise ChatError(reply.error or str(reply.status), reply)
    return reply
