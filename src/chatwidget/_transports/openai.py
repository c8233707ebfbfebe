"""The openai SDK as an HTTP client. Connections, proxies and certificates are its; retries and decoding are our own.

The only module that imports `openai`. It does so when first needed, as the import alone takes a quarter of a second.
"""

from __future__ import annotations

import asyncio
import functools
import os
from collections.abc import AsyncGenerator, AsyncIterator, Hashable, Iterable, Iterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, contextmanager, suppress
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

from .._errors import ConnectError, StreamInterruptedError, TransportError
from .._secrets.keys import Secret
from .credentials import Access, access_to
from .endpoint import Endpoint, account_at, origin_of
from .failures.causes import connect_error, reason_of
from .failures.environment import fault, fault_in_headers, fingerprint
from .failures.unreachable import fell_silent, not_reached
from .http import HttpRequest, HttpResponse
from .retry import MAX_RETRIES
from .sdk.forks import leave_connections

_NO_KEY: Final = "no-key"
"""Placeholder: the SDK insists on a key, but our client holds none. Each request brings its own key, or no header."""

_TYPED: Final = frozenset({"model", "messages", "stream"})
"""Arguments that a user's client takes by name, as it may be one that observes them. It sends all others unchanged."""

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
        return self._endpoint.base_url if self._endpoint is not None else _place(self._given)

    @property
    def account(self) -> Hashable | None:
        """An id for address and key that reveals neither. None if the server is not OpenAI's."""
        if self._endpoint is not None:
            return self._endpoint.account
        return account_at(_place(self._given), _key_of(self._given))

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
        made, self._made, self._outdated = [*self._outdated, self._made], None, []
        if self._given is None or _has_own_http(self._given):
            for client in filter(None, made):
                await client.close()

    async def access(self) -> Access:
        """Return the key and headers for the next request. A user's own client sends its key itself.

        Raises:
            NotConnectedError: The user's function for the key failed.
            ConnectError: The client cannot be made.

        """
        if self._endpoint is not None:
            return await access_to(self._endpoint, threads=True)
        return Access(_key_of(self._client()), is_sent=False)

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
        async with AsyncExitStack() as stack:
            with _failures_named():
                response = await self._opened(request, stack)
            chunks = await stack.enter_async_context(aclosing(_chunks(response)))
            yield HttpResponse(response.status_code, response.headers, chunks)
            await _drain(chunks)

    async def explained(self, error: ConnectError, path: str, headers: Iterable[str]) -> ConnectError:  # noqa: ARG002 for browsers
        """Return the error as it is: its cause is known.

        Args:
            error: The error of the last attempt.
            path: The path that was requested.
            headers: The names of the headers that were sent.

        """
        return error

    async def _opened(self, request: HttpRequest, stack: AsyncExitStack) -> Any:
        """Return the SDK's HTTP response, of any status. It stays open as long as `stack`."""
        import openai  # noqa: PLC0415 a quarter of a second

        try:
            client = self._client()
            if self._given is None:
                response = await _sent(client, request.url_at(self.base_url), request, Authorization=openai.Omit())
            elif request.body is None:
                response = await _sent(client, request.path, request)
            else:
                response = (await stack.enter_async_context(_created(client, request))).http_response
        except openai.APIStatusError as error:
            response = error.response
        except openai.APIConnectionError as error:
            raise self._not_reached(error) from None
        except openai.OpenAIError as error:
            raise TransportError(str(error)) from None
        stack.push_async_callback(response.aclose)
        return response

    def _not_reached(self, error: Exception) -> ConnectError:
        import openai  # noqa: PLC0415 a quarter of a second

        place = _place(self._client())
        if isinstance(error, openai.APITimeoutError):
            return not_reached("no_answer", place)
        failure = connect_error(error, place)
        if failure.code == "certificate":
            # The file of certificates may be fixed without a change of its name.
            self._made_in = None
        return failure

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
            return _on_this_loop(self._given) if self._given is not None else self._new_client()
        except Exception as error:  # noqa: BLE001 files, proxy addresses and missing packages can all fail here
            sentence = fault()
            code = "environment" if sentence is not None else None
            raise ConnectError(sentence or f"{type(error).__name__}: {error}", code=code) from None

    def _new_client(self) -> Any:
        import openai  # noqa: PLC0415 a quarter of a second

        assert self._endpoint is not None, "a transport has an endpoint or a client"  # noqa: S101
        return openai.AsyncOpenAI(
            api_key=_NO_KEY,
            base_url=urlunsplit(urlsplit(self._endpoint.base_url)._replace(query="", fragment="")),
            max_retries=0,
            http_client=openai.DefaultAsyncHttpxClient(event_hooks={"request": [self._leave_headers_behind]}),
        )

    async def _leave_headers_behind(self, request: Any) -> None:
        """Remove all but the usual headers from a request redirected to another origin."""
        assert self._endpoint is not None, "only a client of ours has this hook"  # noqa: S101
        if origin_of(str(request.url)) != origin_of(self._endpoint.base_url):
            for name in set(request.headers) - _USUAL_HEADERS:
                del request.headers[name]


def _rehearse(given: Any, path: str) -> None:
    """Import everything a first request needs, by making one that reaches no server."""
    import anyio.lowlevel  # noqa: PLC0415 comes with the SDK
    import httpcore2  # noqa: PLC0415 comes with the SDK
    import httpx2  # noqa: PLC0415 comes with the SDK
    import openai  # noqa: PLC0415 a quarter of a second

    # It saves the user a wait of 30 ms.
    async def ask() -> None:
        _ = httpcore2.AsyncHTTPConnection
        await anyio.lowlevel.checkpoint()
        nowhere = httpx2.MockTransport(lambda _: httpx2.Response(200, content=b"data: [DONE]\n\n"))
        http_client = httpx2.AsyncClient(transport=nowhere)
        async with openai.AsyncOpenAI(api_key=_NO_KEY, base_url="http://nowhere", http_client=http_client) as client:
            response = await _sent(client, path, HttpRequest(path, {}, body={}))
            await _drain(_chunks(response))

    asyncio.run(ask())
    if given is not None:
        _resource(given, path)


def _on_this_loop(client: Any) -> Any:
    """Return the user's client, safe to use on this loop and without retries of its own."""
    import openai  # noqa: PLC0415 a quarter of a second

    if not isinstance(client, openai.AsyncOpenAI):
        return client
    # Idle connections belong to the loop that opened them, so a client with the SDK's own HTTP client is copied with
    # a new one. A custom HTTP client (a proxy, certificates) is kept.
    if _has_own_http(client):
        return client.copy(max_retries=0, http_client=openai.DefaultAsyncHttpxClient(base_url=client.base_url))
    return client.copy(max_retries=0)


def _has_own_http(client: Any) -> bool:
    """Return whether the HTTP client was made by the SDK and not by the user."""
    import openai  # noqa: PLC0415 a quarter of a second

    http_client = getattr(client, "_client", None)
    return isinstance(http_client, openai.DefaultAsyncHttpxClient) or type(http_client).__module__.startswith("openai.")


async def _sent(client: Any, url: str, request: HttpRequest, **headers: Any) -> Any:
    """Send a request as it is, and return the HTTP response. The SDK neither reads nor changes the body."""
    import httpx2  # noqa: PLC0415 comes with the SDK
    import openai  # noqa: PLC0415 a quarter of a second

    options: dict[str, Any] = {"headers": _headers(request, **headers)}
    if request.timeout is not None:
        options["timeout"] = request.timeout
    if request.body is None:
        return await client.get(url, cast_to=httpx2.Response, options=options)
    stream = openai.AsyncStream[Any]
    return await client.post(
        url, cast_to=httpx2.Response, body=request.body, options=options, stream=True, stream_cls=stream
    )


def _created(client: Any, request: HttpRequest) -> Any:
    """Return a context with the response to a request that is made by the client's own function for the path."""
    create = _resource(client, request.path).with_streaming_response.create
    body = request.body or {}
    extra = {"extra_body": {name: value for name, value in body.items() if name not in _TYPED}}
    patience = {"timeout": request.timeout} if request.timeout is not None else {}
    typed = {name: value for name, value in body.items() if name in _TYPED}
    return create(**typed, **extra, **patience, extra_headers=_headers(request), extra_query=request.query)


def _resource(client: Any, path: str) -> Any:
    """Return the object of a client for a path, whose names are the path's."""
    return functools.reduce(getattr, path.strip("/").split("/"), client)


def _headers(request: HttpRequest, **more: Any) -> dict[str, Any]:
    # A proxy that compresses a stream holds it back until it has a block's worth.
    return {"Accept-Encoding": "identity", **more, **request.headers}


async def _chunks(response: Any) -> AsyncGenerator[bytes, None]:
    with _failures_named():
        async for chunk in response.aiter_bytes():
            yield chunk


@contextmanager
def _failures_named() -> Iterator[None]:
    """Raise our errors for the HTTP client's own, when an answer is cut off."""
    import httpx2  # noqa: PLC0415 comes with the SDK

    try:
        yield
    except httpx2.TimeoutException:
        raise fell_silent() from None
    except httpx2.HTTPError as error:
        message = f"The answer was cut off: {reason_of(error)}."
        raise StreamInterruptedError(message) from None


async def _drain(chunks: AsyncIterator[bytes]) -> None:
    with suppress(asyncio.TimeoutError):
        async with asyncio.timeout(_LINGER):
            async for _ in chunks:
                pass


def _key_of(client: Any) -> Secret | None:
    key = getattr(client, "api_key", None)
    return Secret(key) if isinstance(key, str) and key else None


def _place(client: Any) -> str:
    return str(getattr(client, "base_url", "The server"))
