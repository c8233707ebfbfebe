"""The models that a server lists, and what is known of them; those of an account with OpenAI are kept in mind."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping
from typing import Any, Protocol, runtime_checkable

from .base import ListedModel, ModelFacts
from .model_facts import facts_in
from .openai_models import facts_of

Models = Mapping[str, ListedModel]

_OF_ACCOUNTS: dict[Hashable, Models] = {}
"""By address, and a number that stands for the key: the process remembers, and holds no key for that."""


class Catalog:
    """The list of one server.

    `ask` gets what is listed of each model, by name; `account` is None if the list may be another one later, as with
    servers that load and leave models.
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
        """Whether it is OpenAI's own, so that more is known of a model than is listed."""
        return self._account() is not None

    @property
    def at_hand(self) -> Models | None:
        """The list as it was read last; None if it was not."""
        account = self._account()
        return self._read if account is None else _OF_ACCOUNTS.get(account)

    async def read(self) -> Models:
        """Ask for the list. Raises TransportError, and whatever a client raises."""
        entries = await self._ask()
        self._read = {name: _listed(name, entry) for name, entry in entries.items()}
        account = self._account()
        if account is not None:
            _OF_ACCOUNTS[account] = self._read
        return self._read

    async def models(self) -> Models:
        """Return the list as it was read before, else ask for it. Raises as `read` does."""
        async with self._reading:
            return self.at_hand or await self.read()

    def known(self, model: str) -> ModelFacts:
        """Return what is known of `model` without asking."""
        if not self.is_openai:
            return ModelFacts()
        listed = (self.at_hand or {}).get(model)
        return facts_of(model).with_more(listed.facts if listed is not None else ModelFacts())

    async def describe(self, model: str) -> ModelFacts:
        """Return what is known of `model` once the list is read. Raises as `read` does."""
        await self.models()
        return self.known(model)


@runtime_checkable
class HasCatalog(Protocol):
    """A transport whose list of models can decide which one is asked."""

    catalog: Catalog


def _listed(name: str, entry: Mapping[str, Any]) -> ListedModel:
    created = entry.get("created")
    is_number = isinstance(created, int | float) and not isinstance(created, bool)
    return ListedModel(name, int(created) if is_number else 0, facts_in(entry))  # type: ignore[arg-type] # it is one
