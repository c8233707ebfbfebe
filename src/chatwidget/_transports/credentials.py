"""The key for a request: a stored one, or the result of the user's function."""

from __future__ import annotations

import asyncio
import inspect

from .._errors import NotConnectedError
from .._secrets.keys import AskedKey, Key, Secret, fault_of, redact


async def key_for_request(key: Key | None, *, threads: bool) -> Secret | None:
    """Return the key to send.

    Args:
        key: The key, or the user's function for it.
        threads: Call a function that is not async on its own thread, as it may block.

    Returns:
        The key, or None if there is none.

    Raises:
        NotConnectedError: The user's function failed, or its key cannot be used.

    """
    if not isinstance(key, AskedKey):
        return key
    try:
        given = await asyncio.to_thread(key.ask) if threads and not key.is_async else key.ask()
        secret = Secret(await given if inspect.isawaitable(given) else given)
    except (Exception, SystemExit) as error:  # noqa: BLE001 the function is the user's code
        said = redact(f"{type(error).__name__}: {error}".removesuffix(": "), None)
        message = f"The function given as api_key failed ({said}): no key was sent, and nothing was asked."
        raise NotConnectedError(message, code="no_key") from None
    fault = fault_of(secret) or ("" if secret.reveal().strip() else "is empty")
    if fault:
        message = f"The key from the function given as api_key {fault}."
        raise NotConnectedError(message, code="no_key")
    return Secret(secret.reveal().strip())
