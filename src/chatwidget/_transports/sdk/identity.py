"""The address and the key of a user's client."""

from __future__ import annotations

import functools
from typing import Any, Final

from ..._secrets.keys import Secret

_KEYS: Final = (("api_key",), ("sdk_configuration", "security", "api_key"), ("_api_client", "api_key"))
"""The places in which SDKs keep it."""


def key_of(client: Any) -> Secret | None:
    """Return the key that a client holds, to be redacted from errors.

    Args:
        client: The user's client.

    """
    for path in _KEYS:
        key = functools.reduce(lambda value, name: getattr(value, name, None), path, client)
        if isinstance(key, str) and key:
            return Secret(key)
    return None


def address_of(client: Any) -> str:
    """Return the address that a client asks, or else its name.

    Args:
        client: The user's client, or function.

    """
    return str(getattr(client, "base_url", "")) or getattr(client, "__name__", type(client).__name__)
