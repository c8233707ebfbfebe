"""What one does with a chat from Python: ask, answer, change, keep. `ChatWidget` is this, shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from os import PathLike
from typing import TYPE_CHECKING, Any, Literal, TypeVar, overload
from uuid import uuid4

from .._chat.questions import Questions
from .._conversation.messages import Delta, Message, Usage
from .._conversation.tree import Conversation
from .._errors import SettingsError
from .._requests.context_window import Trim, checked_limit, checked_trim
from .._turns.turn import current_turn

if TYPE_CHECKING:
    from .._chat.events import Event, Events
    from .._notebook.context import Context
    from .._tools.tool import Approve

F = TypeVar("F", bound=Callable[..., Any])


class ChatApi(Questions):
    """The calls that a chat answers. They may come from any thread."""

    prices: dict[str, tuple[float, float]]
    """Dollars for a million tokens of prompt and of completion, by the name of the model or what it begins with."""

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

        A message (one with a role) stands by itself; a piece of one (text, a chunk, a choice or a delta of the SDK, a
        value to be shown) goes on with the answer of the turn. With `id` both are joined to the message of that id,
        and begin it where there is none; ids may be chosen freely, or made by `new_id`. A turn may so have several
        messages.

        Raises ConversationError when the turn of the function that calls has ended, as by Stop, and when it is no
        message; TransportError when it is nothing that an answer may consist of.
        """
        from .._content.answer_chunks import coerce_chunk  # noqa: PLC0415 loaded when needed

        piece, turn = coerce_chunk(message), current_turn(self._chat.session)
        return self._runner.call(lambda: self._chat.session.injector.add(piece, id, turn))

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
        from .._conversation.serialize import take_snapshot  # noqa: PLC0415 loaded when needed
        from .._files.storage import path_of, write_text  # noqa: PLC0415 as above

        write_text(path_of(path), self._runner.call(lambda: take_snapshot(self._chat.conversation)).to_text())

    def export(self, path: str | PathLike[str], *, format: str | None = None) -> None:  # noqa: A002 its usual name
        """Put what is shown into the file `path`, to be read by people: Markdown, HTML or a notebook.

        The file's name tells the format (.md, .html, .ipynb; .json is what `save` writes), or `format` does:
        "markdown", "html", "notebook" or "json". HTML needs the package markdown-it-py. Nothing in the file is
        active, whatever a model wrote. Raises OSError, SettingsError, MissingPackageError.
        """
        from .._files.export import exporter, format_for  # noqa: PLC0415 loaded when needed
        from .._files.storage import path_of, write_text  # noqa: PLC0415 as above

        name = format_for(path_of(path), format)
        make = self._runner.call(lambda: exporter(self._chat.conversation, name))
        write_text(path_of(path), make().text)

    def undo(self) -> None:
        """Remove the last question and its answer; a running answer is stopped first."""
        self._runner.call(lambda: self._chat.remove_undoable(Conversation.undo))

    def clear(self) -> None:
        """Remove every message; a running answer is stopped first."""
        self._runner.call(lambda: self._chat.remove_undoable(Conversation.clear))

    def restore(self) -> None:
        """Bring back what `undo`, `clear` or a person took away last, with all branches.

        Raises ConversationError when there is nothing to bring back, as once a new turn has begun.
        """
        self._runner.call(self._chat.restore)

    # What goes along

    @property
    def context(self) -> list[Any]:
        """What of the notebook is sent along with each question, as it then is; to be replaced as a whole.

        "cells": the recent cells with their outputs, but for those that ask a chat or show one; names of variables,
        looked up anew each time; values, such as a dataframe; paths of files, text as far as it fits, images as such.
        It goes before the question and is not part of the conversation; secrets in it are `masked`. `preview` shows
        it. Raises SettingsError, changing nothing, for what is none of these.
        """
        return [] if self._chat.context is None else list(self._chat.context.given)

    @context.setter
    def context(self, context: object) -> None:
        made = self._made_context(context)
        self._runner.call(lambda: self._chat.use_context(made))

    def _made_context(self, given: object) -> Context:
        from .._notebook.context import Context  # noqa: PLC0415 loaded when needed

        return Context(given, lambda value: isinstance(value, ChatApi))

    @property
    def context_tokens(self) -> int:
        """How many tokens the `context` takes at most, as far as they can be estimated; 4000 if not set."""
        return self._chat.context_tokens

    @context_tokens.setter
    def context_tokens(self, tokens: int) -> None:
        from .._notebook.context import checked_tokens  # noqa: PLC0415 loaded when needed

        self._chat.context_tokens = checked_tokens(tokens)

    # What it takes

    @property
    def context_limit(self) -> int | None:
        """The most tokens that the model takes at once, question and answer: as you set it, else as the server says.

        None where nobody has said; then it is learned when a server refuses what is too much.
        """
        return self._chat.session.requests.limit.tokens

    @context_limit.setter
    def context_limit(self, tokens: int | None) -> None:
        self._chat.session.requests.limit.given = checked_limit(tokens)

    @property
    def trim(self) -> Trim:
        """What is done where a conversation is more than the model takes.

        "oldest" sends it without its oldest turns, which `reply.left_out` and the view tell; "summarize" sends a
        summary of them, which the model makes; None refuses, and sends nothing. The conversation itself stays whole.
        """
        return self._chat.session.requests.limit.trim

    @trim.setter
    def trim(self, way: Trim) -> None:
        self._chat.session.requests.limit.trim = checked_trim(way)

    @property
    def usage(self) -> Usage:
        """The tokens that all answers of the conversation took, on all branches, as the servers counted them."""
        from .._chat.usage import usage_of  # noqa: PLC0415 loaded when needed

        return self._runner.call(lambda: usage_of(self._chat.conversation))

    @property
    def cost(self) -> float | None:
        """What these tokens cost in dollars, by `known_prices`; None where no model in it has answered."""
        from .._chat.usage import cost_of  # noqa: PLC0415 loaded when needed

        return self._runner.call(lambda: cost_of(self._chat.conversation, self._chat.known_prices))

    @property
    def known_prices(self) -> dict[str, tuple[float, float]]:
        """Dollars for a million tokens of prompt and of completion, by model: yours, else as the server tells them.

        Servers that tell them, such as OpenRouter, are asked once a chat is shown.
        """
        return self._runner.call(lambda: self._chat.known_prices)

    @property
    def is_on_server(self) -> bool:
        """Whether it is a server that answers, whose models can be chosen from."""
        return self._chat.connection.kind == "server"

    def models(self) -> list[str]:
        """The names of the models that the server has, once it has said so.

        Raises SettingsError where there is no list to be had, saying why; CannotWaitError as `ask` does.
        """
        from .._connection.discovery import list_models  # noqa: PLC0415 loaded when needed

        instead = "the model's name"
        self._runner.require_wait(instead)
        listing = self._runner.wait(self._runner.submit(list_models(self._chat.connection)), instead)
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
        of a tool. `function` is called where answers are streamed and should be quick; one that fails is logged. It
        may be async: it is awaited there, one event after the other, and has run when `ask` returns. It cannot `ask`,
        which waits; an async one can `await chat.ask_async(...)`.

        Raises SettingsError where there is no such event.
        """
        return self._runner.call(lambda: self._events.on(event, function))

    # Inside

    @cached_property
    def _events(self) -> Events:
        from .._chat.events import Events  # noqa: PLC0415 loaded once somebody listens

        events = Events(self._chat.conversation)
        self._chat.session.on_begin = events.turn_begins
        self._chat.session.on_turn = events.turn_ended
        return events
