"""A short request to a server on this computer, to find out its kind: no key, no proxy, no redirect."""

from __future__ import annotations

import asyncio
import http.client
from typing import Final
from urllib.parse import urlsplit, urlunsplit

_OK: Final = 200
_MAX_BYTES: Final = 8 * 1024 * 1024


async def probe(url: str, seconds: float) -> bytes | None:
    """Fetch a URL of a local server.

    Args:
        url: The URL to fetch.
        seconds: The timeout.

    Returns:
        The body, or None if there is none to be had.

    """
    return await asyncio.to_thread(_get, url, seconds)


def _get(url: str, seconds: float) -> bytes | None:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=seconds)
    try:
        connection.request("GET", urlunsplit(("", "", parts.path, parts.query, "")))
        response = connection.getresponse()
        return response.read(_MAX_BYTES) if response.status == _OK else None
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
