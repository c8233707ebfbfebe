"""What one does with a chat from Python: ask, answer, change, keep. `ChatWidget` is this, shown."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar, overload
from uuid import uuid4

from ._changes import Appended, Change
from ._chat import Chat
from ._conversation import Conversation
from ._errors import CannotWaitError, ChatError, SettingsError
from ._messages import Message, Status, Usage
from ._runner import Runner
from ._turn import Turn, current_turn

if TYPE_CHECKING:
    from ._tools import Approve

F = TypeVar("F", bound=Callable[..., Any])

_INSTEAD: Final = "`await chat.send(...)`"


class Talk:
    """The calls that a chat answers. They may come from any thread."""

    _chat: Chat
    _runner: Runner

    prices: dict[str, tuple[float, float]]
    """Dollars for a million tokens of prompt and of completion, by the name of the model or what it begins with."""

    # Asking

    def ask(self, content: object, *, tools: Iterable[object] | None = None, **params: Any) -> Message:
        """Ask `content` (text or content parts) and wait; the view streams meanwhile. Gives the reply.

        The model may call `tools` in place of the chat's own. Further keywords are for this question only and go to
        the API as they are, but for `system_prompt`, which takes the place of the chat's; `history=False`, which
        sends nothing of the conversation before; and `timeout`.

        Raises ChatError, with what arrived as `.reply`, when the answer failed or was cut;
        CannotWaitError where nothing may wait (use `await chat.send(...)` there). An interrupt of the
        cell stops the turn.
        """
        toolbox = None if tools is None else self._chat.toolbox(tools)
        return self._wait(lambda: self._chat.session.submit(content, params=params, toolbox=toolbox))

    async def send(self, content: object, *, tools: Iterable[object] | None = None, **params: Any) -> Message:
        """Ask `content` as `ask` does and await the reply. Raises ChatError as it does; cancelling stops the turn."""
        toolbox = None if tools is None else self._chat.toolbox(tools)
        return await self._await(lambda: self._chat.session.submit(content, params=params, toolbox=toolbox))

    def follow(self, content: object, on_text: Callable[[str], None], **params: Any) -> Message:
        """Ask as `ask` does; `on_text` hears each piece of the answer's text where it is streamed.

        What is said before and after tools are called comes as paragraphs of their own.
        """

        def start() -> Turn:
            turn = self._chat.session.submit(content, params=params)
            heard: str | None = None

            def hear(change: Change) -> None:
                nonlocal heard
                if isinstance(change, Appended) and change.id == turn.reply_id and change.field == "content":
                    on_text(change.text if heard in {None, change.id} else f"\n\n{change.text}")
                    heard = change.id

            end = self._chat.conversation.listen(hear)
            turn.reply.add_done_callback(lambda _: end())
            return turn

        return self._wait(start)

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

    # Inside

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
