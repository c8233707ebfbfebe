"""Retries of failed requests: which ones, and after how long.

The decisions are those of the openai SDK (3.52, `_base_client.py`: `_should_retry` and
`_calculate_retry_timeout`), made here for every HTTP client: the SDK waits silently, while users who wait want to know
the reason. A request is never repeated once a byte of its answer has arrived.
"""

from __future__ import annotations

import asyncio
import email.utils
import math
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, TypeAlias

from .._errors import ServerError, TransportError
from .base import ChatRequest, Retrying

MAX_RETRIES: Final = 2
"""The default number of retries, as in `AsyncOpenAI(max_retries=...)`."""
FIRST_DELAY: Final = 0.5
MAX_DELAY: Final = 8.0
MAX_RETRY_AFTER: Final = 120.0
JITTER: Final = 0.25
"""The largest share taken off our own delays, so that clients do not march in step. The other values are seconds."""

_RETRIED_STATUSES: Final = frozenset({408, 409, 429})
_SERVER_ERRORS: Final = 500

Outcome: TypeAlias = tuple[Any, Mapping[str, str]]
"""The outcome of one request: a response, or a TransportError and the headers that say when to try again."""


def retry_delay(
    status: int | None, headers: Mapping[str, str], retries: int, *, now: float, random: float
) -> float | None:
    """Return the delay before a retry.

    Args:
        status: The HTTP status, or None if the connection failed.
        headers: The response headers, with lower-case names.
        retries: The number of retries so far.
        now: The time in seconds since the epoch.
        random: A random number in [0, 1).

    Returns:
        The delay in seconds, or None if the failure is final.

    """
    asked = retry_after(headers, now)
    if asked is not None and math.isfinite(asked) and asked > MAX_RETRY_AFTER:
        return None
    if status is not None and not _is_retried(status, headers.get("x-should-retry")):
        return None
    if asked is not None and 0 < asked <= MAX_RETRY_AFTER:
        return asked
    return min(FIRST_DELAY * 2.0**retries, MAX_DELAY) * (1 - JITTER * random)


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Return the delay that the server asks for, from `retry-after-ms` or `Retry-After` (RFC 9110, 10.2.3).

    Args:
        headers: The response headers, with lower-case names.
        now: The time in seconds since the epoch.

    Returns:
        The delay in seconds, or None if the server does not ask for one.

    """
    for name, per_second in (("retry-after-ms", 1000), ("retry-after", 1)):
        value = headers.get(name, "")
        try:
            delay = float(value)
        except ValueError:
            continue
        overflowed = delay == math.inf and "inf" not in value.lower()
        return MAX_RETRY_AFTER + 1 if overflowed else delay / per_second
    return _seconds_until(headers.get("retry-after", ""), now)


def _is_retried(status: int, should_retry: str | None) -> bool:
    if should_retry in {"true", "false"}:
        return should_retry == "true"
    return status in _RETRIED_STATUSES or status >= _SERVER_ERRORS


def _seconds_until(date: str, now: float) -> float | None:
    try:
        parsed = email.utils.parsedate_tz(date)
        return None if parsed is None else email.utils.mktime_tz(parsed) - now
    except (TypeError, ValueError, OverflowError, OSError):
        return None


async def respond(attempt: Callable[[], Awaitable[Outcome]], request: ChatRequest, max_retries: int) -> Any:
    """Send a request, and retry it on failure.

    Args:
        attempt: Sends the request once.
        request: The request, which is notified of retries.
        max_retries: The most retries.

    Returns:
        The first response.

    Raises:
        TransportError: The last attempt failed, or the failure was final.

    """
    retries = 0
    while True:
        failure, headers = await attempt()
        if not isinstance(failure, TransportError):
            return failure
        status = failure.status if isinstance(failure, ServerError) else None
        chance = random.random()  # noqa: S311 it spreads clients and protects no secret
        delay = retry_delay(status, headers, retries, now=time.time(), random=chance)
        # OpenAI answers an account without credit with the status of too many requests.
        delay = None if failure.code == "no_credit" else delay
        if delay is None or retries >= max_retries:
            raise failure
        retries += 1
        request.on_retry(Retrying(retries, delay, str(failure)))
        await asyncio.sleep(delay)
