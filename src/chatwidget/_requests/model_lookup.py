"""Asking a server, in the background, what it tells of the model that answers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping
from contextlib import suppress
from datetime import date
from typing import Any, Final

from .._errors import ServerError
from .._transports.base import DescribesModels, ListedModel, ModelFacts, Transport
from .._transports.catalog import Catalog, HasCatalog
from .context_window import ContextLimit

_MUCH: Final = 1500
"""Tokens from which on it may matter, before anything is sent, how much the model takes: the least take 2048."""

_PATIENCE: Final = 3.0
_LIST_PATIENCE: Final = 10.0


class ModelInfoFetcher:
    """Looks once, and again where a model that was not loaded yet has answered since.

    `on_found` is called when something was found, `on_list` with the list of models where it decides which one is
    asked, `on_end` with a model in use and its last day.
    """

    def __init__(self, limit: ContextLimit, on_found: Callable[[], None]) -> None:
        self.prices: dict[str, tuple[float, float]] = {}
        """Dollars for a million tokens of prompt and of completion, by model."""
        self.on_list: Callable[[Iterable[ListedModel]], None] | None = None
        self.on_end: Callable[[str, date], None] = lambda _, __: None
        self._limit = limit
        self._on_found = on_found
        self._asked: set[bool] = set()
        """Whether the server was asked after an answer, and before one."""
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, transport: Transport | None, model: str | None) -> None:
        """Another model is asked, or another server: begin with what is known without asking."""
        self._asked = set()
        if model is not None and isinstance(transport, HasCatalog):
            self._learn(model, transport.catalog.known(model))

    async def before(self, transport: Transport, model: str | None, tokens: int) -> None:
        """About `tokens` are to be sent: wait for what the server tells, where it may matter."""
        if tokens >= _MUCH and self._limit.tokens is None and not _is_openai(transport):
            await self._look(transport, model, answered=False)

    def after(self, transport: Transport, model: str | None, *, is_shown: bool) -> None:
        """An answer has come, which a view shows with what it cost, or for which the model may have been loaded."""
        if is_shown or self._asked or _is_openai(transport):
            self._begin(self._look(transport, model, answered=True))
            self.list_models(transport)

    def list_models(self, transport: Transport) -> None:
        """Read the list of models where it decides which one is asked."""
        if self.on_list is not None and isinstance(transport, HasCatalog):
            self._begin(self._list(transport.catalog))

    def forked(self) -> None:
        """In a forked process: nothing is being asked."""
        self._tasks = set()

    async def aclose(self) -> None:
        """Look no more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _list(self, catalog: Catalog) -> None:
        on_list = self.on_list
        models: Mapping[str, ListedModel] = {}
        is_refused = False
        try:
            async with asyncio.timeout(_LIST_PATIENCE):
                models = await catalog.models()
        except ServerError:
            # A key may ask, and not see the list.
            is_refused = True
        except Exception:  # noqa: BLE001 whatever goes wrong, the usual model is asked, and the list again
            return
        if on_list is None or on_list is not self.on_list:
            return
        if is_refused:
            self.on_list = None
        else:
            on_list(models.values())

    async def _look(self, transport: Transport, model: str | None, *, answered: bool) -> None:
        asked = self._asked
        if answered in asked or model is None or not isinstance(transport, DescribesModels):
            return
        asked.add(answered)
        found = ModelFacts()
        with suppress(Exception):  # whatever goes wrong, nothing is known
            async with asyncio.timeout(_PATIENCE):
                found = await transport.describe(model)
        if asked is not self._asked or found == ModelFacts():
            return
        if found.context_limit is not None:
            asked |= {True, False}
        self._learn(model, found)
        self._on_found()
        if found.ends is not None:
            self.on_end(model, found.ends)

    def _learn(self, model: str, facts: ModelFacts) -> None:
        if facts.prices is not None:
            self.prices[model] = facts.prices
        if facts.context_limit is not None:
            self._limit.told = facts.context_limit


def _is_openai(transport: Transport) -> bool:
    """Whether what a model takes and costs is known here; its server is asked when its last day is."""
    return isinstance(transport, HasCatalog) and transport.catalog.is_openai
