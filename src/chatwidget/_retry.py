"""Which failed request is tried again, and after how long.

The decisions are those of the openai SDK (3.52, `_base_client.py`: `_should_retry` and
`_calculate_retry_timeout`), made here for both transports: the SDK waits without a word, and a person
who waits wants to know for what. A request is never tried again once a byte of its answer has arrived.
"""

from __future__ import annotations

import email.utils
import math
from collections.abc import Mapping
from typing import Final

MAX_RETRIES: Final = 2
"""How often where nobody says otherwise, as `AsyncOpenAI(max_retries=...)` does."""
FIRST_DELAY: Final = 0.5
MAX_DELAY: Final = 8.0
MAX_RETRY_AFTER: Final = 120.0
JITTER: Final = 0.25
"""Seconds, but for JITTER: up to this share is taken off a delay of ours, so that clients do not march in step."""

_RETRIED_STATUSES: Final = frozenset({408, 409, 429})
_SERVER_ERRORS: Final = 500


def retry_delay(
    status: int | None, headers: Mapping[str, str], retries: int, *, now: float, random: float
) -> float | None:
    """Seconds to wait before trying again, or None where the failure is final.

    `status` is the HTTP status, None where the connection failed; `headers` has lower-case names;
    `retries` counts the ones already made; `now` is in seconds since the epoch; `random` is in [0, 1).
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
    """The seconds the server asks to wait, from `retry-after-ms` or `Retry-After` (RFC 9110, 10.2.3)."""
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
