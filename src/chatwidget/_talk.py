"""What one does with a chat from Python: ask, answer, change, keep. `ChatWidget` is this, shown."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar, overload
from uuid import uuid4

from ._changes import Appended, Called, Change
from ._chat import Chat
from ._conversation import Conversation
from ._errors import CannotWaitError, ChatError, SettingsError
from ._messages import Delta, Message, Status, Usage
from ._runner import Runner
from ._turn import Turn, current_turn

if TYPE_CHECKING:
    from ._answer_formats import AnswerFormat
    from ._events import Event, Events
    from ._tools import Approve

F = TypeVar("F", bound=Callable[..., Any])

_INSTEAD: Final = "`await chat.send(...)`"


@dataclass(frozen=True, slots=True)
class _Question:
    start: Callable[[], Turn]
    answer_format: AnswerFormat | None

    def checked(self, reply: Message) -> Message:
        """`reply` as it was asked for. Raises AnswerFormatError where it is not."""
        return reply if self.answer_format is None else self.answer_format.parsed(reply)


class Talk:
    """The calls that a chat answers. They may come from any thread."""

    _chat: Chat
    _runner: Runner

    prices: dict[str, tuple[float, float]]
    """Dollars for a million tokens of prompt and of completion, by the name of the model or what it begins with."""

    # Asking

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
        CannotWaitError where nothing may wait (use `await chat.send(...)` there). An interrupt of the
        cell stops the turn.
        """
        question = self._question(content, attachments, response_format, tools, params, variables=variables)
        return question.checked(self._wait(question.start))

    async def send(
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
        question = self._question(content, attachments, None, tools, params, variables=variables)
        loop = asyncio.get_running_loop()
        deltas: asyncio.Queue[Delta | None] = asyncio.Queue()

        def put(delta: Delta | None) -> None:
            with suppress(RuntimeError):  # the loop is gone, and with it whoever waited
                loop.call_soon_threadsafe(deltas.put_nowait, delta)

        turn = self._start(lambda: self._heard_by(question.start(), put))
        try:
            while (delta := await deltas.get()) is not None:
                yield delta
        finally:
            self._runner.call(lambda: self._chat.session.cancel(turn))
            self._answered()
        _checked(turn.reply.result())

    def follow(
        self, content: object, on_text: Callable[[str], None], *, variables: bool = False, **params: Any
    ) -> Message:
        """Ask as `ask` does; `on_text` hears each piece of the answer's text where it is streamed.

        What is said before and after tools are called comes as paragraphs of their own.
        """
        question = self._question(content, (), None, None, params, variables=variables)

        def hear(delta: Delta | None) -> None:
            if delta is not None and delta.content:
                on_text(delta.content)

        return self._wait(lambda: self._heard_by(question.start(), hear))

    def preview(self, content: object) -> str:
        """What `ask(content, variables=True)` would send, values and all, without sending it.

        `{name}` and `{expression}` are values of the notebook where all their names are; other braces stay. Dataframes
        go as columns, first rows and summary, arrays as shape, type and first elements, figures as images, functions
        as their source, modules as help; long ones are cut, and say so. Raises ConversationError where one fails.
        """
        from ._variables import filled, notebook, preview  # noqa: PLC0415 loaded when needed

        return preview(filled(content, notebook()))

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

    # Tools

    @property
    def tools(self) -> list[Any]:
        """What the model may call; to be replaced as a whole. As `tools=`; `chat.tool` adds one."""
        toolbox = self._chat.session.toolbox
        return [] if toolbox is None else toolbox.given

    @tools.setter
    def tools(self, tools: Iterable[object]) -> None:
        toolbox = self._chat.toolbox(tools)
        self._runner.call(lambda: self._chat.use_tools(toolbox))

    @overload
    def tool(self, function: F) -> F: ...

    @overload
    def tool(
        self, *, name: str | None = None, title: str | None = None, approve: Approve | None = None
    ) -> Callable[[F], F]: ...

    def tool(self, function: Any = None, **options: Any) -> Any:
        """Let the model call a function: `@chat.tool`, or with options `@chat.tool(title="...", approve=True)`.

        `name` is the function's own if not given, `title` is shown for it in Markdown, `approve` holds in place
        of the chat's. Gives the function as it is. Raises SettingsError where a model could not call it.
        """
        if function is None:
            return lambda function: self.tool(function, **options)
        self._chat.add_tool(function, **options)
        return function

    # Answering

    def update(self, message: object, *, id: str | None = None) -> str:  # noqa: A002 the field's name for it
        """Put `message` into the conversation, from a function that answers or from anywhere. Gives its id.

        A message (one with a role) stands by itself; a piece of one (text, a chunk, a delta of the SDK, a value to be
        shown) goes on with the answer of the turn. With `id` both are joined to the message of that id, and begin it
        where there is none; ids may be chosen freely, or made by `new_id`. A turn may so have several messages.

        Raises ConversationError when the turn of the function that calls has ended, as by Stop, and when it is no
        message; TransportError when it is nothing that an answer may consist of.
        """
        from ._pieces import plain  # noqa: PLC0415 loaded when needed

        piece, turn = plain(message), current_turn(self._chat.session)
        return self._runner.call(lambda: self._chat.session.updates.put(piece, id, turn))

    def new_id(self) -> str:
        """An id for a message that is to come in pieces; see `update`."""
        return uuid4().hex

    # The conversation

    @property
    def conversation(self) -> Conversation:
        """The tree of messages, with ids, statuses and usage. To be read; change it through the widget."""
        return self._chat.conversation

    def save(self, path: str | PathLike[str]) -> None:
        """Put the conversation with all its branches into the file `path`, for `ChatWidget.load`.

        The file is replaced at one stroke. There is no key in it and no server. Raises OSError.
        """
        from ._archive import still  # noqa: PLC0415 loaded when needed
        from ._files import write_text  # noqa: PLC0415 as above

        write_text(Path(path), self._runner.call(lambda: still(self._chat.conversation)).to_text())

    def export(self, path: str | PathLike[str], *, format: str | None = None) -> None:  # noqa: A002 its usual name
        """Put what is shown into the file `path`, to be read by people: Markdown, HTML or a notebook.

        The file's name tells the format (.md, .html, .ipynb; .json is what `save` writes), or `format` does:
        "markdown", "html", "notebook" or "json". HTML needs the package markdown-it-py. Nothing in the file is
        active, whatever a model wrote. Raises OSError, SettingsError, MissingPackageError.
        """
        from ._exports import exporter, format_for  # noqa: PLC0415 loaded when needed
        from ._files import write_text  # noqa: PLC0415 as above

        name = format_for(Path(path), format)
        make = self._runner.call(lambda: exporter(self._chat.conversation, name))
        write_text(Path(path), make().text)

    def undo(self) -> None:
        """Remove the last question and its answer; a running answer is stopped first."""
        self._runner.call(lambda: self._chat.take_away(Conversation.undo))

    def clear(self) -> None:
        """Remove every message; a running answer is stopped first."""
        self._runner.call(lambda: self._chat.take_away(Conversation.clear))

    def restore(self) -> None:
        """Bring back what `undo`, `clear` or a person took away last, with all branches.

        Raises ConversationError when there is nothing to bring back, as once a new turn has begun.
        """
        self._runner.call(self._chat.restore)

    # What it takes

    @property
    def usage(self) -> Usage:
        """The tokens that all answers of the conversation took, on all branches, as the servers counted them."""
        from ._usage import usage_of  # noqa: PLC0415 loaded when needed

        return self._runner.call(lambda: usage_of(self._chat.conversation))

    @property
    def cost(self) -> float | None:
        """What these tokens cost in dollars, by the table `prices`; None where no model in it has answered."""
        from ._usage import cost_of  # noqa: PLC0415 loaded when needed

        return self._runner.call(lambda: cost_of(self._chat.conversation, self.prices))

    @property
    def is_on_server(self) -> bool:
        """Whether it is a server that answers, whose models can be chosen from."""
        return self._chat.connection.kind == "server"

    def models(self) -> list[str]:
        """The names of the models that the server has, once it has said so.

        Raises SettingsError where there is no list to be had, saying why; CannotWaitError as `ask` does.
        """
        from ._servers import list_models  # noqa: PLC0415 loaded when needed

        listing = self._runner.wait(self._runner.submit(list_models(self._chat.connection)), "the model's name")
        if listing.error is not None:
            raise SettingsError(listing.error)
        return listing.names

    def known_models(self) -> list[str]:
        """What was heard of these models until now, without waiting; they are asked for."""

        def look() -> list[str]:
            if self._chat.models is None and self.is_on_server:
                self._chat.list_models()
            return list(self._chat.models["names"]) if self._chat.models is not None else []

        return self._runner.call(look)

    # What happens

    @overload
    def on(self, event: Literal["delta"], function: Callable[[Delta], object]) -> Callable[[], None]: ...

    @overload
    def on(
        self, event: Literal["message", "turn", "error", "tool"], function: Callable[[Message], object]
    ) -> Callable[[], None]: ...

    def on(self, event: Event, function: Callable[[Any], object]) -> Callable[[], None]:
        """Call `function` at each `event` from now on. Gives the function that ends this.

        "delta": a piece of an answer, as a Delta. The others come with a Message: "message", one that is whole or was
        put in; "turn", the answer that a turn has ended with; "error", one that failed or was cut; "tool", the result
        of a tool. `function` is called where answers are streamed and should be quick; one that fails is logged.

        Raises SettingsError where there is no such event.
        """
        return self._runner.call(lambda: self._events.on(event, function))

    # Inside

    @cached_property
    def _events(self) -> Events:
        from ._events import Events  # noqa: PLC0415 loaded once somebody listens

        events = Events(self._chat.conversation)
        self._chat.session.on_turn = events.turn_ended
        return events

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
            from ._variables import filled, notebook  # noqa: PLC0415 loaded when needed

            content = filled(content, notebook())
        if not (isinstance(attachments, tuple | list) and not attachments):
            from ._attached_values import with_attached  # noqa: PLC0415 loaded when needed

            content = with_attached(content, attachments)
        answer_format = None
        if response_format is not None:
            from ._answer_formats import format_of  # noqa: PLC0415 loaded when needed

            if isinstance(response_format, type):
                self._runner.provide("pydantic")
            answer_format = format_of(response_format)
            params = {**params, "response_format": answer_format.wire}
        start = lambda: self._chat.session.submit(content, params=params, toolbox=toolbox)  # noqa: E731 as it reads best
        return _Question(start, answer_format)

    def _heard_by(self, turn: Turn, hear: Callable[[Delta | None], None]) -> Turn:
        """Have `hear` told of the turn's answer as it comes, its messages as paragraphs, and of None at its end."""
        from ._events import delta_in  # noqa: PLC0415 loaded once somebody listens

        heard: str | None = None

        def changed(change: Change) -> None:
            nonlocal heard
            if isinstance(change, Appended | Called) and change.id == turn.reply_id:
                delta = delta_in(change)
                if delta is not None and delta.content:
                    delta = delta if heard in {None, change.id} else replace(delta, content=f"\n\n{delta.content}")
                    heard = change.id
                hear(delta)

        def ended(_: object) -> None:
            end()
            hear(None)

        end = self._chat.conversation.listen(changed)
        turn.reply.add_done_callback(ended)
        return turn

    def _start(self, start: Callable[[], Turn]) -> Turn:
        if (own := current_turn(self._chat.session)) is not None and not own.reply.done():
            message = "the function that answers a chat cannot ask it and wait: it would wait for itself"
            raise CannotWaitError(message)
        return self._runner.call(start)

    def _wait(self, start: Callable[[], Turn]) -> Message:
        turn = self._start(start)
        try:
            reply = self._runner.wait(turn.reply, _INSTEAD)
        except BaseException:
            self._runner.call(lambda: self._chat.session.cancel(turn))
            raise
        finally:
            self._answered()
        return _checked(reply)

    async def _await(self, start: Callable[[], Turn]) -> Message:
        turn = self._start(start)
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
