"""The browser's fetch as a transport, for Python that runs in the browser (Pyodide).

The only transport that imports `js` and `pyodide`. It sends no headers but the two that every server allows across
origins and those set by the user.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import ExitStack, aclosing
from typing import Any, Final

from .._conversation.messages import Delta
from .._errors import ConnectError, ServerError, StreamInterruptedError, TransportError
from .._secrets.keys import Headers, Secret, redact
from .._wire.chat_completions.api import CHAT_COMPLETIONS
from .._wire.decoder import decode
from .._wire.models import model_entries
from .base import ChatRequest, ModelFacts
from .catalog import Catalog
from .credentials import key_for_request
from .endpoint import Endpoint
from .extras import hidden_in, merged_headers, with_query, without_extra
from .failures.browser import diagnose
from .failures.http_status import status_error
from .failures.unreachable import fell_silent, not_reached
from .js_fetch import fetch
from .model_facts import fetch_model_info
from .parameters import ParameterAdapter
from .retry import MAX_RETRIES, Outcome

_ERROR_STATUSES: Final = 400
_NOT_FOUND: Final = 404

_USUAL_HEADERS: Final = frozenset({"authorization", "content-type"})

_TIMEOUT: Final = 600.0
"""Seconds without a byte of an answer after which to give up, as in the SDK."""
_PATIENCE: Final = 10_000
"""Milliseconds for requests that are not answered by a model."""


class FetchTransport:
    """Chat completions through `fetch`.

    Args:
        endpoint: The server.

    """

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._params = ParameterAdapter(endpoint.base_url, CHAT_COMPLETIONS.defaults)
        self.catalog = Catalog(self._entries, lambda: endpoint.account)

    @property
    def place(self) -> str:
        """The address of the server."""
        return self._endpoint.base_url

    async def warm(self) -> None:
        """Do nothing: there is nothing to load."""

    async def aclose(self) -> None:
        """Do nothing: no connection is held between requests."""

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Delta, None]:
        """Stream the answer.

        Args:
            request: The request to send.

        Yields:
            The deltas of the answer, as they arrive.

        Raises:
            TransportError: There is no answer, or it was cut off.

        """
        secret = await self._secret()
        patience = request.timeout or _TIMEOUT
        hidden = (self._endpoint.headers, hidden_in(request.params))
        with ExitStack() as attempts:
            try:
                attempt = lambda params: self._try(request, params, secret, patience, attempts)  # noqa: E731 as it reads best
                response, accepted = await self._params.respond(attempt, request, MAX_RETRIES)
                async with aclosing(_chunks(response, patience)) as chunks:
                    content_type = response.headers.get("content-type") or ""
                    async for delta in decode(chunks, content_type, CHAT_COMPLETIONS.reader()):
                        if accepted is not None and delta.says_something:
                            accepted()
                            accepted = None
                        yield delta
            except ConnectError as error:
                if error.code == "no_answer":
                    raise
                raise await self._diagnosed(self._endpoint.chat_url) from None
            except TransportError as error:
                error.args = (redact(str(error), secret, *hidden),)
                raise

    async def models(self) -> list[str]:
        """Return the names of the server's models.

        Raises:
            TransportError: The list was not read.

        """
        return list(await self.catalog.read())

    async def describe(self, model: str) -> ModelFacts:
        """Return the facts known about a model.

        Args:
            model: The name of the model.

        """
        if self.catalog.is_openai:
            return await self.catalog.describe(model)
        secret = await self._secret()
        return await fetch_model_info(model, self._endpoint.base_url, lambda url: self._get(url, secret))

    async def _entries(self) -> Mapping[str, Mapping[str, Any]]:
        secret = await self._secret()
        outcome = await self._get(self._endpoint.models_url, secret)
        if isinstance(outcome, ConnectError):
            raise await self._diagnosed(self._endpoint.models_url)
        if getattr(outcome, "status", None) == _NOT_FOUND:
            # A server without a list of models still has an endpoint for chats.
            chat = await self._get(self._endpoint.chat_url, secret)
            if getattr(chat, "status", None) == _NOT_FOUND:
                message = f"There is no model server at {self._endpoint.base_url}."
                raise ServerError(message, _NOT_FOUND, code="wrong_url")
        if isinstance(outcome, TransportError):
            raise outcome
        return model_entries(outcome)

    async def _get(self, url: str, secret: Secret | None) -> bytes | TransportError:
        """Return the body at a URL, or the error why there is none."""
        import js  # noqa: PLC0415 exists in the browser only

        outcome, _ = await self._fetch(url, {}, secret, js.AbortSignal.timeout(_PATIENCE))
        return outcome if isinstance(outcome, TransportError) else await _text(outcome)

    async def _diagnosed(self, url: str) -> ConnectError:
        return await diagnose(self._endpoint.base_url, url, self._endpoint.headers.names)

    async def _try(
        self,
        request: ChatRequest,
        params: Mapping[str, Any],
        secret: Secret | None,
        patience: float,
        attempts: ExitStack,
    ) -> Outcome:
        """Send one request for an answer. It is aborted when `attempts` is closed."""
        import js  # noqa: PLC0415 exists in the browser only

        controller = js.AbortController.new()
        # A stream that is merely closed would go on downloading.
        attempts.callback(controller.abort)
        given, extra = without_extra(params)
        body = json.dumps({**CHAT_COMPLETIONS.body(request.messages, request.model, given), **extra.body})
        options = {"method": "POST", "headers": extra.headers, "body": body}
        url = with_query(self._endpoint.chat_url, extra.query)
        try:
            async with asyncio.timeout(patience):
                return await self._fetch(url, options, secret, controller.signal)
        except TimeoutError:
            controller.abort()
            return not_reached("no_answer", self._endpoint.base_url), {}

    async def _fetch(self, url: str, options: dict[str, Any], secret: Secret | None, signal: Any) -> Outcome:
        from pyodide.ffi import JsException  # noqa: PLC0415 exists in the browser only

        authorization = {"Authorization": f"Bearer {secret.reveal()}"} if secret is not None else {}
        content_type = {"Content-Type": "application/json"} if "body" in options else {}
        own = self._endpoint.headers.reveal()
        given = merged_headers(content_type, authorization, own, options.get("headers", {}))
        headers = {name: value for name, value in given.items() if isinstance(value, str)}
        # On a redirect to another origin a browser removes no header but the key's.
        redirect = "error" if {name.lower() for name in headers} - _USUAL_HEADERS else "follow"
        try:
            response = await fetch(url, {**options, "headers": headers, "redirect": redirect}, signal)
        except JsException:
            # The cause is diagnosed after the last attempt.
            return not_reached("unreached", self._endpoint.base_url), {}
        if response.status < _ERROR_STATUSES:
            return response, {}
        names = ("x-should-retry", "retry-after-ms", "retry-after")
        told = {name: value for name in names if (value := response.headers.get(name))}
        hidden = (self._endpoint.headers, Headers(options.get("headers")))
        return status_error(response.status, await _text(response), secret, told, hidden), told

    async def _secret(self) -> Secret | None:
        return await key_for_request(self._endpoint.key, threads=False)


async def probe(url: str, seconds: float) -> bytes | None:
    """Fetch a URL without key or redirect.

    Args:
        url: The URL to fetch.
        seconds: The timeout.

    Returns:
        The body, or None if there is none to be had.

    """
    from pyodide.ffi import JsException  # noqa: PLC0415 exists in the browser only

    import js  # noqa: PLC0415 exists in the browser only

    try:
        options = {"redirect": "error", "credentials": "omit"}
        response = await fetch(url, options, js.AbortSignal.timeout(int(seconds * 1000)))
    except JsException:
        return None
    return await _text(response) if response.ok else None


async def _chunks(response: Any, patience: float) -> AsyncGenerator[bytes, None]:
    from pyodide.ffi import JsException  # noqa: PLC0415 exists in the browser only

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
    from pyodide.ffi import JsException  # noqa: PLC0415 exists in the browser only

    try:
        return str(await response.text()).encode()
    except JsException:
        return b""
