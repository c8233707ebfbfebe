"""A server as a transport: any API, over any HTTP client."""

from __future__ import annotations

import functools
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, suppress
from typing import Any, Final

from .._conversation.messages import Delta
from .._errors import ConnectError, ServerError, TransportError
from .._secrets.keys import Headers
from .._wire.api import Api
from .._wire.chat_completions.api import CHAT_COMPLETIONS
from .._wire.decoder import decode
from .._wire.models import model_entries
from .base import ChatRequest
from .credentials import Access
from .extras import hidden_in, merged_headers, without_extra
from .failures.http_status import status_error
from .failures.redaction import without_secrets
from .http import HttpClient, HttpRequest, HttpResponse
from .models.catalog import Catalog
from .models.facts import ModelFacts
from .models.reported import fetch_model_info
from .parameters import ParameterAdapter
from .retry import Outcome

_NOT_FOUND: Final = 404
_REFUSED: Final = frozenset({401, 403})
_MODELS: Final = "/models"
"""The path of the list of models, in every API."""


class ServerTransport:
    """Answers from a server.

    Args:
        http: The way to the server.
        api: The format of requests and answers; chat completions by default.

    """

    def __init__(self, http: HttpClient, api: Api | None = None) -> None:
        self._http = http
        self._api = api or CHAT_COMPLETIONS
        self._params = ParameterAdapter(http.base_url, self._api.defaults, self._api.names)
        self.catalog = Catalog(self._entries, lambda: http.account)

    @property
    def identity(self) -> str:
        """The address of the server."""
        return self._http.base_url

    async def warm(self) -> None:
        """Import and make what the first request needs."""
        await self._http.warm(self._api.path)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Delta, None]:
        """Stream the answer.

        Args:
            request: The request to send.

        Yields:
            The deltas of the answer, as they arrive.

        Raises:
            TransportError: There is no answer, or it was cut off.

        """
        await self.warm()
        access = await self._http.access()
        with without_secrets(access.secret, access.headers, hidden_in(request.params)):
            async with AsyncExitStack() as stack:
                attempt = functools.partial(self._attempt, request, access, stack)
                try:
                    deltas = await self._params.answer(attempt, request, self._http.max_retries)
                except ConnectError as error:
                    raise await self._explain(error, self._api.path, access) from None
                async for delta in deltas:
                    yield delta

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
        await self.warm()
        access = await self._http.access()

        async def get(url: str) -> bytes:
            with suppress(TransportError):
                return await self._get(url, access)
            return b""

        return await fetch_model_info(model, self._http.base_url, get)

    async def _entries(self) -> Mapping[str, Mapping[str, Any]]:
        await self.warm()
        access = await self._http.access()
        with without_secrets(access.secret, access.headers):
            try:
                return model_entries(await self._get(_MODELS, access))
            except ConnectError as error:
                raise await self._explain(error, _MODELS, access) from None
            except ServerError as error:
                raise await self._explain_list(error, access) from None

    async def _explain_list(self, error: ServerError, access: Access) -> ServerError:
        """Return why there is no list of models.

        A server without one, and a key that may not see it, may still do for questions.
        """
        url, path = self._http.base_url, self._api.path
        if error.code == "wrong_url":
            return _no_server_at(url)
        if error.status == _NOT_FOUND and await self._status(HttpRequest(path, self._headers(access))) == _NOT_FOUND:
            return _no_server_at(url)
        if error.status in _REFUSED:
            # It lacks the messages, so that nothing is asked.
            nothing = HttpRequest(path, self._headers(access), body={"stream": False})
            if await self._status(nothing) not in _REFUSED | {None}:
                return ServerError("The server does not list its models with this key.", error.status)
        return error

    async def _status(self, request: HttpRequest) -> int | None:
        """Return the status of the answer to a request. None if there is no answer."""
        with suppress(TransportError):
            async with self._http.send(request) as response:
                return response.status
        return None

    async def _get(self, path: str, access: Access) -> bytes:
        """Return the body at a path or whole URL. Raises TransportError."""
        async with self._http.send(HttpRequest(path, self._headers(access))) as response:
            if not response.is_success:
                raise await _refusal(response, access, Headers())
            return await response.read()

    async def _attempt(
        self, request: ChatRequest, access: Access, stack: AsyncExitStack, params: Mapping[str, Any]
    ) -> Outcome:
        """Send one request for an answer. The response stays open as long as `stack`."""
        api_params, extra = without_extra(params)
        body = {**self._api.body(request.messages, request.model, api_params), **extra.body}
        headers = merged_headers(self._headers(access), extra.headers)
        try:
            sent = self._http.send(HttpRequest(self._api.path, headers, extra.query, body, request.timeout))
            response = await stack.enter_async_context(sent)
        except ConnectError as error:
            return error, {}
        if not response.is_success:
            return await _refusal(response, access, hidden_in(params)), response.headers
        return decode(response.chunks, response.headers.get("content-type", ""), self._api.reader()), {}

    def _headers(self, access: Access) -> dict[str, Any]:
        return merged_headers(self._api.headers(access.key), access.headers.reveal())

    async def _explain(self, error: ConnectError, path: str, access: Access) -> ConnectError:
        return await self._http.explain(error, path, self._headers(access))


def _no_server_at(url: str) -> ServerError:
    hint = "" if url.rstrip("/").endswith("/v1") else "; most end in /v1"
    return ServerError(f"There is no model server at {url}: check the address{hint}.", _NOT_FOUND, code="wrong_url")


async def _refusal(response: HttpResponse, access: Access, hidden: Headers) -> ServerError:
    body = b""
    with suppress(TransportError):  # the status already tells the error; the body may be gone
        body = await response.read()
    return status_error(response.status, body, access.secret, response.headers, (access.headers, hidden))
