"""The models that a server lists, and the facts about them. Lists of OpenAI accounts are kept for the whole process."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping
from typing import Any, Protocol, runtime_checkable

from .. import models
from .facts import ListedModel, ModelFacts
from .openai import facts_of

Models = Mapping[str, ListedModel]

_OF_ACCOUNTS: dict[Hashable, Models] = {}
"""Lists by account. An account is an address and a hash of the key, so that no key is stored here."""


class Catalog:
    """The list of models of one server.

    Args:
        ask: Fetches the list's entries, by model name.
        account: Returns an id of the account, or None if the list may change, as with servers that load and unload
            models.

    """

    def __init__(
        self, ask: Callable[[], Awaitable[Mapping[str, Mapping[str, Any]]]], account: Callable[[], Hashable | None]
    ) -> None:
        self._ask = ask
        self._account = account
        self._read: Models | None = None
        self._reading = asyncio.Lock()

    @property
    def is_openai(self) -> bool:
        """Whether the server is OpenAI's own, so that more is known about a model than its list says."""
        return self._account() is not None

    @property
    def at_hand(self) -> Models | None:
        """The list as read last, or None if it was not read yet."""
        account = self._account()
        return self._read if account is None else _OF_ACCOUNTS.get(account)

    async def read(self) -> Models:
        """Fetch the list.

        Returns:
            The models, by name.

        Raises:
            TransportError: The list was not read. A user's client may raise other errors.

        """
        entries = await self._ask()
        self._read = {name: _listed(name, entry) for name, entry in entries.items()}
        account = self._account()
        if account is not None:
            _OF_ACCOUNTS[account] = self._read
        return self._read

    async def models(self) -> Models:
        """Return the list as read before, or else fetch it.

        Returns:
            The models, by name.

        Raises:
            TransportError: The list was not read; see `read`.

        """
        async with self._reading:
            return self.at_hand or await self.read()

    def known(self, model: str) -> ModelFacts:
        """Return the facts known about a model, without a request.

        Args:
            model: The name of the model.

        """
        if not self.is_openai:
            return ModelFacts()
        listed = (self.at_hand or {}).get(model)
        return facts_of(model).with_more(listed.facts if listed is not None else ModelFacts())

    async def describe(self, model: str) -> ModelFacts:
        """Return the facts known about a model once the list is read.

        Args:
            model: The name of the model.

        Raises:
            TransportError: The list was not read; see `read`.

        """
        await self.models()
        return self.known(model)


@runtime_checkable
class ListsModels(Protocol):
    """A transport that can list models. Not all can."""

    async def models(self) -> list[str]:
        """Return the names of the models, in the server's order.

        Raises:
            TransportError: The list was not read. `code` tells a wrong key, a wrong address and a missing server apart.

        """
        ...


@runtime_checkable
class DescribesModels(Protocol):
    """A transport whose server may report more about a model than its name."""

    async def describe(self, model: str) -> ModelFacts:
        """Return the facts known about a model.

        Args:
            model: The name of the model.

        """
        ...


@runtime_checkable
class HasCatalog(Protocol):
    """A transport whose list of models can decide which one is asked."""

    catalog: Catalog


def _listed(name: str, entry: Mapping[str, Any]) -> ListedModel:
    created = entry.get("created")
    is_number = isinstance(created, int | float) and not isinstance(created, bool)
    return ListedModel(name, int(created) if is_number else 0, models.reported.facts_in(entry))  # type: ignore[arg-type] # it is one
