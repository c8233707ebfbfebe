"""Asking a server, in the background, what it tells of the model that answers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from ._context_limit import ContextLimit
from ._transports._base import DescribesModels, ModelFacts, Transport

_MUCH: Final = 1500
"""Tokens from which on it may matter, before anything is sent, how much the model takes: the least take 2048."""

_PATIENCE: Final = 3.0


class ModelLookup:
    """Looks once, and again where a model that was not loaded yet has answered since.

    `on_found` is called when something was found.
    """

    def __init__(self, limit: ContextLimit, on_found: Callable[[], None]) -> None:
        self.prices: dict[str, tuple[float, float]] = {}
        """Dollars for a million tokens of prompt and of completion, by model."""
        self._limit = limit
        self._on_found = on_found
        self._asked: set[bool] = set()
        """Whether the server was asked after an answer, and before one."""
        self._tasks: set[asyncio.Task[None]] = set()

    def forget(self) -> None:
        """Another model is asked, or another server."""
        self._asked = set()

    async def before(self, transport: Transport, model: str | None, tokens: int) -> None:
        """About `tokens` are to be sent: wait for what the server tells, where it may matter."""
        if tokens >= _MUCH and self._limit.tokens is None:
            await self._look(transport, model, answered=False)

    def after(self, transport: Transport, model: str | None, *, is_shown: bool) -> None:
        """An answer has come, which a view shows with what it cost, or for which the model may have been loaded."""
        if not is_shown and not self._asked:
            return
        task = asyncio.ensure_future(self._look(transport, model, answered=True))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def forked(self) -> None:
        """In a forked process: nothing is being asked."""
        self._tasks = set()

    async def aclose(self) -> None:
        """Look no more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

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
        if found.prices is not None:
            self.prices[model] = found.prices
        if found.context_limit is not None:
            self._limit.told = found.context_limit
            asked |= {True, False}
        self._on_found()
