"""Asking again where a request failed before its answer began, and saying so while it waits."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias

from .._errors import ServerError, TransportError
from .._retry import retry_delay
from ._base import ChatRequest, Retrying

Outcome: TypeAlias = tuple[Any, Mapping[str, str]]
"""What one request came to: a response, or a TransportError and the headers that say when to try again."""


async def respond(attempt: Callable[[], Awaitable[Outcome]], request: ChatRequest, max_retries: int) -> Any:
    """The response of the first of `1 + max_retries` attempts that brings one. Raises TransportError."""
    retries = 0
    while True:
        failure, headers = await attempt()
        if not isinstance(failure, TransportError):
            return failure
        status = failure.status if isinstance(failure, ServerError) else None
        chance = random.random()  # noqa: S311 it spreads clients, and keeps no secret
        delay = retry_delay(status, headers, retries, now=time.time(), random=chance)
        if delay is None or retries >= max_retries:
            raise failure
        retries += 1
        request.on_retry(Retrying(retries, delay, str(failure)))
        await asyncio.sleep(delay)
