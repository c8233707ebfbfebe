"""The openai SDK as an HTTP client. Connections, proxies and certificates are its; retries and decoding are our own."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Hashable, Iterable
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, suppress
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

from .._errors import ConnectError
from . import sdk
from .credentials import Access, access_to
from .endpoint import Endpoint, account_at, origin_of
from .failures.environment import fault, fault_in_headers, fingerprint
from .http import HttpRequest, HttpResponse
from .retry import MAX_RETRIES
from .sdk.forks import leave_connections
from .sdk.identity import address_of, key_of

_USUAL_HEADERS: Final = frozenset(
    {"accept", "accept-encoding", "connection", "content-length", "content-type", "host", "user-agent"}
)
"""Headers that every client sends and that hold no secret."""

_LINGER: Final = 0.05
"""Seconds to wait for the end of a body after its last event, so that the connection can be reused."""


class OpenAIClient:
    """Requests through `AsyncOpenAI`.

    Args:
        endpoint: The server. A client for it is made when needed.
        client: The user's own client, in place of `endpoint`.

    """

    def __init__(self, endpoint: Endpoint | None = None, *, client: Any = None) -> None:
        self._endpoint = endpoint
        self._given = client
        self._made: Any = None
        self._made_in: int | None = None
        """The fingerprint of the environment in which the client was made."""
        self._outdated: list[Any] = []
        self._process = os.getpid()
        self._inherited: list[Any] = []
        self._warming: asyncio.Task[None] | None = None

    @property
    def base_url(self) -> str:
        """The address of the server."""
        return self._endpoint.base_url if self._endpoint is not None else address_of(self._given)

    @property
    def account(self) -> Hashable | None:
        """An id for address and key that reveals neither. None if the server is not OpenAI's."""
        if self._endpoint is not None:
            return self._endpoint.account
        return account_at(address_of(self._given), key_of(self._given))

    @property
    def max_retries(self) -> int:
        """How often a failed request is repeated.

        A user's client is copied without retries of its own, and they are made here instead.
        """
        if self._given is None:
            return MAX_RETRIES
        return int(getattr(self._given, "max_retries", 0)) if self._made is not self._given else 0

    async def warm(self, path: str) -> None:
        """Import the SDK and make the client, once.

        Args:
            path: The path for answers.

        """
        self._notice_fork()
        # It takes 0.3 s, most of it the import.
        if self._warming is None:
            self._warming = asyncio.ensure_future(self._warm(path))
        await asyncio.shield(self._warming)

    async def aclose(self) -> None:
        """Close the clients, but not the user's own."""
        self._notice_fork()
        held, self._made, self._outdated = [*self._outdated, self._made], None, []
        clients = [client for client in held if client is not None]
        if clients and (self._given is None or sdk.openai.has_own_http(self._given)):
            for client in clients:
                await client.close()

    async def access(self) -> Access:
        """Return the key and headers for the next request. A user's own client sends its key itself.

        Raises:
            NotConnectedError: The user's function for the key failed.
            ConnectError: The client cannot be made.

        """
        # A fault of the environment is reported here, where nothing is tried again.
        client = self._client()
        if self._endpoint is not None:
            return await access_to(self._endpoint, threads=True)
        return Access(key_of(client), is_sent=False)

    @asynccontextmanager
    async def send(self, request: HttpRequest) -> AsyncIterator[HttpResponse]:
        """Send a request once. Leaving the context early ends it at once.

        Args:
            request: The request.

        Yields:
            The response.

        Raises:
            ConnectError: The server was not reached.
            TransportError: The request could not be sent.

        """
        client = self._client()
        url = request.url_at(self.base_url) if self._given is None else None
        async with AsyncExitStack() as stack:
            try:
                response = await sdk.openai.open_response(client, request, stack, url=url)
            except ConnectError as error:
                if error.code == "certificate":
                    # The file of certificates may be fixed without a change of its name.
                    self._made_in = None
                raise
            chunks = await stack.enter_async_context(aclosing(sdk.openai.chunks(response)))
            yield HttpResponse(response.status_code, response.headers, chunks)
            await _drain(chunks)

    async def explain(self, error: ConnectError, path: str, headers: Iterable[str]) -> ConnectError:  # noqa: ARG002 for browsers
        """Return the error as it is: its cause is known.

        Args:
            error: The error of the last attempt.
            path: The path that was requested.
            headers: The names of the headers that were sent.

        """
        return error

    async def _warm(self, path: str) -> None:
        # Faults of the environment are reported when a question is asked; they may be fixed by then.
        with suppress(Exception):
            # In a thread, so that streams of other widgets go on; Pyodide has none and needs none.
            with suppress(RuntimeError):
                await asyncio.to_thread(_rehearse, self._given, path)
            self._client()

    def _notice_fork(self) -> None:
        """Start over in a forked process: the connections belong to the parent and must not be closed here."""
        if self._process != os.getpid():
            self._inherited += self._made, self._outdated, self._warming, leave_connections(self._given)
            self._process, self._made, self._outdated, self._warming = os.getpid(), None, [], None

    def _client(self) -> Any:
        """Return the client, remade if the environment has changed. Raises ConnectError."""
        environment = fingerprint()
        if self._made is None or self._made_in != environment:
            if self._made is not None:
                # The old client may still be streaming.
                self._outdated.append(self._made)
            self._made = self._make()
            self._made_in = environment
        return self._made

    def _make(self) -> Any:
        if self._given is None and (sentence := fault_in_headers()) is not None:
            raise ConnectError(sentence, code="environment")
        try:
            endpoint = self._endpoint
            return _client_for(endpoint) if endpoint is not None else sdk.openai.on_this_loop(self._given)
        except Exception as error:  # noqa: BLE001 files, proxy addresses and missing packages can all fail here
            sentence = fault()
            code = "environment" if sentence is not None else None
            raise ConnectError(sentence or f"{type(error).__name__}: {error}", code=code) from None


def _client_for(endpoint: Endpoint) -> Any:
    async def leave_headers_behind(request: Any) -> None:
        """Remove all but the usual headers from a request redirected to another origin."""
        if origin_of(str(request.url)) != origin_of(endpoint.base_url):
            for name in set(request.headers) - _USUAL_HEADERS:
                del request.headers[name]

    # The address is shown in errors: each request has its whole URL.
    base_url = urlunsplit(urlsplit(endpoint.base_url)._replace(query="", fragment=""))
    return sdk.openai.make_client(base_url, leave_headers_behind)


async def _drain(chunks: AsyncIterator[bytes]) -> None:
    with suppress(asyncio.TimeoutError):
        async with asyncio.timeout(_LINGER):
            async for _ in chunks:
                pass


def _rehearse(user_client: Any, path: str) -> None:
    # Importing this module takes a quarter of a second.
    sdk.openai.rehearse(user_client, path)
