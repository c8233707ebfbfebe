"""A chat without its widget: a conversation, a session, a connection, and the operations of the user on them.

Everything here runs on the runner's loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from .. import _chat, _content, _notebook, _secrets
from .._connection.connection import Connection
from .._connection.manager import ConnectionManager
from .._conversation.changes import Added, Change
from .._conversation.messages import Message
from .._conversation.tree import Conversation
from .._errors import ConversationError, TransportError
from .._requests.builder import with_context
from .._requests.context_window import Trim
from .._runtime.runner import Runner
from .._secrets.keys import AskedKey, Headers, Secret, redact
from .._tools.chat_tools import ChatTools
from .._turns.hooks import SessionHooks
from .._turns.session import Session
from .._turns.turn import current_turn
from .questions import Questions

if TYPE_CHECKING:
    from .._notebook.context import Context
    from .._tools.tool import Approve
    from .._tools.toolbox import Toolbox
    from .events import Event, Events


class Chat:
    """The state and operations that `ChatWidget` and its views share.

    Args:
        conversation: The conversation.
        connection: The connection to begin with.
        runner: The runner whose loop everything runs on.
        tools: The tools that the model may call.
        approve: Whether the user must approve tools that do not say so themselves.
        context: The parts of the notebook to send with each question.
        context_window: The context window of the model in tokens, if its server does not report it.
        trim: The strategy for a conversation that exceeds the limit.
        on_connect: Called with each new connection.
        on_change: Called when anything except the messages may have changed.
        on_answered: Called when a call that waited for an answer is about to return.
        previous: Returns the conversation that this chat could continue while it is new, given the chat, or None.
        widget: The widget of the chat, passed to functions that answer and ask for it.

    Raises:
        SettingsError: If a setting cannot work.
        MissingPackageError: If tools need a package that is not installed.

    """

    def __init__(
        self,
        conversation: Conversation,
        connection: Connection,
        runner: Runner,
        *,
        tools: Iterable[object] = (),
        approve: Approve = False,
        context: Context | None = None,
        context_window: int | None = None,
        trim: Trim = "oldest",
        on_connect: Callable[[Connection], None],
        on_change: Callable[[], None],
        on_answered: Callable[[], None] = lambda: None,
        previous: Callable[[Chat], Conversation | None] | None = None,
        widget: object = None,
    ) -> None:
        self.conversation = conversation
        hooks = SessionHooks(
            on_change=on_change,
            on_notice=self.show_notice,
            on_model_end=lambda model, day: self.connections.announce_end(model, day),  # noqa: PLW0108 made below
            on_turn_begin=self._turn_begins,
            on_turn_end=self._turn_ended,
            collect_context=self._collect_context,
            mask=self.masked,
            replace_model=self._replace_model,
        )
        self.session = Session(conversation, hooks, widget)
        self.turns = self.session.turns
        """The turns that run and wait."""
        self.requests = self.session.requests
        """The builder of the requests, with system prompt and parameters."""
        self.limit = self.requests.limit
        """The context window of the model."""
        self.limit.set_tokens(context_window)
        self.limit.set_trim(trim)
        self.notice: str | None = None
        self.notice_code: str | None = None
        self.runner = runner
        self.context = context
        """The parts of the notebook that are sent with each question."""
        self._context_tokens = 4000
        self._prices: dict[str, tuple[float, float]] = {}
        """Prices set by the user."""
        self._on_connect = on_connect
        self._on_change = on_change
        self._restore: Callable[[], None] | None = None
        self._previous = previous
        """None once the chat has a conversation of its own."""
        self._events: Events | None = None
        self._is_closed = False
        self.connections = ConnectionManager(
            connection,
            runner,
            idle=self.turns.idle,
            on_connect=self._connected,
            on_change=on_change,
            notify=self.show_notice,
        )
        self._use(connection)
        self.tools = ChatTools(runner, tools, approve=approve, redact=self._redact, on_change=self._use_tools)
        if self.tools.current is not None:
            self.session.use_tools(self.tools.current)
        self.questions = Questions(
            self.session,
            self.tools,
            runner,
            mask=self.masked,
            on_answered=on_answered,
            require_context=self._require_context,
        )
        conversation.listen(self._conversation_changed)

    def on(self, event: Event, function: Callable[[Any], object]) -> Callable[[], None]:
        """Call a function at each event from now on.

        Args:
            event: One of `EVENTS`.
            function: The listener, sync or async.

        Returns:
            A function that removes the listener.

        Raises:
            SettingsError: If there is no such event, or `function` is not callable.

        """
        if self._events is None:
            self._events = _chat.events.Events(self.conversation)
        return self._events.on(event, function)

    @property
    def connection(self) -> Connection:
        """The connection to the model."""
        return self.connections.connection

    @property
    def is_connected(self) -> bool:
        """True if there is a model to ask."""
        return self.session.transport is not None

    @property
    def is_closed(self) -> bool:
        """True once the chat has been closed."""
        return self._is_closed

    async def prepare(self) -> None:
        """Warm up the connection before the first question, and list the models if the user named none."""
        transport, endpoint = self.connection.transport, self.connection.endpoint
        if transport is None:
            return
        await transport.warm()
        # A function that returns the key may prompt the user for it.
        if transport is self.connection.transport and not (endpoint and isinstance(endpoint.key, AskedKey)):
            self.requests.read_list(transport)

    def replace(self, change: Callable[[Conversation], None]) -> None:
        """Change the conversation as a whole, after ending the running and waiting turns.

        Args:
            change: Makes the change, given the conversation.

        """
        self.turns.halt()
        self._restore = None
        change(self.conversation)
        self._on_change()

    def remove_undoable(self, change: Callable[[Conversation], None]) -> None:
        """Remove messages like `replace`, but so that `restore` can bring them back.

        Args:
            change: Removes the messages, given the conversation.

        """
        if not len(self.conversation):
            return
        waiting = self.turns.halt()
        go_back = self.conversation.checkpoint()

        def restore() -> None:
            go_back()
            self.turns.resume(waiting)

        self._restore = restore
        change(self.conversation)
        self._on_change()

    @property
    def known_prices(self) -> dict[str, tuple[float, float]]:
        """US dollars per million tokens, by model. Prices set by the user override those reported by servers."""
        return {**self.requests.prices, **self._prices}

    def set_prices(self, prices: Mapping[str, tuple[float, float]]) -> None:
        """Set the prices that the user knows.

        Args:
            prices: US dollars per million tokens, by model.

        """
        self._prices = dict(prices)

    @property
    def restorable(self) -> bool:
        """True if `restore` has something to bring back."""
        return self._restore is not None

    @property
    def is_new(self) -> bool:
        """True as long as the chat could continue another conversation."""
        return self._previous is not None

    @property
    def previous(self) -> Conversation | None:
        """The conversation of the chat that this one replaces, as long as this one is new."""
        return self._previous(self) if self._previous is not None else None

    def continue_from(self, conversation: Conversation) -> None:
        """Continue a copy of another conversation.

        Args:
            conversation: The conversation; it stays as it is.

        Raises:
            ConversationError: If the chat has messages of its own.

        """
        if not self.is_new:
            message = "this chat has a conversation of its own; a new chat can continue the one before"
            raise ConversationError(message)
        self.replace(lambda own: own.continue_from(conversation))

    def restore(self) -> None:
        """Bring back the messages that were removed last, or in a new chat those of the chat that it replaces.

        Raises:
            ConversationError: If there is nothing to restore, for example because a new turn has begun.

        """
        if self._restore is None and (previous := self.previous) is not None:
            self.continue_from(previous)
            return
        if self._restore is None:
            message = "there is nothing to restore"
            raise ConversationError(message)
        restore, self._restore = self._restore, None
        restore()
        self._on_change()

    def switch(self, message_id: str, index: int) -> None:
        """Show another version of a message. A running answer is stopped first.

        Args:
            message_id: The message to replace on the active path.
            index: The index of the version among the siblings.

        Raises:
            ConversationError: If there is no such version.

        """
        siblings = self.conversation.siblings(message_id)
        if index >= len(siblings):
            message = f"there is no version {index + 1} of this message"
            raise ConversationError(message)
        self.turns.rearrange(lambda: self.conversation.switch(siblings[index]))

    def _use_tools(self, toolbox: Toolbox) -> None:
        self.session.use_tools(toolbox)
        self._on_change()

    def close(self) -> None:
        """End everything, without waiting for it."""
        self._is_closed = True
        self.runner.submit(self.session.aclose())
        self.tools.close()

    def forked(self) -> None:
        """Forget running work, which stays in the parent process. Called in a forked child."""
        self.connections.forked()
        self.session.forked()

    def update(self, message: object, message_id: str | None = None) -> str:
        """Add a message, or a piece of one, to the conversation. Callable from any thread.

        Args:
            message: The message or piece; see `ChatWidget.update`.
            message_id: The id of the message to append to, or of the new one.

        Returns:
            The id of the message.

        Raises:
            ConversationError: If `message` is not valid, or the turn of the calling function has ended.
            TransportError: If an answer cannot contain `message`.

        """
        piece, turn = _content.answer_chunks.coerce_chunk(message), current_turn(self.session)
        return self.runner.call(lambda: self.session.injector.add(piece, message_id, turn))

    def use_context(self, context: Context | None) -> None:
        """Send this context with each question from now on.

        Args:
            context: The context, or None to send none.

        """
        self.context = context
        self._on_change()

    @property
    def context_tokens(self) -> int:
        """The maximum size of the context in estimated tokens."""
        return self._context_tokens

    def set_context_tokens(self, tokens: int) -> None:
        """Set the maximum size of the context.

        Args:
            tokens: The size in estimated tokens.

        Raises:
            SettingsError: If it is not a positive number.

        """
        self._context_tokens = _notebook.context.checked_tokens(tokens)

    def context_parts(self) -> list[dict[str, Any]]:
        """Return the notebook context as content parts. Slow; never raises.

        Returns:
            The parts to put before a question; an empty list without a context.

        """
        return [] if self.context is None else self.context.parts(self.masked, self._context_tokens)

    def preview(self, content: object) -> str:
        """Return the text of a question as the model would see it, with its variables and the context.

        Args:
            content: The question.

        Raises:
            ConversationError: If an expression fails.

        """
        variables = _notebook.variables
        question = {"role": "user", "content": variables.filled(content, variables.notebook(), self.masked)}
        return variables.preview(with_context([question], self.context_parts())[0]["content"])

    def _require_context(self) -> None:
        if self.context is not None:
            self.context.require()

    async def _collect_context(self) -> list[dict[str, Any]]:
        self.connections.adopt_chosen()
        return [] if self.context is None else await self.runner.run_in_thread(self.context_parts)

    def masked(self, text: str) -> str:
        """Mask the secrets in a text of the notebook.

        Args:
            text: The text.

        Returns:
            The text as the model may see it.

        """
        return _secrets.masking.masked(text, *self._secrets())

    def _redact(self, text: str) -> str:
        return redact(text, *self._secrets())

    def _secrets(self) -> list[Secret | Headers]:
        endpoint = self.connection.endpoint
        held = (endpoint.key, endpoint.headers) if endpoint is not None else ()
        return [secret for secret in held if isinstance(secret, Secret | Headers)]

    def show_notice(self, notice: str | None, code: str | None = None, *, appends: bool = False) -> None:
        """Show a notice beside the conversation.

        Args:
            notice: The sentence to show, or None to remove the notice.
            code: Identifies the kind of notice.
            appends: Whether to keep a notice that is shown already, in front of this one.

        """
        if appends and self.notice is not None:
            notice, code = f"{self.notice} {notice}", None
        self.notice, self.notice_code = notice, code
        self._on_change()

    def _connected(self, connection: Connection) -> None:
        self._use(connection)
        self._on_connect(connection)
        if connection.is_default and self.session.has_view:
            self.runner.submit(self.prepare())

    def _use(self, connection: Connection) -> None:
        on_list = self.connections.choose_model if connection.is_default else None
        self.session.connect(connection.transport, connection.model, on_list)

    async def _replace_model(self, error: TransportError) -> bool:
        return await self.connections.replace_model(error, self.requests.asked)

    def _turn_begins(self) -> None:
        if self._events is not None:
            self._events.turn_begins()

    def _turn_ended(self, reply: Message) -> asyncio.Future[Any] | None:
        return self._events.turn_ended(reply) if self._events is not None else None

    def _conversation_changed(self, change: Change) -> None:
        self._previous = None
        if isinstance(change, Added) and not self.conversation[change.id].status.is_final:
            self._restore = None
