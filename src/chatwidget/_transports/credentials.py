"""The key for a request: one that is held, or asked of the user's function."""

from __future__ import annotations

import asyncio
import inspect

from .._errors import NotConnectedError
from .._secrets.keys import AskedKey, Key, Secret, fault_of, redact


async def key_for_request(key: Key | None, *, threads: bool) -> Secret | None:
    """The key to send. Raises NotConnectedError, in one sentence, where the user's function gives none.

    A function that is not async may take its time: with `threads` it does so on one of its own.
    """
    if not isinstance(key, AskedKey):
        return key
    try:
        given = await asyncio.to_thread(key.ask) if threads and not key.is_async else key.ask()
        secret = Secret(await given if inspect.isawaitable(given) else given)
    except (Exception, SystemExit) as error:  # noqa: BLE001 the function is anyone's code
        said = redact(f"{type(error).__name__}: {error}".removesuffix(": "), None)
        message = f"The function given as api_key failed ({said}): no key was sent, and nothing was asked."
        raise NotConnectedError(message, code="no_key") from None
    fault = fault_of(secret) or ("" if secret.reveal().strip() else "is empty")
    if fault:
        message = f"The key from the function given as api_key {fault}."
        raise NotConnectedError(message, code="no_key")
    return Secret(secret.reveal().strip())
