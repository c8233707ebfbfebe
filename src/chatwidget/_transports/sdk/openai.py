"""Calls of the openai SDK.

The only module that imports it, and with it httpx2. It is imported when first needed, as that alone takes a quarter of
a second.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from typing import Any, Final

import anyio.lowlevel
import httpcore2
import httpx2
import openai

from ..._errors import StreamInterruptedError, TransportError
from ..failures.causes import connect_error, reason_of
from ..failures.unreachable import fell_silent, not_reached
from ..http import HttpRequest
from .identity import address_of

_NO_KEY: Final = "no-key"
"""Placeholder: the SDK insists on a key, but our client holds none. Each request brings its own key, or no header."""

_TYPED: Final = frozenset({"model", "messages", "stream"})
"""Arguments that a user's client takes by name, as it may be one that observes them. It sends all others unchanged."""


def make_client(base_url: str, on_request: Callable[[httpx2.Request], Awaitable[None]]) -> openai.AsyncOpenAI:
    """Return a client of ours, without key and retries.

    Args:
        base_url: The address of the server, without a query.
        on_request: Called before each request, redirected ones too.

    """
    http_client = openai.DefaultAsyncHttpxClient(event_hooks={"request": [on_request]})
    return openai.AsyncOpenAI(api_key=_NO_KEY, base_url=base_url, max_retries=0, http_client=http_client)


def on_this_loop(client: Any) -> Any:
    """Return the user's client, safe to use on this loop and without retries of its own.

    Args:
        client: The user's client.

    """
    if not isinstance(client, openai.AsyncOpenAI):
        return client
    # Idle connections belong to the loop that opened them, so a client with the SDK's own HTTP client is copied with
    # a new one. A custom HTTP client (a proxy, certificates) is kept.
    if has_own_http(client):
        return client.copy(max_retries=0, http_client=openai.DefaultAsyncHttpxClient(base_url=client.base_url))
    return client.copy(max_retries=0)


def has_own_http(client: Any) -> bool:
    """Return whether the HTTP client was made by the SDK and not by the user.

    Args:
        client: The user's client.

    """
    http_client = getattr(client, "_client", None)
    return isinstance(http_client, openai.DefaultAsyncHttpxClient) or type(http_client).__module__.startswith("openai.")


def rehearse(user_client: Any, path: str) -> None:
    """Import everything a first request needs, by making one that reaches no server. It saves the user 30 ms.

    Args:
        user_client: The user's client, if it is used.
        path: The path of the first request.

    """

    async def ask() -> None:
        _ = httpcore2.AsyncHTTPConnection
        await anyio.lowlevel.checkpoint()
        nowhere = httpx2.MockTransport(lambda _: httpx2.Response(200, content=b"data: [DONE]\n\n"))
        http_client = httpx2.AsyncClient(transport=nowhere)
        async with openai.AsyncOpenAI(api_key=_NO_KEY, base_url="http://nowhere", http_client=http_client) as client:
            response = await _send(client, path, HttpRequest(path, {}, body={}))
            async for _chunk in chunks(response):
                pass

    asyncio.run(ask())
    if user_client is not None:
        _resource(user_client, path)


async def open_response(client: Any, request: HttpRequest, stack: AsyncExitStack, *, url: str | None) -> Any:
    """Send a request and return the HTTP response, of any status.

    Args:
        client: The client.
        request: The request.
        stack: The response stays open as long as this.
        url: The whole URL, if the client is ours. The user's knows address and key.

    Raises:
        ConnectError: The server was not reached.
        TransportError: The request could not be sent.

    """
    try:
        with _mapped_errors():
            if url is not None:
                response = await _send(client, url, request, Authorization=openai.Omit())
            elif request.body is None:
                response = await _send(client, request.path, request)
            else:
                response = (await stack.enter_async_context(_create(client, request))).http_response
    except openai.APIStatusError as error:
        response = error.response
    except openai.APITimeoutError:
        failure = not_reached("no_answer", address_of(client))
        raise failure from None
    except openai.APIConnectionError as error:
        raise connect_error(error, address_of(client)) from None
    except openai.OpenAIError as error:
        raise TransportError(str(error)) from None
    stack.push_async_callback(response.aclose)
    return response


async def chunks(response: Any) -> AsyncGenerator[bytes, None]:
    """Yield the bytes of a response's body.

    Args:
        response: The HTTP response.

    Raises:
        StreamInterruptedError: The body was cut off.

    """
    with _mapped_errors():
        async for chunk in response.aiter_bytes():
            yield chunk


async def _send(client: Any, url: str, request: HttpRequest, **headers: Any) -> Any:
    """Send a request as it is. The SDK neither reads nor changes the body."""
    options: dict[str, Any] = {"headers": _headers(client, request, **headers)}
    if request.timeout is not None:
        options["timeout"] = request.timeout
    if request.body is None:
        return await client.get(url, cast_to=httpx2.Response, options=options)
    stream = openai.AsyncStream[Any]
    return await client.post(
        url, cast_to=httpx2.Response, body=request.body, options=options, stream=True, stream_cls=stream
    )


def _create(client: Any, request: HttpRequest) -> Any:
    """Return a context with the response to a request that is made by the client's own function for the path."""
    create = _resource(client, request.path).with_streaming_response.create
    body = request.body or {}
    typed = {name: value for name, value in body.items() if name in _TYPED}
    extra = {name: value for name, value in body.items() if name not in _TYPED}
    patience = {"timeout": request.timeout} if request.timeout is not None else {}
    return create(
        **typed, **patience, extra_body=extra, extra_headers=_headers(client, request), extra_query=request.query
    )


def _resource(client: Any, path: str) -> Any:
    """Return the object of a client for a path, whose names are the path's."""
    return functools.reduce(getattr, path.strip("/").split("/"), client)


def _headers(client: Any, request: HttpRequest, **more: Any) -> dict[str, Any]:
    # Before openai 3.20, a header replaces one of the SDK's own only if it is written in the same case.
    names = {name.lower(): name for name in getattr(client, "default_headers", ())}
    # A proxy that compresses a stream holds it back until it has a block's worth.
    headers = {"Accept-Encoding": "identity", **more, **request.headers}
    return {names.get(name.lower(), name): value for name, value in headers.items()}


@contextmanager
def _mapped_errors() -> Iterator[None]:
    """Raise our errors for the HTTP client's own, when an answer is cut off."""
    try:
        yield
    except httpx2.TimeoutException:
        raise fell_silent() from None
    except httpx2.HTTPError as error:
        message = f"The answer was cut off: {reason_of(error)}."
        raise StreamInterruptedError(message) from None
