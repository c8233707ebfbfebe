"""The browser's fetch as an HTTP client, for Python that runs in the browser (Pyodide).

It sends no headers but those that the API needs and those set by the user, as each must be allowed by the server.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Hashable, Iterable
from contextlib import aclosing, asynccontextmanager
from typing import Any, Final

from pyodide.ffi import JsException

import js

from .._errors import ConnectError, StreamInterruptedError
from .credentials import Access, access_to
from .endpoint import Endpoint, url_below
from .extras import merged_headers
from .failures.browser import diagnose
from .failures.unreachable import fell_silent, not_reached
from .http import HttpRequest, HttpResponse
from .js_fetch import fetch
from .retry import MAX_RETRIES

_USUAL_HEADERS: Final = frozenset({"authorization", "content-type"})
_READ_HEADERS: Final = ("content-type", "x-should-retry", "retry-after-ms", "retry-after")

_TIMEOUT: Final = 600.0
"""Seconds without a byte of an answer after which to give up, as in the SDK."""
_PATIENCE: Final = 10_000
"""Milliseconds for requests that are not answered by a model."""


class FetchClient:
    """Requests through `fetch`.

    Args:
        endpoint: The server.

    """

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    @property
    def base_url(self) -> str:
        """The address of the server."""
        return self._endpoint.base_url

    @property
    def account(self) -> Hashable | None:
        """An id for address and key that reveals neither. None if the server is not OpenAI's."""
        return self._endpoint.account

    @property
    def max_retries(self) -> int:
        """How often a failed request is repeated."""
        return MAX_RETRIES

    async def warm(self, path: str) -> None:
        """Do nothing: there is nothing to load.

        Args:
            path: The path for answers.

        """

    async def aclose(self) -> None:
        """Do nothing: no connection is held between requests."""

    async def access(self) -> Access:
        """Return the key and headers for the next request.

        Raises:
            NotConnectedError: The user's function for the key failed.

        """
        return await access_to(self._endpoint, threads=False)

    @asynccontextmanager
    async def send(self, request: HttpRequest) -> AsyncIterator[HttpResponse]:
        """Send a request once. Leaving the context early ends it at once.

        Args:
            request: The request.

        Yields:
            The response.

        Raises:
            ConnectError: The server was not reached.

        """
        is_question = request.body is not None
        patience = request.timeout or _TIMEOUT if is_question else _PATIENCE / 1000
        controller = js.AbortController.new()
        try:
            try:
                async with asyncio.timeout(patience):
                    response = await self._fetch(request, controller.signal)
            except TimeoutError:
                failure = not_reached("no_answer", self.base_url)
                raise failure from None
            headers = {name: value for name in _READ_HEADERS if (value := response.headers.get(name))}
            async with aclosing(_chunks(response, patience)) as chunks:
                yield HttpResponse(response.status, headers, chunks)
        finally:
            # A stream that is merely closed would go on downloading.
            controller.abort()

    async def explain(self, error: ConnectError, path: str, headers: Iterable[str]) -> ConnectError:
        """Return the error for a server that was not reached, with the cause as far as it can be found out.

        Args:
            error: The error of the last attempt.
            path: The path that was requested.
            headers: The names of the headers that were sent.

        """
        if error.code == "no_answer":
            return error
        return await diagnose(self.base_url, url_below(self.base_url, path), headers)

    async def _fetch(self, request: HttpRequest, signal: Any) -> Any:
        options: dict[str, Any] = {}
        content_type: dict[str, str] = {}
        if request.body is not None:
            options = {"method": "POST", "body": json.dumps(request.body)}
            content_type = {"Content-Type": "application/json"}
        all_headers = merged_headers(content_type, request.headers)
        headers = {name: value for name, value in all_headers.items() if isinstance(value, str)}
        # On a redirect to another origin a browser removes no header but the key's.
        redirect = "error" if {name.lower() for name in headers} - _USUAL_HEADERS else "follow"
        options |= {"headers": headers, "redirect": redirect}
        try:
            return await fetch(request.url_at(self.base_url), options, signal)
        except JsException:
            # The cause is diagnosed after the last attempt.
            failure = not_reached("unreached", self.base_url)
            raise failure from None


async def probe(url: str, seconds: float) -> bytes | None:
    """Fetch a URL without key or redirect.

    Args:
        url: The URL to fetch.
        seconds: The timeout.

    Returns:
        The body, or None if there is none to be had.

    """
    try:
        options = {"redirect": "error", "credentials": "omit"}
        response = await fetch(url, options, js.AbortSignal.timeout(int(seconds * 1000)))
    except JsException:
        return None
    return await _text(response) if response.ok else None


async def _chunks(response: Any, patience: float) -> AsyncGenerator[bytes, None]:
    if response.body is None:
        return
    reader = response.body.getReader()
    while True:
        try:
            async with asyncio.timeout(patience):
                piece = await reader.read()
        except TimeoutError:
            raise fell_silent() from None
        except JsException as error:
            message = f"The answer was cut off: the connection was lost ({error.message})."
            raise StreamInterruptedError(message) from None
        if piece.done:
            return
        yield piece.value.to_bytes()


async def _text(response: Any) -> bytes:
    try:
        return str(await response.text()).encode()
    except JsException:
        return b""
