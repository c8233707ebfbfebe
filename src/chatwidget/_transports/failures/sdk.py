"""Failures of other packages' clients: their errors converted to ours, and a limit to their silence.

Errors are recognized by their attributes, not by their classes, so that no package has to be imported.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, suppress
from typing import Any, Final

from ..._conversation.messages import Delta
from ..._errors import StreamInterruptedError, TransportError
from ..._secrets.keys import Secret, redact
from ..._wire.errors import body_error_text
from .causes import chain_of, connect_error, reason_of
from .http_status import status_error
from .redaction import redacted
from .unreachable import fell_silent, not_reached

_HTTP: Final = frozenset({"httpx", "httpx2", "httpcore", "httpcore2", "requests", "urllib3", "aiohttp"})
_ERROR_STATUSES: Final = 400
_MAX_REASON: Final = 500
"""In characters."""


async def guarded(
    deltas: AsyncGenerator[Delta, None], secret: Callable[[], Secret | None], server: str, patience: float | None
) -> AsyncGenerator[Delta, None]:
    """Pass on deltas, and convert all failures to TransportErrors without the key.

    Args:
        deltas: The deltas of an answer.
        secret: Returns the key to redact.
        server: The server or package, for error texts.
        patience: The most seconds between two deltas; None for no limit.

    Yields:
        The same deltas.

    Raises:
        TransportError: The client failed, or nothing arrived in time.

    """
    begun = False
    try:
        async with aclosing(deltas):
            while True:
                async with asyncio.timeout(patience):
                    delta = await anext(deltas, None)
                if delta is None:
                    return
                begun = begun or delta.says_something
                yield delta
    except Exception as error:  # noqa: BLE001 the client is the user's code
        raise failure_of(error, secret(), server, begun=begun) from None


def failure_of(error: Exception, secret: Secret | None, server: str, *, begun: bool) -> TransportError:
    """Convert an error of the server (with its status), of the connection, or of the package.

    Args:
        error: The exception of the client.
        secret: The key to redact.
        server: The server or package, for error texts.
        begun: Whether a part of the answer had arrived.

    Returns:
        The error to show, without the key.

    """
    if isinstance(error, TransportError):
        return redacted(error, secret)
    codes = (getattr(error, name, None) for name in ("status_code", "code"))
    status = next((code for code in codes if isinstance(code, int)), 0)
    if status >= _ERROR_STATUSES:
        response = getattr(error, "response", None)
        # A key unknown here was still sent by the client, so this must not read as "no key".
        return status_error(
            status,
            _body(response) or str(error).encode(),
            secret or Secret(""),
            getattr(response, "headers", None) or {},
        )
    if not _is_of_the_connection(error):
        return TransportError(redact(_error_text(error), secret))
    return _lost(error, secret, server, begun=begun)


def _lost(error: Exception, secret: Secret | None, server: str, *, begun: bool) -> TransportError:
    is_silence = "Timeout" in type(error).__name__
    if begun:
        cut = StreamInterruptedError(redact(f"The answer was cut off: {reason_of(error)}.", secret))
        return fell_silent() if is_silence else cut
    if is_silence:
        return not_reached("no_answer", server)
    return connect_error(error, server, secret)


def _is_of_the_connection(error: Exception) -> bool:
    """Return whether an HTTP client, or the system below it, failed."""
    return any(isinstance(cause, OSError) or type(cause).__module__.split(".")[0] in _HTTP for cause in chain_of(error))


def _body(response: Any) -> bytes:
    # The body may be gone; the status already tells the error.
    with suppress(Exception):
        return bytes(response.content)
    return b""


def _error_text(error: Exception) -> str:
    """Return the text of an error that the server sent within a stream, or of the exception itself."""
    body = getattr(error, "body", None)
    text = body_error_text(json.dumps(body, default=str).encode()) if isinstance(body, dict) else ""
    text = " ".join((text or str(error)).split())
    text = text if len(text) <= _MAX_REASON else f"{text[:_MAX_REASON]}…"
    return text or type(error).__name__
