"""The Python API of a chat: signatures and docstrings. The chat does the work."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Coroutine, Iterable, Iterator, Mapping
from os import PathLike
from typing import TYPE_CHECKING, Any, Literal, TypeVar, overload

from .. import _chat, _files, _notebook
from .._chat.chat import Chat
from .._chat.questions import Question
from .._connection.resolve import resolve_connection
from .._conversation.messages import Delta, Message, Usage
from .._conversation.serialize import take_snapshot
from .._conversation.tree import Conversation
from .._errors import SettingsError
from .._requests.context_window import Trim
from .._runtime.awaiting import AsyncStream, Awaitable, Call
from .._runtime.runner import Runner
from .._secrets.keys import conceal, conceal_headers

if TYPE_CHECKING:
    from .._chat.events import Event
    from .._notebook.context import Context
    from .._tools.tool import Approve
    from .._transports.function import ChatFunction
    from .._types import (
        AnswerFormat,
        ApiKey,
        Attachment,
        Client,
        Content,
        ContextItem,
        Items,
        Model,
        Piece,
        Tool,
    )

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])
Answering = TypeVar("Answering", bound="ChatFunction")


class ChatApi:
    """The methods and properties of a chat. They may be called from any thread."""

    _chat: Chat
    _runner: Runner

    # Asking

    @overload
    def ask(
        self,
        content: Content,
        *,
        attachments: Attachment | Iterable[Attachment] = (),
        variables: bool = False,
        response_format: type[T],
        tools: Items[Tool] | None = None,
        **params: Any,
    ) -> Message[T]: ...

    @overload
    def ask(
        self,
        content: Content,
        *,
        attachments: Attachment | Iterable[Attachment] = (),
        variables: bool = False,
        response_format: Mapping[str, Any] | None = None,
        tools: Items[Tool] | None = None,
        **params: Any,
    ) -> Message: ...

    def ask(
        self,
        content: Content,
        *,
        attachments: Attachment | Iterable[Attachment] = (),
        variables: bool = False,
        response_format: AnswerFormat | None = None,
        tools: Items[Tool] | None = None,
        **params: Any,
    ) -> Message:
        """Ask a question and wait for the reply. The view streams it meanwhile.

        Interrupting the cell stops the turn.

        Args:
            content: The question: text or content parts.
            attachments: Anything to send along: paths of files, URLs of images, bytes, figures, images, and any value
                that `{name}` takes, described as there. `{"sales.csv": df}` sends a dataframe as CSV, whole or not
                at all; texts and bytes may be given names likewise.
            variables: Whether `{name}`, `{expression}` and `@name` in the text bring values of the notebook; see
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
        question = Question(
            content,
            attachments=attachments,
            variables=variables,
            response_format=response_format,
            tools=tools,
            params=params,
        )
        return self._chat.questions.ask(question)

    @overload
    def ask_async(
        self,
        content: Content,
        *,
        attachments: Attachment | Iterable[Attachment] = (),
        variables: bool = False,
        response_format: type[T],
        tools: Items[Tool] | None = None,
        **params: Any,
    ) -> Coroutine[Any, Any, Message[T]]: ...

    @overload
    def ask_async(
        self,
        content: Content,
        *,
        attachments: Attachment | Iterable[Attachment] = (),
        variables: bool = False,
        response_format: Mapping[str, Any] | None = None,
        tools: Items[Tool] | None = None,
        **params: Any,
    ) -> Coroutine[Any, Any, Message]: ...

    def ask_async(
        self,
        content: Content,
        *,
        attachments: Attachment | Iterable[Attachment] = (),
        variables: bool = False,
        response_format: AnswerFormat | None = None,
        tools: Items[Tool] | None = None,
        **params: Any,
    ) -> Coroutine[Any, Any, Message]:
        """Ask a question and await the reply.

        Cancelling the task stops the turn.

        Args:
            content: The question: text or content parts.
            attachments: Anything to send along, as for `ask`.
            variables: Whether `{name}`, `{expression}` and `@name` in the text bring values of the notebook.
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
        question = Question(
            content,
            attachments=attachments,
            variables=variables,
            response_format=response_format,
            tools=tools,
            params=params,
        )
        call = Call("chat.ask_async", content, "await chat.ask_async(...)")
        return Awaitable(call, lambda: self._chat.questions.ask_async(question))

    def stream(
        self,
        content: Content,
        *,
        attachments: Attachment | Iterable[Attachment] = (),
        variables: bool = False,
        tools: Items[Tool] | None = None,
        **params: Any,
    ) -> AsyncGenerator[Delta, None]:
        """Ask a question and yield the answer as it arrives.

        Leaving the loop stops the turn.

        Args:
            content: The question: text or content parts.
            attachments: Anything to send along, as for `ask`.
            variables: Whether `{name}`, `{expression}` and `@name` in the text bring values of the notebook.
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
        question = Question(content, attachments=attachments, variables=variables, tools=tools, params=params)
        call = Call("chat.stream", content, "async for delta in chat.stream(...): ...")
        return AsyncStream(call, lambda: self._chat.questions.stream(question))

    def preview(self, content: Content = "") -> str:
        r"""Return the text that `ask(content, variables=True)` would send, including values and the `context`.

        Nothing is sent. `{name}` and `{expression}` are replaced if the notebook has all their names; the values of
        `@name`, and long ones, follow the question. A name that does not exist is an error if it is hardly meant
        otherwise. Other braces stay, as does everything in code and f-strings; `\{name}` is sent as `{name}`, and
        `\@name` as `@name`. Dataframes are sent as columns, first rows, missing and frequent values and summary,
        arrays as shape, type, range and first elements, figures as images, functions as their source, modules as
        help. Long values are cut, with a note.

        Secrets are masked: keys and tokens of known kinds, values assigned to names such as `password`, values of
        environment variables with such names, and the chat's own key. At most the last four characters of each remain.

        Args:
            content: The question.

        Returns:
            The text.

        Raises:
            ConversationError: If an expression fails, or names no variable.

        Example:
            >>> name = "Ada"
            >>> chat.preview("Who was {name}?")
            'Who was Ada?'

        """
        return self._chat.preview(content)

    def stop(self) -> None:
        """Stop the running answer. The part that has arrived is kept.

        Questions that were sent from the view and wait stay in its list until the user sends or withdraws them.

        Example:
            >>> chat.stop()

        """
        self._runner.call(self._chat.turns.stop)

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
        return self._chat.questions.retry()

    def edit(self, message_id: str, content: Content) -> Message:
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
            >>> chat.edit(chat.conversation.path[0], "bye").text
            'BYE'

        """
        return self._chat.questions.edit(message_id, content)

    # Connecting

    @overload
    def on_message(self, function: Answering, /) -> Answering: ...

    @overload
    def on_message(self, /, *, cumulative: bool | None = None) -> Callable[[Answering], Answering]: ...

    def on_message(
        self, function: Answering | None = None, /, *, cumulative: bool | None = None
    ) -> Answering | Callable[[Answering], Answering]:
        """Answer with a function from the next question on. Use it as a decorator.

        Args:
            function: A function, sync or async. It takes the messages as OpenAI dicts, and this widget if it has a
                second parameter. It returns the answer or yields it in pieces: text, OpenAI chunks, deltas or messages
                (objects or dicts), dataframes, figures, images, or anything else that a cell can display. Texts are
                concatenated.
            cumulative: True if each text is the whole text so far.

        Returns:
            The function, unchanged; without a function, a decorator.

        Raises:
            SettingsError: If `function` cannot be used as a model.

        Example:
            >>> @chat.on_message
            ... def answer(messages):
            ...     yield "You said: "
            ...     yield messages[-1]["content"]
            >>> chat.ask("hello").text
            'You said: hello'

        """

        def use(function: Answering) -> Answering:
            if not callable(function):
                message = f"on_message takes a function, not {type(function).__name__}: use `connect` for a model"
                raise SettingsError(message)
            self.connect(function, cumulative=cumulative)
            return function

        return use if function is None else use(function)

    def connect(
        self,
        model: Model | None = None,
        *,
        base_url: str | None = None,
        api_key: ApiKey | None = None,
        headers: Mapping[str, str] | None = None,
        client: Client | None = None,
        cumulative: bool | None = None,
    ) -> None:
        """Use another model or server from the next question on.

        Settings that are not given come from the environment. If an error is raised, nothing changes.

        Args:
            model: The model, as for the class.
            base_url: The URL of the server's API.
            api_key: The API key, or a function that returns it.
            headers: Extra headers for each request, as for the class.
            client: A client through which to call the model, as for the class.
            cumulative: Whether a function yields the whole text so far, as for the class.

        Raises:
            SettingsError: If the settings cannot work.

        Example:
            >>> chat.connect("demo")

        """
        # So that no traceback shows them.
        api_key = key = conceal(api_key)  # type: ignore[assignment]
        headers = concealed = conceal_headers(headers)  # type: ignore[assignment]
        connection = resolve_connection(model, base_url, key, headers=concealed, client=client, cumulative=cumulative)
        self._runner.call(lambda: self._chat.connections.connect(connection))

    # Tools

    @property
    def tools(self) -> list[Any]:
        """The tools that the model may call, as given to `tools=`. Assign a list to replace them; `tool` adds one."""
        return self._chat.tools.in_use

    @tools.setter
    def tools(self, tools: Items[Tool]) -> None:
        toolbox = self._chat.tools.make_toolbox(tools)
        self._runner.call(lambda: self._chat.tools.use(toolbox))

    @overload
    def tool(self, function: F) -> F: ...

    @overload
    def tool(
        self, *, name: str | None = None, title: str | None = None, approve: Approve | None = None
    ) -> Callable[[F], F]: ...

    def tool(
        self,
        function: Any = None,
        *,
        name: str | None = None,
        title: str | None = None,
        approve: Approve | None = None,
    ) -> Any:
        """Let the model call a function. Use it as a decorator, with or without options.

        Args:
            function: The function. The model is told its name, docstring and types.
            name: The name of the tool. By default the function's own.
            title: Markdown that is shown in place of the name.
            approve: Overrides the chat's `approve` for this tool.

        Returns:
            The function, unchanged; with options only, a decorator.

        Raises:
            SettingsError: If a model could not call the function.
            MissingPackageError: If pydantic is not installed.

        Example:
            >>> @chat.tool(title="Adding", approve=True)
            ... def add(a: int, b: int) -> int:
            ...     "Add two numbers."
            ...     return a + b
            >>> chat.tools
            [Tool(add)]

        """

        def add(function: Any) -> Any:
            self._chat.tools.add(function, name=name, title=title, approve=approve)
            return function

        return add if function is None else add(function)

    # Answering

    def update(self, message: Piece, *, id: str | None = None) -> str:
        """Add a message, or a piece of one, to the conversation.

        Call it in a function that answers, or anywhere else. A complete message (one with a role) stands on its own.
        A piece (text, a chunk, choice or delta of the SDK, or a value to display) continues the answer of the turn.
        With ids, one turn can have several messages.

        Args:
            message: The message or piece.
            id: The id of the message to append to. If there is none with this id, a message with it is started. Any
                string will do. By default a piece continues the running answer, and anything else starts a message.

        Returns:
            The id of the message.

        Raises:
            ConversationError: If `message` is not a valid message, or if the turn of the calling function has ended,
                for example because the user stopped it.
            TransportError: If an answer cannot contain `message`.

        Example:
            >>> chat.update({"role": "assistant", "content": "Training "}, id="progress")
            'progress'
            >>> chat.update("is done.", id="progress")
            'progress'

        """
        return self._chat.update(message, id)

    # The conversation

    @property
    def conversation(self) -> Conversation:
        """The message tree, with ids, statuses and usage. Treat it as read-only and make changes through the widget."""
        return self._chat.conversation

    @property
    def last(self) -> Message | None:
        """The last reply that is shown, whoever asked for it. It may still be streaming. None if there is none yet."""
        return next((message for message in reversed(list(self)) if message.role == "assistant"), None)

    def __len__(self) -> int:
        return len(self._chat.conversation)

    def __bool__(self) -> bool:
        # A chat without messages is a chat.
        return True

    def __iter__(self) -> Iterator[Message]:
        """Iterate over the messages that are shown, oldest first."""
        return iter(self._runner.call(lambda: list(self._chat.conversation)))

    def save(self, path: str | PathLike[str]) -> None:
        """Write the conversation, with all its branches, to a file that `ChatWidget.load` reads.

        The file is replaced atomically. It contains neither the API key nor the server.

        Args:
            path: The file to write.

        Raises:
            OSError: If the file cannot be written.

        Example:
            >>> chat.save("chat.json")
            >>> chat = ChatWidget.load("chat.json", model="demo")

        """
        snapshot = self._runner.call(lambda: take_snapshot(self._chat.conversation))
        _files.storage.write_text(_files.storage.path_of(path), snapshot.to_text())

    def export(self, path: str | PathLike[str], *, format: str | None = None) -> None:
        """Write the visible conversation to a file for people to read: Markdown, HTML or a notebook.

        Nothing in the file is active, whatever the model wrote.

        Args:
            path: The file to write. Its suffix selects the format: .md, .html, .ipynb, or .json for the format of
                `save`.
            format: "markdown", "html", "notebook" or "json"; overrides the suffix.

        Raises:
            OSError: If the file cannot be written.
            SettingsError: If the format is unknown.

        Example:
            >>> chat.export("chat.md")

        """
        path = _files.storage.path_of(path)
        name = _files.export.format_for(path, format)
        make = self._runner.call(lambda: _files.export.exporter(self._chat.conversation, name))
        _files.storage.write_text(path, make().text)

    def undo(self) -> None:
        """Remove the last question and its answer. A running answer is stopped first.

        Example:
            >>> chat.undo()
            >>> chat.messages
            []

        """
        self._runner.call(lambda: self._chat.remove_undoable(Conversation.undo))

    def clear(self) -> None:
        """Remove all messages. A running answer is stopped first.

        Example:
            >>> chat.clear()
            >>> chat.messages
            []

        """
        self._runner.call(lambda: self._chat.remove_undoable(Conversation.clear))

    def restore(self) -> None:
        """Restore the messages, with all branches, that `undo`, `clear` or the user removed last.

        A new chat restores those of the chat that it replaces: the one that the same cell created when it ran before,
        or that the same variable held. The view offers that, too. The new chat gets a copy, and keeps its own model
        and settings. Neither chat changes the other.

        Raises:
            ConversationError: If there is nothing to restore, for example because a new turn has begun.

        Example:
            >>> chat.clear()
            >>> chat.restore()
            >>> len(chat.messages)
            2

        """
        self._runner.call(self._chat.restore)

    # Context

    @property
    def context(self) -> list[Any]:
        """The parts of the notebook that are sent with each question. Assign a new list to replace them.

        An item is one of:

        - "cells": the recent cells with their outputs, except those that make, ask or show a chat;
        - the name of a variable, looked up for each question. It may be assigned later; a question that is asked
          before that from Python raises an error, and in the view a notice asks whether to send it;
        - a value, such as a dataframe;
        - the path of a file; text is included as far as it fits, images are sent as images.

        The context precedes the question and is not part of the conversation. Secrets in it are masked. `preview`
        shows the context.

        Raises:
            SettingsError: On assignment, if an item is none of these. Nothing changes then.

        """
        return [] if self._chat.context is None else list(self._chat.context.items)

    @context.setter
    def context(self, context: ContextItem | Iterable[ContextItem]) -> None:
        items = context_of(context)
        self._runner.call(lambda: self._chat.use_context(items))

    @property
    def context_tokens(self) -> int:
        """The maximum size of the `context` in (estimated) tokens. 4000 by default."""
        return self._chat.context_tokens

    @context_tokens.setter
    def context_tokens(self, tokens: int) -> None:
        self._chat.set_context_tokens(tokens)

    # Limits and costs

    @property
    def context_window(self) -> int | None:
        """The context window of the model in tokens, for question and answer together.

        Your setting, or else the limit that the server reports. None if it is unknown; it is then learned when a server
        rejects a request that is too long.
        """
        return self._chat.limit.tokens

    @context_window.setter
    def context_window(self, tokens: int | None) -> None:
        self._chat.limit.set_tokens(tokens)

    @property
    def trim(self) -> Trim:
        """The strategy for a conversation that does not fit into the `context_window`.

        "oldest" omits the oldest turns, as `reply.left_out` and the view report. "summarize" replaces them with a
        summary that the model writes. None raises an error and sends nothing. The conversation itself always stays
        complete.
        """
        return self._chat.limit.trim

    @trim.setter
    def trim(self, trim: Trim) -> None:
        self._chat.limit.set_trim(trim)

    @property
    def usage(self) -> Usage:
        """The tokens used by all answers of the conversation, on all branches, as counted by the servers."""
        return self._runner.call(lambda: _chat.usage.usage_of(self._chat.conversation))

    @property
    def cost(self) -> float | None:
        """The price of `usage` in US dollars. None if no model with a known price has answered.

        Prices are those in `prices`, and those that servers such as OpenRouter report.
        """
        return self._runner.call(lambda: _chat.usage.cost_of(self._chat.conversation, self._chat.known_prices))

    def models(self) -> list[str]:
        """Return the names of the models that the server offers. Waits for the server.

        Returns:
            The names, as `model` takes them.

        Raises:
            SettingsError: If the list is not available, with the reason.
            CannotWaitError: If waiting is not possible here, as for `ask`.

        Example:
            >>> chat = ChatWidget(base_url="http://localhost:11434/v1")
            >>> chat.models()
            ['gemma3:latest', 'llama3:latest']

        """
        instead = "the model's name"
        self._runner.require_wait(instead)
        return self._runner.wait(self._runner.submit(self._chat.connections.fetch_models()), instead)

    # Events

    @overload
    def on(self, event: Literal["delta"], function: Callable[[Delta], object]) -> Callable[[], None]: ...

    @overload
    def on(
        self, event: Literal["message", "turn", "error", "tool"], function: Callable[[Message], object]
    ) -> Callable[[], None]: ...

    def on(self, event: Event, function: Callable[[Any], object]) -> Callable[[], None]:
        """Call a function at each event from now on.

        The function is called on the thread that streams answers, so it should be quick. Its errors are logged. It may
        be async: calls are then awaited there one after the other, and have finished when `ask` returns. It cannot call
        `ask`, which waits; an async function can `await chat.ask_async(...)`.

        Args:
            event: The event to listen for:

                - "delta": a piece of an answer, passed as a Delta;
                - "message": a Message that is complete or was inserted;
                - "turn": the answer that a turn has ended with, a Message;
                - "error": an answer that failed or was cut off, a Message;
                - "tool": the result of a tool call, a Message.
            function: The function. It takes the Delta or Message.

        Returns:
            A function that removes the listener.

        Raises:
            SettingsError: If there is no such event, or `function` is not callable.

        Example:
            >>> remove = chat.on("turn", lambda reply: print(reply.text))
            >>> reply = chat.ask("bye")
            BYE
            >>> remove()

        """
        return self._runner.call(lambda: self._chat.on(event, function))


def context_of(items: object) -> Context | None:
    """Return the context that consists of these items.

    Args:
        items: One item or a list of items; see `ChatApi.context`.

    Returns:
        The context, or None if there are no items.

    Raises:
        SettingsError: If an item can never be sent.

    """
    if isinstance(items, tuple | list) and not items:
        return None
    return _notebook.context.Context(items, is_chat)


def is_chat(value: object) -> bool:
    """Return whether a value is a chat, without running code of the value.

    Args:
        value: A value of the notebook.

    Returns:
        True for a `ChatWidget`.

    """
    return issubclass(type(value), ChatApi)
