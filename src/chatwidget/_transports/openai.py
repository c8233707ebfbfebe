"""The openai SDK as a transport. Auth, errors and connections are the SDK's; decoding and retries are our own.

The only module that imports `openai`. It does so when first needed, as the import alone takes a quarter of a second.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, AsyncIterator, Hashable, Iterable, Mapping
from contextlib import AsyncExitStack, aclosing, suppress
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

from .._conversation.messages import Delta
from .._errors import ConnectError, ServerError, StreamInterruptedError, TransportError
from .._secrets.keys import Headers, Secret, redact
from .._wire.chat_completions.api import CHAT_COMPLETIONS
from .._wire.decoder import decode
from .._wire.models import model_entries
from .base import ChatRequest, ModelFacts
from .catalog import Catalog
from .credentials import key_for_request
from .endpoint import Endpoint, account_at, origin_of
from .extras import hidden_in, merged_headers, without_extra
from .failures.causes import connect_error, reason_of
from .failures.environment import fault, fault_in_headers, fingerprint
from .failures.http_status import status_error
from .failures.unreachable import fell_silent, not_reached
from .model_facts import fetch_model_info
from .parameters import ParameterAdapter
from .retry import MAX_RETRIES, Outcome
from .sdk.forks import leave_connections

_NO_KEY: Final = "no-key"
"""Placeholder: the SDK insists on a key, but our client holds none. Each request brings its own key, or no header."""

_NOT_FOUND: Final = 404

_USUAL_HEADERS: Final = frozenset(
    {"accept", "accept-encoding", "connection", "content-length", "content-type", "host", "user-agent"}
)
"""Headers that every client sends and that hold no secret."""

_LINGER: Final = 0.05
"""Seconds to wait for the end of a body after its last event, so that the connection can be reused."""


class OpenAITransport:
    """Chat completions through `AsyncOpenAI`.

    Args:
        endpoint: The server. A client for it is made when needed.
        client: The user's own client, in place of `endpoint`.

    """

    def __init__(self, endpoint: Endpoint | None = None, *, client: Any = None) -> None:
        self._endpoint = endpoint
        self._headers = endpoint.headers if endpoint is not None else Headers()
        self._given = client
        self._made: Any = None
        self._made_in: int | None = None
        """The fingerprint of the environment in which the client was made."""
        self._outdated: list[Any] = []
        self._process = os.getpid()
        self._inherited: list[Any] = []
        base_url = endpoint.base_url if endpoint is not None else _place(client)
        self._params = ParameterAdapter(base_url, CHAT_COMPLETIONS.defaults)
        self._warming: asyncio.Task[None] | None = None
        self.catalog = Catalog(self._entries, self._account)

    @property
    def place(self) -> str:
        """The address of the server."""
        return self._endpoint.base_url if self._endpoint is not None else _place(self._given)

    async def warm(self) -> None:
        """Import the SDK and make the client, once."""
        self._notice_fork()
        # It takes 0.3 s, most of it the import.
        if self._warming is None:
            self._warming = asyncio.ensure_future(self._warm())
        await asyncio.shield(self._warming)

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
        import httpx2  # noqa: PLC0415 comes with the SDK

        secret = await self._secret()
        hidden = (self._headers, hidden_in(request.params))
        try:
            async with AsyncExitStack() as stack:
                attempt = lambda params: self._try(self._arguments(request, params, secret), secret, hidden, stack)  # noqa: E731 as it reads best
                response, accepted = await self._params.respond(attempt, request, self._max_retries)
                chunks = await stack.enter_async_context(aclosing(_bytes(response)))
                async for delta in decode(chunks, response.headers.get("content-type", ""), CHAT_COMPLETIONS.reader()):
                    if accepted is not None and delta.says_something:
                        accepted()
                        accepted = None
                    yield delta
                await _drain(chunks)
        except httpx2.TimeoutException:
            raise fell_silent() from None
        except httpx2.HTTPError as error:
            message = redact(f"The answer was cut off: {reason_of(error)}.", secret, *hidden)
            raise StreamInterruptedError(message) from None
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
        await self.warm()
        secret = await self._secret()
        return await fetch_model_info(model, _place(self._client()), lambda url: self._get(url, secret))

    async def _entries(self) -> Mapping[str, Mapping[str, Any]]:
        await self.warm()
        client, secret = self._client(), await self._secret()
        outcome = await self._get("/models", secret)
        if getattr(outcome, "status", None) == _NOT_FOUND:
            # A server without a list of models still has an endpoint for chats.
            chat = await self._get("/chat/completions", secret)
            if getattr(chat, "status", None) == _NOT_FOUND:
                message = f"There is no model server at {_place(client)}."
                raise ServerError(message, _NOT_FOUND, code="wrong_url")
        if isinstance(outcome, TransportError):
            outcome.args = (redact(str(outcome), secret, self._headers),)
            raise outcome
        return model_entries(outcome)

    def _account(self) -> Hashable | None:
        if self._endpoint is not None:
            return self._endpoint.account
        return account_at(_place(self._given), _key_of(self._given))

    async def _get(self, path: str, secret: Secret | None) -> bytes | TransportError:
        """Return the body at a path or whole address, or the error why there is none."""
        import httpx2  # noqa: PLC0415 comes with the SDK
        import openai  # noqa: PLC0415 a quarter of a second

        client = self._client()
        try:
            headers = self._request_headers(secret)
            response = await client.get(path, cast_to=httpx2.Response, options={"headers": headers})
        except openai.APIStatusError as error:
            return status_error(error.status_code, error.response.content, secret, hidden=[self._headers])
        except openai.APIConnectionError as error:
            return self._not_reached(error)
        except openai.OpenAIError as error:
            return TransportError(str(error))
        return bytes(response.content)

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

    async def _try(
        self, arguments: dict[str, Any], secret: Secret | None, hidden: Iterable[Headers], stack: AsyncExitStack
    ) -> Outcome:
        """Send one request. The response stays open as long as `stack`."""
        import openai  # noqa: PLC0415 a quarter of a second

        create = self._client().chat.completions.with_streaming_response.create
        try:
            return await stack.enter_async_context(create(**arguments)), {}
        except openai.APIStatusError as error:
            body = await _body(error.response)
            headers = error.response.headers
            return status_error(error.status_code, body, secret, headers, hidden), headers
        except openai.APIConnectionError as error:
            return self._not_reached(error), {}
        except openai.OpenAIError as error:
            raise TransportError(str(error)) from None

    async def aclose(self) -> None:
        """Close the clients, but not the user's own."""
        self._notice_fork()
        made, self._made, self._outdated = [*self._outdated, self._made], None, []
        if self._given is None or _has_own_http(self._given):
            for client in filter(None, made):
                await client.close()

    async def _warm(self) -> None:
        # Faults of the environment are reported when a question is asked; they may be fixed by then.
        with suppress(Exception):
            # In a thread, so that streams of other widgets go on; Pyodide has none and needs none.
            with suppress(RuntimeError):
                await asyncio.to_thread(_rehearse)
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
        address = urlsplit(self._endpoint.base_url)
        return openai.AsyncOpenAI(
            api_key=_NO_KEY,
            # The SDK would put each path behind the query.
            base_url=urlunsplit(address._replace(query="", fragment="")),
            default_headers=self._headers.reveal(),
            max_retries=0,
            http_client=openai.DefaultAsyncHttpxClient(
                params=address.query,
                event_hooks={"request": [self._leave_headers_behind]},
            ),
        )

    async def _leave_headers_behind(self, request: Any) -> None:
        """Remove all but the usual headers from a request redirected to another origin."""
        assert self._endpoint is not None, "only a client of ours has this hook"  # noqa: S101
        if origin_of(str(request.url)) != origin_of(self._endpoint.base_url):
            for name in set(request.headers) - _USUAL_HEADERS:
                del request.headers[name]

    async def _secret(self) -> Secret | None:
        """Return the key for one request.

        A user's own client holds its key, which is returned to be redacted from errors.
        """
        if self._endpoint is not None:
            return await key_for_request(self._endpoint.key, threads=True)
        return _key_of(self._client())

    @property
    def _max_retries(self) -> int:
        """The number of retries.

        A user's client is copied without retries of its own, and they are made here instead.
        """
        if self._given is None:
            return MAX_RETRIES
        return int(getattr(self._given, "max_retries", 0)) if self._made is not self._given else 0

    def _arguments(self, request: ChatRequest, params: Mapping[str, Any], secret: Secret | None) -> dict[str, Any]:
        given, extra = without_extra(params)
        body = {**CHAT_COMPLETIONS.body(request.messages, request.model, given), **extra.body}
        typed = {key: body.pop(key) for key in ("model", "messages", "stream")}
        if self._given is None:
            # The SDK inspects each typed message on each request: 0.1 s for a thousand. The extra body is sent
            # unchanged. A user's client keeps typed messages, as it may be one that observes them.
            body["messages"], typed["messages"] = typed["messages"], []
        patience = {"timeout": request.timeout} if request.timeout is not None else {}
        headers = merged_headers(self._request_headers(secret), extra.headers)
        return {**typed, **patience, "extra_body": body, "extra_headers": headers, "extra_query": extra.query}

    def _request_headers(self, secret: Secret | None) -> dict[str, Any]:
        import openai  # noqa: PLC0415 a quarter of a second

        # A proxy that compresses a stream holds it back until it has a block's worth.
        headers: dict[str, Any] = {"Accept-Encoding": "identity"}
        if self._given is None and "authorization" not in {name.lower() for name in self._headers.names}:
            headers["Authorization"] = f"Bearer {secret.reveal()}" if secret is not None else openai.Omit()
        return headers


def _rehearse() -> None:
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
            create = client.chat.completions.with_streaming_response.create
            async with create(model="", messages=[], stream=True) as response:
                async for _ in response.iter_bytes():
                    pass

    asyncio.run(ask())


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


async def _bytes(response: Any) -> AsyncGenerator[bytes, None]:
    async for chunk in response.iter_bytes():
        yield chunk


async def _drain(chunks: AsyncIterator[bytes]) -> None:
    with suppress(asyncio.TimeoutError):
        async with asyncio.timeout(_LINGER):
            async for _ in chunks:
                pass


async def _body(response: Any) -> bytes:
    with suppress(Exception):  # the status already tells the error; the body may be gone
        return bytes(await response.aread())
    return b""


def _key_of(client: Any) -> Secret | None:
    key = getattr(client, "api_key", None)
    return Secret(key) if isinstance(key, str) and key else None


def _place(client: Any) -> str:
    return str(getattr(client, "base_url", "The server"))
