"""A user's client in a forked process, whose connections belong to the parent."""

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
"""The attributes in which SDKs keep their HTTP clients, of httpx or httpx2."""


def leave_connections(client: Any) -> list[object]:
    """Make a client open its own connections from now on.

    Args:
        client: The user's client.

    Returns:
        The parent's connections. Keep a reference to them.

    """
    # If the parent's connections were used or dropped here, one of its answers could be read here, or its connection
    # be closed.
    left: list[object] = []
    for path in _HTTP_CLIENTS:
        http = functools.reduce(lambda value, name: getattr(value, name, None), path, client)
        mounts = getattr(http, "_mounts", None) or {}
        for transport in (getattr(http, "_transport", None), *mounts.values()):
            pool = getattr(transport, "_pool", None)
            held = vars(pool) if pool is not None else {}
            left.append(dict(held))
            # The lock as well: a thread that exists only in the parent may hold it.
            names = {"_connections", "_requests", "_optional_thread_lock"} & held.keys()
            held.update({name: type(held[name])() for name in names})
    return left
