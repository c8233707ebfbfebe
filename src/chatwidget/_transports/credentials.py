"""The key and headers for a request: stored ones, or the result of the user's function."""

from __future__ import annotations

import asyncio
import inspect
from dataclasses import dataclass, field

from .._errors import NotConnectedError
from .._secrets.keys import AskedKey, Headers, Key, Secret, fault_of, redact
from .._text import error_summary
from .endpoint import Endpoint


@dataclass(frozen=True, slots=True)
class Access:
    """The key and the user's own headers for one request."""

    secret: Secret | None
    headers: Headers = field(default_factory=Headers)
    is_sent: bool = True
    """False if the user's client sends the key itself, so that it is known here only to be hidden."""

    @property
    def key(self) -> str | None:
        """The key to send. Read only to make a request."""
        return self.secret.reveal() if self.secret is not None and self.is_sent else None


async def access_to(endpoint: Endpoint, *, threads: bool) -> Access:
    """Return the key and headers to send.

    Args:
        endpoint: The server, with its key, or the user's function for it.
        threads: Call a function that is not async on its own thread, as it may block.

    Raises:
        NotConnectedError: The user's function failed, or its key cannot be used.

    """
    return Access(await _key_for_request(endpoint.key, threads=threads), endpoint.headers)


async def _key_for_request(key: Key | None, *, threads: bool) -> Secret | None:
    if not isinstance(key, AskedKey):
        return key
    try:
        value = await asyncio.to_thread(key.ask) if threads and not key.is_async else key.ask()
        secret = Secret(await value if inspect.isawaitable(value) else value)
    except (Exception, SystemExit) as error:  # noqa: BLE001 the function is the user's code
        reason = redact(error_summary(error), None)
        message = f"The function passed as api_key failed ({reason}): no request was sent."
        raise NotConnectedError(message, code="no_key") from None
    fault = fault_of(secret) or ("" if secret.reveal().strip() else "is empty")
    if fault:
        message = f"The key from the function passed as api_key {fault}."
        raise NotConnectedError(message, code="no_key")
    return Secret(secret.reveal().strip())
