"""Questions to a chat from Python, and waiting for what comes of them."""

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
        """`reply` as it was asked for. Raises AnswerFormatError where it is not."""
        return reply if self.answer_format is None else self.answer_format.parsed(reply)


class Questions:
    """The calls that ask. They may come from any thread."""

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
        """Ask `content` (text or content parts) and wait; the view streams meanwhile. Gives the reply.

        `attachments` are sent along: paths of files, addresses of images, bytes, dataframes, figures, images.
        With `variables`, `{name}` and `{expression}` in the text stand for values of the notebook; see `preview`.
        `response_format` is a class (pydantic's, a dataclass) or a JSON schema that the answer is to fit: it is then in
        `reply.parsed`, an object of that class or a dict. The model may call `tools` in place of the chat's own.
        Further keywords are for this question only and go to the API as they are, but for `system_prompt`, which
        takes the place of the chat's; `history=False`, which sends nothing of the conversation before; and `timeout`.

        Raises ChatError, with what arrived as `.reply`, when the answer failed or was cut, AnswerFormatError, which is
        one, when it does not fit; ConversationError, SettingsError and OSError when the arguments cannot work;
        CannotWaitError where nothing may wait (use `await chat.ask_async(...)` there). An interrupt of the
        cell stops the turn.
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
        """Ask as `ask` does and await the reply. Raises as it does; cancelling stops the turn."""
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
        """Ask as `ask` does, and give the answer as it comes: `async for delta in chat.stream(...): delta.content`.

        Leaving the loop stops the turn. Raises ChatError, after what came before, as `ask` does.
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
            self._runner.call(lambda: self._chat.session.cancel(turn))
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
        """Ask as `ask` does; `on_text` hears each piece of the answer's text where it is streamed.

        What is said before and after tools are called comes as paragraphs of their own. `on_retract` hears the text
        that was heard last, if it has turned out to be reasoning.
        """
        self._require_wait()
        question = self._question(content, (), None, None, params, variables=variables)

        def hear(delta: Delta | None) -> None:
            if delta is not None and delta.content:
                on_text(delta.content)

        return self._wait(lambda: self._heard_by(question.start(), hear, on_retract))

    def preview(self, content: object = "") -> str:
        r"""What `ask(content, variables=True)` would send, with all values and the `context`, without sending it.

        `{name}` and `{expression}` are values of the notebook if all their names are there; other braces stay, as do
        those in code and f-strings, and `\{name}` goes out as `{name}`. Dataframes go as columns, first rows and
        summary, arrays as shape, type and first elements, figures as images, functions as their source, modules as
        help; long ones are cut, and say so. Secrets in them are `masked`.
        Raises ConversationError where one fails.
        """
        from .._notebook.variables import filled, notebook, preview  # noqa: PLC0415 loaded when needed
        from .._requests.builder import with_context  # noqa: PLC0415 as above

        question = {"role": "user", "content": filled(content, notebook(), self.masked)}
        return preview(with_context([question], self._chat.context_parts())[0]["content"])

    def masked(self, text: str) -> str:
        """`text` as a model is told it where it is the notebook's own: without secrets.

        Those are keys and tokens of known kinds, what is assigned to a name such as `password`, variables of the
        environment with such a name, and the chat's own key. At most the last four characters of each remain.
        """
        return self._chat.masked(text)

    def stop(self) -> None:
        """End the running answer; what has arrived is kept."""
        self._runner.call(self._chat.session.stop)

    def retry(self) -> Message:
        """Ask for another answer to the last question and wait for it, as `ask` does."""
        return self._wait(self._chat.session.retry)

    def edit(self, message_id: str, content: object) -> Message:
        """Ask again with `content` in place of the user message `message_id`, and wait, as `ask` does.

        The old version and what followed it stay as a branch.
        """
        return self._wait(lambda: self._chat.session.edit(message_id, content))

    def _question(  # noqa: PLR0913 what `ask` is given
        self,
        content: object,
        attachments: object,
        response_format: object,
        tools: Iterable[object] | None,
        params: dict[str, Any],
        *,
        variables: bool,
    ) -> _Question:
        toolbox = None if tools is None else self._chat.toolbox(tools)
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
        """Have `hear` told of the turn's answer as it comes, its messages as paragraphs, and of None at its end.

        `retract` is called with text that was heard last and has turned out to be reasoning.
        """
        from .events import delta_in  # noqa: PLC0415 loaded once somebody listens

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
        if own is not None and self._chat.session.is_running(own):
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
            self._runner.call(lambda: self._chat.session.cancel(turn))
            raise
        finally:
            self._answered()
        return _checked(reply)

    async def _await(self, start: Callable[[], Turn]) -> Message:
        turn = self._runner.call(start)
        try:
            reply = await asyncio.wrap_future(turn.reply)
        except BaseException:
            self._runner.call(lambda: self._chat.session.cancel(turn))
            raise
        finally:
            self._answered()
        return _checked(reply)

    def _answered(self) -> None:
        """Called when a call that waited for an answer is about to return."""


def _checked(reply: Message) -> Message:
    if reply.status in {Status.ERROR, Status.INTERRUPTED}:
        raise ChatError(reply.error or str(reply.status), reply)
    return reply
