"""Diagnosis of a failed fetch. A browser tells scripts only that it failed; a few requests of our own tell more.

They are sent without key and message.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Iterable
from contextlib import suppress
from typing import Final
from urllib.parse import urlsplit

from pyodide.ffi import JsException, to_js

import js

from ..._errors import ConnectError
from ..endpoint import is_loopback
from ..js_fetch import fetch, origin
from .unreachable import not_reached

_PATIENCE: Final = 5_000
"""Milliseconds for a server to answer a check."""

_PERMISSIONS: Final = ("local-network-access", "loopback-network", "local-network")
"""The first is the name in Chromium 142, before it was split in two."""


async def diagnose(base_url: str, url: str, headers: Iterable[str]) -> ConnectError:
    """Find the most likely reason why a URL was not reached.

    Args:
        base_url: The address of the server.
        url: The URL below it that failed.
        headers: The names of the headers that were sent.

    Returns:
        The error to show.

    """
    return not_reached(await _cause(url), base_url, origin=origin(), headers=headers)


async def _cause(url: str) -> str:
    known = _known_beforehand(url)
    if known is not None:
        return known
    answer = await _try(url, "no-cors")
    if answer == "answered":
        return "preflight" if await _try(url, "cors") == "answered" else "cors"
    if answer == "late":
        return "no_answer"
    if "denied" in await asyncio.gather(*map(_permission, _PERMISSIONS)):
        return "local_network"
    parts = urlsplit(url)
    if parts.scheme == "https":
        return "untrusted"
    # It is certain that no server listens only if no name had to be looked up.
    return "refused" if is_loopback(url) or _is_number(parts.hostname or "") else "unreached"


def _known_beforehand(url: str) -> str | None:
    if is_loopback(url):
        return None
    if not js.navigator.onLine:
        return "offline"
    is_mixed = url.lower().startswith("http:") and origin().startswith("https:")
    return "mixed_content" if is_mixed else None


async def _try(url: str, mode: str) -> str:
    """Return how a request without headers ends: `answered`, `late` or `failed`.

    In mode "cors" the page must be able to read it.
    """
    try:
        await fetch(url, {"mode": mode, "credentials": "omit"}, js.AbortSignal.timeout(_PATIENCE))
    except JsException as error:
        return "late" if error.name == "TimeoutError" else "failed"
    return "answered"


async def _permission(name: str) -> str:
    # A browser that does not know the permission rejects the query.
    with suppress(JsException, AttributeError):
        asked = to_js({"name": name}, dict_converter=js.Object.fromEntries)
        return str((await js.navigator.permissions.query(asked)).state)
    return ""


def _is_number(host: str) -> bool:
    with suppress(ValueError):
        return bool(ipaddress.ip_address(host))
    return False
