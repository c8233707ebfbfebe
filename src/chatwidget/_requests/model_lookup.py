"""Background requests to a server for facts about the model in use."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping
from contextlib import suppress
from datetime import date
from typing import Any, Final

from .._errors import ServerError
from .._transports.base import Transport
from .._transports.models.catalog import Catalog, DescribesModels, HasCatalog
from .._transports.models.facts import ListedModel, ModelFacts
from .context_window import ContextLimit

_MUCH: Final = 1500
"""Tokens from which the model's limit may matter before sending: the smallest limits are 2048."""

_PATIENCE: Final = 3.0
_LIST_PATIENCE: Final = 10.0


class ModelInfoFetcher:
    """The fetcher of a model's facts.

    It asks once, and once more after an answer, because a model that was not loaded at first may be loaded by then.

    Args:
        limit: Receives the context limit.
        on_found: Called when facts were found.
        on_end: Called with a model in use and its last day.

    """

    def __init__(
        self,
        limit: ContextLimit,
        on_found: Callable[[], None],
        on_end: Callable[[str, date], None] = lambda _, __: None,
    ) -> None:
        self.prices: dict[str, tuple[float, float]] = {}
        """Dollars per million prompt tokens and per million completion tokens, by model."""
        self._limit = limit
        self._on_found = on_found
        self._on_end = on_end
        self._on_list: Callable[[Iterable[ListedModel]], None] | None = None
        self._asked: set[bool] = set()
        """True if the server was asked after an answer, False if before one; possibly both."""
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, transport: Transport | None, model: str | None) -> None:
        """Start over for another model or server, with the facts known without asking.

        Args:
            transport: The transport to the server, or None.
            model: The name of the model, or None.

        """
        self._asked = set()
        if model is not None and isinstance(transport, HasCatalog):
            self._learn(model, transport.catalog.known(model))

    def watch_list(self, on_list: Callable[[Iterable[ListedModel]], None] | None) -> None:
        """Read the server's list of models after the next answers, because it decides which model to ask.

        Args:
            on_list: Called with the models of the list; None to leave the list alone.

        """
        self._on_list = on_list

    async def before(self, transport: Transport, model: str | None, tokens: int) -> None:
        """Ask for the model's limit before a request, if it may matter.

        Args:
            transport: The transport to the server.
            model: The name of the model.
            tokens: The estimated size of the request.

        """
        if tokens >= _MUCH and self._limit.tokens is None and not _is_openai(transport):
            await self._look(transport, model, answered=False)

    def after(self, transport: Transport, model: str | None, *, is_shown: bool) -> None:
        """Start asking in the background after an answer.

        Args:
            transport: The transport to the server.
            model: The name of the model.
            is_shown: Whether a view shows the answer, with its cost.

        """
        # A server that was asked in vain before may know more now: the model may have been loaded for this answer.
        if is_shown or self._asked or _is_openai(transport):
            self._begin(self._look(transport, model, answered=True))
            self.list_models(transport)

    def list_models(self, transport: Transport) -> None:
        """Start reading the list of models, if it decides which one to ask.

        Args:
            transport: The transport to the server.

        """
        if self._on_list is not None and isinstance(transport, HasCatalog):
            self._begin(self._list(transport.catalog))

    def forked(self) -> None:
        """Reset after a fork: the tasks belong to the parent process."""
        self._tasks = set()

    async def aclose(self) -> None:
        """Cancel all requests and wait for them."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _list(self, catalog: Catalog) -> None:
        on_list = self._on_list
        models: Mapping[str, ListedModel] = {}
        is_refused = False
        try:
            async with asyncio.timeout(_LIST_PATIENCE):
                models = await catalog.models()
        except ServerError:
            # A key may be allowed to ask, but not to see the list.
            is_refused = True
        except Exception:  # noqa: BLE001 on any failure the usual model is asked, and the list read again later
            return
        if on_list is None or on_list is not self._on_list:
            return
        if is_refused:
            self._on_list = None
        else:
            on_list(models.values())

    async def _look(self, transport: Transport, model: str | None, *, answered: bool) -> None:
        asked = self._asked
        if answered in asked or model is None or not isinstance(transport, DescribesModels):
            return
        asked.add(answered)
        facts = ModelFacts()
        with suppress(Exception):  # on any failure nothing is known
            async with asyncio.timeout(_PATIENCE):
                facts = await transport.describe(model)
        if asked is not self._asked or facts == ModelFacts():
            return
        if facts.context_window is not None:
            asked |= {True, False}
        self._learn(model, facts)
        self._on_found()
        if facts.ends is not None:
            self._on_end(model, facts.ends)

    def _learn(self, model: str, facts: ModelFacts) -> None:
        if facts.prices is not None:
            self.prices[model] = facts.prices
        if facts.context_window is not None:
            self._limit.report(facts.context_window)


def _is_openai(transport: Transport) -> bool:
    """Return whether the model's limit and prices are known here.

    Its server is still asked for the model's last day.
    """
    return isinstance(transport, HasCatalog) and transport.catalog.is_openai
