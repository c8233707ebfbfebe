"""A user's client in a forked process: its connections are the parent's."""

from __future__ import annotations

import functools
from typing import Any, Final

_HTTP_CLIENTS: Final = (
    ("_client",),
    ("sdk_configuration", "client"),
    ("sdk_configuration", "async_client"),
    ("_api_client", "_httpx_client"),
    ("_api_client", "_async_httpx_client"),
)
"""Where SDKs keep the HTTP clients of httpx or httpx2 that they ask through."""


def leave_connections(client: Any) -> list[object]:
    """Have `client` open its own connections from now on.

    Returns the parent's, to be kept: an answer of the parent's would be read here, or its connection be closed.
    """
    left: list[object] = []
    for path in _HTTP_CLIENTS:
        http = functools.reduce(lambda value, name: getattr(value, name, None), path, client)
        mounts = getattr(http, "_mounts", None) or {}
        for transport in (getattr(http, "_transport", None), *mounts.values()):
            pool = getattr(transport, "_pool", None)
            held = vars(pool) if pool is not None else {}
            left.append(dict(held))
            # The lock, too: a thread that is not here may have it.
            names = {"_connections", "_requests", "_optional_thread_lock"} & held.keys()
            held.update({name: type(held[name])() for name in names})
    return left
