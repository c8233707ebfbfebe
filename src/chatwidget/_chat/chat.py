"""A chat without its widget: a conversation, a session, a connection, and the operations of the user on them.

Everything here runs on the runner's loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from .._connection.connection import Connection
from .._conversation.changes import Added, Change
from .._conversation.messages import Message
from .._conversation.tree import Conversation
from .._errors import ConversationError, TransportError
from .._runtime.runner import Runner
from .._secrets.keys import AskedKey, Headers, Secret, redact
from .._transports.base import Transport
from .._transports.models.catalog import HasCatalog
from .._transports.models.facts import ListedModel
from .._transports.models.openai import choose, ends_soon
from .._turns.hooks import SessionHooks
from .._turns.session import Session

_MOST_REFUSED: Final = 5
"""Maximum number of models of a list that are tried in turn."""

if TYPE_CHECKING:
    from .._notebook.context import Context
    from .._tools.mcp import Servers
    from .._tools.tool import Approve, Tool
    from .._tools.toolbox import Toolbox
    from .events import Event, Events


class Chat:
    """The state and operations that `ChatWidget` and its views share.

    Args:
        conversation: The conversation.
        connection: The connection to begin with.
        runner: The runner whose loop everything runs on.
        on_connect: Called with each new connection.
        on_change: Called when anything except the messages may have changed.
        widget: The widget of the chat, passed to functions that answer and ask for it.

    """

    def __init__(  # noqa: PLR0913 keywords
        self,
        conversation: Conversation,
        connection: Connection,
        runner: Runner,
        *,
        on_connect: Callable[[Connection], None],
        on_change: Callable[[], None],
        widget: object = None,
    ) -> None:
        self.conversation = conversation
        hooks = SessionHooks(
            on_change=on_change,
            on_notice=self.tell,
            on_model_end=self._ends,
            on_turn_begin=self._turn_begins,
            on_turn_end=self._turn_ended,
            collect_context=self._collect_context,
            replace_model=self._replace_model,
        )
        self.session = Session(conversation, hooks, widget)
        self.notice: str | None = None
        self.notice_code: str | None = None
        self.connection: Connection
        self.models: dict[str, Any] | None = None
        self.local_servers: dict[str, Any] | None = None
        self.attempt: dict[str, Any] = {"number": 0, "base_url": None, "pending": False}
        """The user's last attempt to connect: its number, the URL, and whether it is still in progress."""
        self.runner = runner
        self.approve: Approve = False
        """Whether the user must approve tools that do not say so themselves."""
        self.context: Context | None = None
        """The parts of the notebook that are sent with each question."""
        self.context_tokens = 4000
        self.titles: dict[str, str] = {}
        """Titles of all tools so far. The calls of a question's own tools are displayed long after it was answered."""
        self.mcp_servers: Servers | None = None
        """The MCP servers whose tools the model may call."""
        self.prices: dict[str, tuple[float, float]] = {}
        """Prices set by the user."""
        self._refused: set[str] = set()
        """Models that the server turned out not to offer."""
        self._better: str | None = None
        """The model to use from the next question on, chosen from the list of the account."""
        self._ending: set[str] = set()
        """Models whose shutdown has been announced to the user."""
        self._on_connect = on_connect
        self._on_change = on_change
        self._restore: Callable[[], None] | None = None
        self._events: Events | None = None
        self._use(connection)
        conversation.listen(self._heard)

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
            from .events import Events  # noqa: PLC0415 loaded with the first listener

            self._events = Events(self.conversation)
        return self._events.on(event, function)

    def _turn_begins(self) -> None:
        if self._events is not None:
            self._events.turn_begins()

    def _turn_ended(self, reply: Message) -> asyncio.Future[Any] | None:
        return self._events.turn_ended(reply) if self._events is not None else None

    def connect(self, connection: Connection, *, pending: bool = False) -> None:
        """Use another connection from the next question on.

        Args:
            connection: The connection.
            pending: Whether its server is still being checked.

        """
        self.attempt = {**self.attempt, "pending": pending}
        self._refused, self._better = set(), None
        old = self.connection
        if old.endpoint is None or old.endpoint != connection.endpoint:
            self.models = None
        if old.transport is not None and old.endpoint is not None and old.endpoint == connection.endpoint:
            # Keep the old client: it is warm, and talks to the same server with the same key.
            connection = replace(connection, transport=connection.transport and old.transport)
        elif old.transport is not None and old.transport is not connection.transport:
            self.runner.submit(self._retire(old.transport))
        self._use(connection)
        self._on_connect(connection)
        self.tell(None)
        if connection.is_default and self.session.has_view:
            self.runner.submit(self.prepare())

    async def prepare(self) -> None:
        """Warm up the connection before the first question, and list the models if the user named none."""
        transport = self.connection.transport
        if transport is None:
            return
        await transport.warm()
        endpoint = self.connection.endpoint
        # A function that returns the key may prompt the user for it.
        if transport is self.connection.transport and not (endpoint and isinstance(endpoint.key, AskedKey)):
            self.session.requests.lookup.list_models(transport)

    def try_connection(self, connection: Connection) -> None:
        """Use another connection after checking it, and report any problem with it.

        If there is a working connection to another server, it is kept when the new one is hopeless.

        Args:
            connection: The connection to try.

        """
        old = self.connection
        url = connection.endpoint.base_url if connection.endpoint is not None else None
        self.attempt = {**self.attempt, "base_url": url, "pending": True}
        is_trial = old.transport is not None and old.endpoint != connection.endpoint
        if is_trial:
            self._on_change()
        else:
            self.connect(connection, pending=True)
            connection = self.connection
        self.runner.submit(self._try(connection, self.attempt, is_trial=is_trial))

    def begin_attempt(self, base_url: str | None) -> None:
        """Record that the user connects. Views are told of this attempt and of its result.

        Args:
            base_url: The URL of the server, or None.

        """
        self.attempt = {"number": self.attempt["number"] + 1, "base_url": base_url, "pending": False}

    async def _try(self, connection: Connection, attempt: dict[str, Any], *, is_trial: bool) -> None:
        """List the models to check the connection. A trial is a connection not in use yet; use it if it may work."""
        from .._connection.discovery import list_models  # noqa: PLC0415 loaded when asked for

        listing = await list_models(connection)
        is_used = self.connection.endpoint == connection.endpoint
        is_wanted = attempt is self.attempt
        takes_over = not is_used and is_wanted and not listing.is_hopeless
        if is_trial and not takes_over and connection.transport is not None:
            await connection.transport.aclose()
        if not is_wanted:
            return
        self.attempt = {**attempt, "pending": False}
        if is_used or not listing.is_hopeless:
            if takes_over:
                self.connect(connection)
            self.models = {"names": listing.names, "error": listing.error, "pending": False}
        if listing.code is not None:
            self.tell(listing.error, listing.code)
        else:
            self._on_change()

    def list_models(self, *, checks: bool = False) -> None:
        """Request the server's models. They arrive in `models`.

        Args:
            checks: Whether to show a notice if the result means that the connection cannot work.

        """
        names = self.models["names"] if self.models is not None else []
        asked = self.models = {"names": names, "error": None, "pending": True}
        self._on_change()
        self.runner.submit(self._list_models(asked, checks=checks))

    async def _list_models(self, asked: dict[str, Any], *, checks: bool) -> None:
        from .._connection.discovery import list_models  # noqa: PLC0415 loaded when asked for

        listing = await list_models(self.connection)
        if asked is not self.models:
            return
        self.models = {"names": listing.names, "error": listing.error, "pending": False}
        if checks and listing.code is not None:
            self.tell(listing.error, listing.code)
        else:
            self._on_change()

    def find_servers(self) -> None:
        """Search for servers on this computer. They arrive in `local_servers`."""
        if self.local_servers is not None and self.local_servers["pending"]:
            return
        found = self.local_servers["found"] if self.local_servers is not None else []
        self.local_servers = {"found": found, "pending": True}
        self._on_change()
        self.runner.submit(self._find_servers())

    async def _find_servers(self) -> None:
        from .._connection.discovery import find_servers  # noqa: PLC0415 loaded when asked for

        self.local_servers = {"found": await find_servers(), "pending": False}
        self._on_change()

    def replace(self, change: Callable[[Conversation], None]) -> None:
        """Change the conversation as a whole, after ending the running and waiting turns.

        Args:
            change: Makes the change, given the conversation.

        """
        self.session.turns.halt()
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
        waiting = self.session.turns.halt()
        go_back = self.conversation.checkpoint()

        def restore() -> None:
            go_back()
            self.session.turns.resume(waiting)

        self._restore = restore
        change(self.conversation)
        self._on_change()

    @property
    def known_prices(self) -> dict[str, tuple[float, float]]:
        """US dollars per million tokens, by model. Prices set by the user override those reported by servers."""
        return {**self.session.requests.lookup.prices, **self.prices}

    @property
    def restorable(self) -> bool:
        """True if `restore` has something to bring back."""
        return self._restore is not None

    def restore(self) -> None:
        """Bring back the messages that were removed last.

        Raises:
            ConversationError: If there is nothing to bring back, for example because a new turn has begun.

        """
        if self._restore is None:
            message = "there is nothing to bring back"
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
        self.session.turns.rearrange(lambda: self.conversation.switch(siblings[index]))

    def toolbox(self, tools: Iterable[object]) -> Toolbox:
        """Create a toolbox of tools. Connects MCP servers and waits for them.

        Args:
            tools: Functions, tool dicts and MCP servers.

        Returns:
            The toolbox. The chat does not use it yet.

        Raises:
            SettingsError: If a tool cannot be used.
            MissingPackageError: If pydantic or mcp is needed and not installed.
            CannotWaitError: If MCP servers must be connected where waiting is not possible.

        """
        from .._tools.mcp import Servers, is_server  # noqa: PLC0415 loaded when there are tools
        from .._tools.toolbox import Toolbox  # noqa: PLC0415 as above

        self.runner.load_package("pydantic")
        if isinstance(tools, Iterable) and not isinstance(tools, str | bytes | Mapping):
            tools = list(tools)
            if any(map(is_server, tools)):
                self.mcp_servers = self.mcp_servers or Servers(self.runner)
                tools = self.mcp_servers.with_tools(tools)
        try:
            toolbox = Toolbox(tools, approve=self.approve, beside=self.runner.run_in_thread, redact=self._redact)
        except Exception:
            self._leave_servers(self.session.toolbox)
            raise
        self._take_titles(toolbox)
        return toolbox

    def add_tool(self, function: Callable[..., Any], **options: Any) -> None:
        """Let the model call a function.

        Args:
            function: The function.
            **options: Options of `Tool`.

        Raises:
            SettingsError: If a model could not call the function.
            MissingPackageError: If pydantic is not installed.

        """
        from .._tools.tool import Tool  # noqa: PLC0415 as above

        self.runner.load_package("pydantic")
        tool = Tool(function, **options)
        self.runner.call(lambda: self._put(tool))

    def use_tools(self, toolbox: Toolbox) -> None:
        """Let the model call these tools only, from now on. MCP servers that are not among them are disconnected.

        Args:
            toolbox: The tools.

        """
        self.session.use_tools(toolbox)
        self._leave_servers(toolbox)
        self._on_change()

    def _take_titles(self, toolbox: Toolbox) -> None:
        others = {name: title for name, title in self.titles.items() if name not in toolbox.names}
        self.titles = {**others, **toolbox.titles}

    def close(self) -> None:
        """End everything, without waiting for it."""
        self.runner.submit(self.session.aclose())
        self._leave_servers(None)

    def forked(self) -> None:
        """Forget running work, which stays in the parent process. Called in a forked child."""
        self.attempt = {**self.attempt, "pending": False}
        self.models = self.local_servers = None
        self.session.forked()

    def _leave_servers(self, kept: Toolbox | None) -> None:
        if self.mcp_servers is not None:
            self.mcp_servers.keep(kept.given if kept is not None else ())

    def _put(self, tool: Tool) -> None:
        toolbox = self.session.toolbox or self.toolbox(())
        toolbox.put(tool)
        self._take_titles(toolbox)
        self.use_tools(toolbox)

    def use_context(self, context: Context) -> None:
        """Send this context with each question from now on.

        Args:
            context: The context. An empty one turns this off.

        """
        self.context = context if context.given else None
        self._on_change()

    def context_parts(self) -> list[dict[str, Any]]:
        """Return the notebook context as content parts. Slow; never raises.

        Returns:
            The parts to put before a question; an empty list without a context.

        """
        return [] if self.context is None else self.context.parts(self.masked, self.context_tokens)

    async def _collect_context(self) -> list[dict[str, Any]]:
        self._adopt()
        return [] if self.context is None else await self.runner.run_in_thread(self.context_parts)

    def masked(self, text: str) -> str:
        """Mask the secrets in a text of the notebook.

        Args:
            text: The text.

        Returns:
            The text as the model may see it.

        """
        from .._secrets.masking import masked  # noqa: PLC0415 loaded when needed

        return masked(text, *self._secrets())

    def _redact(self, text: str) -> str:
        return redact(text, *self._secrets())

    def _secrets(self) -> list[Secret | Headers]:
        endpoint = self.connection.endpoint
        held = (endpoint.key, endpoint.headers) if endpoint is not None else ()
        return [each for each in held if isinstance(each, Secret | Headers)]

    def tell(self, notice: str | None, code: str | None = None) -> None:
        """Show a notice beside the conversation.

        Args:
            notice: The sentence to show, or None to remove the notice.
            code: Identifies the kind of notice.

        """
        self.notice, self.notice_code = notice, code
        self._on_change()

    def _use(self, connection: Connection) -> None:
        self.connection = connection
        on_list = self._listed if connection.is_default else None
        self.session.connect(connection.transport, connection.model, on_list)

    def _listed(self, models: Iterable[ListedModel]) -> None:
        """Choose the best model of the account for the next questions. Called if the user named none."""
        name = choose(models, self._refused)
        self._better = name if name != self.connection.model else None
        if self._better is not None:
            self.runner.submit(self._adopt_when_idle())

    async def _adopt_when_idle(self) -> None:
        await self.session.turns.idle()
        self._adopt()

    def _adopt(self) -> None:
        """Switch to the better model."""
        name, self._better = self._better, None
        if name is None or not self.connection.is_default:
            return
        given = name if isinstance(self.connection.given, str) else self.connection.given
        self._use(replace(self.connection, model=name, given=given))
        self._on_connect(self.connection)
        self._on_change()

    async def _replace_model(self, error: TransportError) -> bool:
        """Return whether to retry with another model because the server does not offer the one asked for.

        Only a model that the user did not name is replaced.

        Raises:
            TransportError: A better error, which lists the models that the server does offer.

        """
        if error.code not in {"model_not_found", "not_found"}:
            return False
        from .._connection.discovery import models_instead  # noqa: PLC0415 loaded when needed

        connection, model = self.connection, self.session.requests.asked
        names, offer = await models_instead(connection, model, error)
        if not names or connection is not self.connection:
            return False
        self.models = {"names": names, "error": None, "pending": False}
        self._on_change()
        transport = connection.transport
        if connection.is_default and model == connection.model and isinstance(transport, HasCatalog):
            self._refused.add(model)
            self._better = choose((transport.catalog.at_hand or {}).values(), self._refused)
            if self._better is not None and len(self._refused) <= _MOST_REFUSED:
                self._adopt()
                return True
        raise offer from None

    def _ends(self, model: str, day: date) -> None:
        """Announce once that a model in use is about to be switched off."""
        if not ends_soon(day) or model in self._ending:
            return
        self._ending.add(model)
        said = f"{model} will be switched off on {day}: choose another model."
        if self.notice is None:
            self.tell(said, "model_ends")
        else:
            self.tell(f"{self.notice} {said}")

    async def _retire(self, transport: Transport) -> None:
        await self.session.turns.idle()
        await transport.aclose()

    def _heard(self, change: Change) -> None:
        if isinstance(change, Added) and not self.conversation[change.id].status.is_final:
            self._restore = None
