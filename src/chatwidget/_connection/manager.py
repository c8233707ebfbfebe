"""The connection of a chat over time: connecting, the models and servers to choose from, and a model for lack of one.

Everything here runs on the runner's loop.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from .. import _connection
from .._errors import SettingsError, TransportError
from .._runtime.runner import Runner
from .._transports.base import Transport
from .._transports.endpoint import OPENAI_URL
from .._transports.models.catalog import HasCatalog
from .._transports.models.facts import ListedModel
from .._transports.models.openai import choose, ends_soon
from .connection import Connection

if TYPE_CHECKING:
    from .discovery import Server

_NO_SERVER: Final = (
    "No model server is connected, so there are no models to list. Set OPENAI_API_KEY, or give the address of a server "
    "as base_url."
)
_MOST_REFUSED: Final = 5
"""Maximum number of models of a list that are tried in turn."""


class Attempt(NamedTuple):
    """An attempt of the user to connect."""

    number: int = 0
    base_url: str | None = None
    pending: bool = False
    """Whether it is still in progress."""


class ModelList(NamedTuple):
    """The names of a server's models, or the error why they are unknown."""

    names: list[str]
    error: str | None = None
    pending: bool = False
    """Whether a newer list has been requested."""


class LocalServers(NamedTuple):
    """The servers on this computer."""

    servers: list[Server]
    pending: bool = False
    """Whether a search is in progress."""


class Notify(Protocol):
    """A function that shows the user a notice."""

    def __call__(self, notice: str | None, code: str | None = None, *, appends: bool = False) -> None:
        """Show `notice`, or none. If `appends`, the notice that is shown already stays in front of it."""
        ...


class ConnectionManager:
    """The connection of a chat, and what is known about the models and servers that it could use.

    Args:
        connection: The connection to begin with.
        runner: The runner whose loop everything runs on.
        idle: Waits until no turn is running.
        on_connect: Called with each new connection.
        on_change: Called when `attempt`, `models` or `local_servers` have changed.
        notify: Shows the user a notice.

    """

    def __init__(
        self,
        connection: Connection,
        runner: Runner,
        *,
        idle: Callable[[], Awaitable[None]],
        on_connect: Callable[[Connection], None],
        on_change: Callable[[], None],
        notify: Notify,
    ) -> None:
        self.connection = connection
        self.attempt = Attempt()
        """The user's last attempt to connect."""
        self.models: ModelList | None = None
        """The models of the server, once they were asked for."""
        self.local_servers: LocalServers | None = None
        """The servers on this computer, once they were searched for."""
        self._runner = runner
        self._idle = idle
        self._on_connect = on_connect
        self._on_change = on_change
        self._notify = notify
        self._model_lists = 0
        """How many lists of models there have been. One that was requested before the latest is outdated."""
        self._refused: set[str] = set()
        """Models that the server turned out not to offer."""
        self._better: str | None = None
        """The model to use from the next question on, chosen from the list of the account if the user named none."""
        self._ending: set[str] = set()
        """Models whose shutdown has been announced to the user."""

    def connect(self, connection: Connection, *, pending: bool = False) -> None:
        """Use another connection from the next question on.

        Args:
            connection: The connection.
            pending: Whether its server is still being checked.

        """
        self.attempt = self.attempt._replace(pending=pending)
        self._refused, self._better = set(), None
        old = self.connection
        if old.endpoint is None or old.endpoint != connection.endpoint:
            self._set_models(None)
        if old.transport is not None and old.endpoint is not None and old.endpoint == connection.endpoint:
            # Keep the old client: it is warm, and talks to the same server with the same key.
            connection = replace(connection, transport=connection.transport and old.transport)
        elif old.transport is not None and old.transport is not connection.transport:
            self._runner.submit(self._retire(old.transport))
        self._use(connection)
        self._notify(None)

    def begin_attempt(self, base_url: str | None) -> None:
        """Record that the user connects. Views are told of this attempt and of its result.

        Args:
            base_url: The URL of the server, or None.

        """
        self.attempt = Attempt(self.attempt.number + 1, base_url)

    def try_connection(self, connection: Connection) -> None:
        """Check another connection, and use it unless it is hopeless, which is reported.

        Until then the old connection is used, or none.

        Args:
            connection: The connection to try.

        """
        old = self.connection
        url = connection.endpoint.base_url if connection.endpoint is not None else None
        self.attempt = self.attempt._replace(base_url=url, pending=True)
        is_trial = old.transport is None or old.endpoint != connection.endpoint
        if is_trial:
            self._on_change()
        else:
            self.connect(connection, pending=True)
            connection = self.connection
        self._runner.submit(self._try(connection, self.attempt, is_trial=is_trial))

    def known_models(self) -> list[str]:
        """Return the names of the models received so far. Requests the list if necessary."""
        if self.models is None and self.connection.kind == "server":
            self.list_models()
        return list(self.models.names) if self.models is not None else []

    def list_models(self, *, checks: bool = False) -> None:
        """Request the server's models. They arrive in `models`.

        Args:
            checks: Whether to show a notice if the result means that the connection cannot work.

        """
        number = self._set_models(ModelList(self.models.names if self.models is not None else [], pending=True))
        self._on_change()
        self._runner.submit(self._list_models(number, checks=checks))

    async def fetch_models(self) -> list[str]:
        """Return the names of the server's models.

        Raises:
            SettingsError: If the list is not available, with the reason.

        """
        endpoint = self.connection.endpoint
        if self.connection.transport is None and endpoint is not None and endpoint.base_url == OPENAI_URL:
            raise SettingsError(_NO_SERVER)
        listing = await _connection.discovery.list_models(self.connection)
        if listing.error is not None:
            raise SettingsError(listing.error)
        return listing.names

    def find_servers(self) -> None:
        """Search for servers on this computer. They arrive in `local_servers`."""
        if self.local_servers is not None and self.local_servers.pending:
            return
        servers = self.local_servers.servers if self.local_servers is not None else []
        self.local_servers = LocalServers(servers, pending=True)
        self._on_change()
        self._runner.submit(self._find_servers())

    def choose_model(self, models: Iterable[ListedModel]) -> None:
        """Choose the best model of the account for the next questions, if the user named none.

        Args:
            models: The models of the account.

        """
        name = choose(models, self._refused)
        self._better = name if name != self.connection.model else None
        if self._better is not None:
            self._runner.submit(self._adopt_when_idle())

    def adopt_chosen(self) -> None:
        """Switch to the model that `choose_model` has chosen, if any."""
        name, self._better = self._better, None
        if name is None:
            return
        choice = name if isinstance(self.connection.choice, str) else self.connection.choice
        self._use(replace(self.connection, model=name, choice=choice))
        self._on_change()

    async def replace_model(self, error: TransportError, model: str | None) -> bool:
        """Return whether to retry with another model because the server does not offer the one asked for.

        Only a model that the user did not name is replaced.

        Args:
            error: The error of the server.
            model: The model that was asked for.

        Raises:
            TransportError: A better error, which lists the models that the server does offer.

        """
        if error.code not in {"model_not_found", "not_found"}:
            return False
        connection = self.connection
        names, offer = await _connection.discovery.models_instead(connection, model, error)
        if connection is not self.connection or offer is error:
            return False
        if names:
            self._set_models(ModelList(names))
            self._on_change()
        transport = connection.transport
        if names and connection.is_default and model == connection.model and isinstance(transport, HasCatalog):
            self._refused.add(model)
            self._better = choose((transport.catalog.at_hand or {}).values(), self._refused)
            if self._better is not None and len(self._refused) <= _MOST_REFUSED:
                self.adopt_chosen()
                return True
        raise offer from None

    def announce_end(self, model: str, day: date) -> None:
        """Announce once that a model in use is about to be switched off.

        Args:
            model: The name of the model.
            day: Its last day.

        """
        if ends_soon(day) and model not in self._ending:
            self._ending.add(model)
            self._notify(f"{model} will be shut down on {day}: choose another model.", "model_ends", appends=True)

    def forked(self) -> None:
        """Forget running work, which stays in the parent process. Called in a forked child."""
        self.attempt = self.attempt._replace(pending=False)
        self._set_models(None)
        self.local_servers = None

    async def _try(self, connection: Connection, attempt: Attempt, *, is_trial: bool) -> None:
        """List the models to check the connection. A trial is a connection not in use yet; use it if it may work."""
        listing = await _connection.discovery.list_models(connection)
        is_used = self.connection.transport is connection.transport
        is_wanted = attempt == self.attempt
        takes_over = not is_used and is_wanted and not listing.is_hopeless
        if is_trial and not takes_over and connection.transport is not None:
            await connection.transport.aclose()
        if not is_wanted:
            return
        self.attempt = attempt._replace(pending=False)
        if is_used or not listing.is_hopeless:
            if takes_over:
                self.connect(connection)
            self._set_models(ModelList(listing.names, listing.error))
        if listing.code is not None:
            self._notify(listing.error, listing.code)
        else:
            self._on_change()

    async def _list_models(self, number: int, *, checks: bool) -> None:
        listing = await _connection.discovery.list_models(self.connection)
        if number != self._model_lists:
            return
        self._set_models(ModelList(listing.names, listing.error))
        if checks and listing.code is not None:
            self._notify(listing.error, listing.code)
        else:
            self._on_change()

    async def _find_servers(self) -> None:
        self.local_servers = LocalServers(await _connection.discovery.find_servers())
        self._on_change()

    def _set_models(self, models: ModelList | None) -> int:
        """Replace the list of models. Return its number."""
        self.models = models
        self._model_lists += 1
        return self._model_lists

    def _use(self, connection: Connection) -> None:
        self.connection = connection
        self._on_connect(connection)

    async def _adopt_when_idle(self) -> None:
        await self._idle()
        self.adopt_chosen()

    async def _retire(self, transport: Transport) -> None:
        await self._idle()
        await transport.aclose()
