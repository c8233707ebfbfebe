"""SDK clients as a transport.

Clients with OpenAI's `chat.completions.create`, sync or async, or such a function itself (LiteLLM's `completion`);
also the clients of Mistral, Anthropic and Google.

The client is the user's. Its key, retries and connections are its own, and it is never closed here.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
import os
import socket
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Hashable, Iterator, Mapping
from contextlib import AsyncExitStack, aclosing, suppress
from dataclasses import replace
from typing import Any, Final

from ... import _wire
from ..._conversation.messages import Delta
from ..._errors import ServerError, StreamInterruptedError, TransportError
from ..._runtime.iterate import in_place, in_thread
from ..._wire.api import Dialect
from ..._wire.chat_completions.api import CHAT_COMPLETIONS
from ..._wire.chat_completions.chunks import ChunkReader, is_choice
from ..base import ChatRequest
from ..endpoint import account_at
from ..failures.sdk import failure_of, guarded
from ..models.catalog import Catalog
from ..models.facts import ModelFacts
from ..parameters import ParameterAdapter
from ..retry import Outcome
from .forks import leave_connections
from .identity import address_of, key_of


class _Chunks(ChunkReader):
    """A reader that also takes bare choices of chunks, as some streams yield them."""

    def chunk(self, chunk: object) -> Iterator[Delta]:
        """Return the deltas of a chunk or of a bare choice.

        Args:
            chunk: The chunk.

        """
        return super().chunk({"choices": [chunk]} if is_choice(chunk) else chunk)


_OPENAI: Final = replace(CHAT_COMPLETIONS, reader=_Chunks)


def for_client(client: Any, *, threads: bool) -> ClientTransport | None:
    """Return the transport through a client.

    Args:
        client: The user's client, or a function that answers.
        threads: Whether there are threads to run a sync client on.

    Returns:
        The transport, or None if the client is of no known kind.

    """
    way = _way_of(client)
    return ClientTransport(client, *way, threads=threads) if way is not None else None


def _way_of(client: Any) -> tuple[Callable[..., Any], Dialect] | None:
    """Return the client's function that answers, and the dialect it takes."""
    chat, messages, models = (getattr(client, name, None) for name in ("chat", "messages", "models"))
    create = getattr(getattr(chat, "completions", None), "create", None)
    if callable(create):
        return create, _OPENAI
    create = getattr(messages, "create", None)
    if callable(create) and hasattr(messages, "count_tokens"):
        return create, _wire.anthropic.ANTHROPIC
    create = getattr(models, "generate_content_stream", None)
    if callable(create):
        return create, _wire.gemini.GEMINI
    # Mistral's: its chunks are OpenAI's, each in an envelope.
    create = getattr(chat, "stream", None)
    for function in (create, client):
        if callable(function) and _takes_model_and_messages(function):
            return function, _OPENAI
    return None


def _takes_model_and_messages(function: Callable[..., Any]) -> bool:
    """Return whether a function requires arguments named `model` and `messages`. A user's own function need not."""
    try:
        parameters = inspect.signature(function).parameters
    except (TypeError, ValueError):
        return False
    names = list(parameters)
    model = parameters.get("model")
    if model is None or "messages" not in names or model.default not in {model.empty, None}:
        return False
    return model.kind is model.KEYWORD_ONLY or names.index("model") < names.index("messages")


class ClientTransport:
    """Answers from a client's `create` function.

    Args:
        client: The user's client.
        create: The client's function that answers.
        dialect: The format of its requests and chunks.
        threads: Whether there are threads to run a sync client on.

    """

    def __init__(self, client: Any, create: Callable[..., Any], dialect: Dialect, *, threads: bool) -> None:
        self._client = client
        self._create = create
        self._dialect = dialect
        defaults = {name: value for name, value in dialect.defaults.items() if _takes(create, name)}
        self._params = ParameterAdapter(address_of(client), defaults)
        self._is_async = inspect.iscoroutinefunction(inspect.unwrap(create))
        self._threads = threads
        self._process = os.getpid()
        self._inherited: list[object] = []
        self.catalog = Catalog(self._entries, self._account)

    @property
    def identity(self) -> str:
        """The address of the server, or the name of the client."""
        return address_of(self._client)

    async def warm(self) -> None:
        """Do nothing: the client exists already."""

    async def aclose(self) -> None:
        """Do nothing: the client is the user's to close."""

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Delta, None]:
        """Stream the answer.

        Args:
            request: The request to send.

        Yields:
            The deltas of the answer, as they arrive.

        Raises:
            TransportError: There is no answer, or it was cut off.

        """
        self._notice_fork()
        async with AsyncExitStack() as stack:
            attempt = functools.partial(self._begin, request, stack)
            async for delta in await self._params.answer(attempt, request, 0):
                yield delta

    async def models(self) -> list[str]:
        """Return the names on the first page of the client's list of models.

        Raises:
            TransportError: The client has no list, or it was not read.

        """
        return list(await self.catalog.read())

    async def describe(self, model: str) -> ModelFacts:
        """Return the facts known about a model.

        Args:
            model: The name of the model.

        """
        return await self.catalog.describe(model) if self.catalog.is_openai else ModelFacts()

    async def _entries(self) -> Mapping[str, Mapping[str, Any]]:
        self._notice_fork()
        lists = getattr(getattr(self._client, "models", None), "list", None)
        if not callable(lists):
            message = "This client cannot list its models: give the name of one."
            raise TransportError(message)
        try:
            listing = await asyncio.to_thread(lists) if self._threads else lists()
            if inspect.isawaitable(listing):
                listing = await listing
        except Exception as error:  # noqa: BLE001 the client is the user's code
            raise failure_of(error, key_of(self._client), address_of(self._client), begun=False) from None
        entries = getattr(listing, "data", None) or getattr(listing, "page", None) or ()
        named = ((str(getattr(entry, "id", None) or getattr(entry, "name", "")), entry) for entry in entries)
        return {name.removeprefix("models/"): _as_mapping(entry) for name, entry in named if name}

    def _account(self) -> Hashable | None:
        return account_at(address_of(self._client), key_of(self._client))

    def _notice_fork(self) -> None:
        if self._process != os.getpid():
            self._process = os.getpid()
            self._inherited += leave_connections(self._client)

    async def _begin(self, request: ChatRequest, stack: AsyncExitStack, params: Mapping[str, Any]) -> Outcome:
        """Send one request and wait for its first delta. The stream stays open as long as `stack`."""
        server = address_of(self._client)
        deltas = guarded(self._deltas(request, params), lambda: key_of(self._client), server, request.timeout)
        await stack.enter_async_context(aclosing(deltas))
        try:
            return _resumed(await anext(deltas, None), deltas), {}
        except ServerError as error:
            return error, {}

    async def _deltas(self, request: ChatRequest, params: Mapping[str, Any]) -> AsyncGenerator[Delta, None]:
        reader = self._dialect.reader()
        body = _fitting(self._create, self._dialect.body(request.messages, request.model, params))
        chunks = self._chunks_later(body) if self._is_async else self._chunks(body)
        async with aclosing(chunks):
            async for chunk in chunks:
                for delta in reader.chunk(_as_dict(chunk)):
                    yield delta
        for delta in reader.end():
            yield delta
        if not reader.saw_answer:
            message = "The client returned no chat completion. Check its address and the model."
            raise ServerError(message)
        if not reader.finish_reason:
            message = "The answer was cut off: the server closed the connection before it was complete."
            raise StreamInterruptedError(message)

    async def _chunks_later(self, body: Mapping[str, Any]) -> AsyncGenerator[Any, None]:
        stream = await self._create(**body)
        if not hasattr(stream, "__aiter__"):
            yield stream
            return
        try:
            async for chunk in stream:
                yield chunk
        finally:
            for name in ("aclose", "close"):
                if callable(close := getattr(stream, name, None)):
                    if inspect.isawaitable(closing := close()):
                        await closing
                    break

    def _chunks(self, body: Mapping[str, Any]) -> AsyncGenerator[Any, None]:
        connection = _Connection()
        items = functools.partial(connection.items, functools.partial(self._create, **body))
        return in_thread(items, on_leave=connection.leave) if self._threads else in_place(items)


async def _resumed(first: Delta | None, rest: AsyncIterator[Delta]) -> AsyncGenerator[Delta, None]:
    """Yield the first delta, which was waited for, and the rest."""
    if first is not None:
        yield first
    async for delta in rest:
        yield delta


class _Connection:
    """The stream of a sync client, read on one thread and left from another, which shuts its socket."""

    def __init__(self) -> None:
        self._stream: Any = None
        self._is_left = False

    def items(self, begin: Callable[[], Any]) -> Iterator[Any]:
        """Yield the items of a stream, or the response itself if it is no stream.

        Args:
            begin: Sends the request and returns its response.

        """
        stream = self._stream = begin()
        if isinstance(stream, Mapping) or hasattr(stream, "model_dump") or not hasattr(stream, "__iter__"):
            yield stream
            return
        try:
            if not self._is_left:
                yield from stream
        finally:
            if callable(close := getattr(stream, "close", None)):
                close()

    def leave(self) -> None:
        """End the stream at once, from any thread."""
        self._is_left = True
        # Closing a stream from another thread than its reader's would wait for the next chunk.
        response = getattr(self._stream, "response", None)
        with suppress(OSError, AttributeError, KeyError):  # it has ended, or is not a stream of httpx
            network = response.extensions["network_stream"]  # type: ignore[union-attr] # as above
            network.get_extra_info("socket").shutdown(socket.SHUT_RDWR)


def _takes(create: Callable[..., Any], name: str) -> bool:
    """Return whether a function has a place for a parameter."""
    parameters = inspect.signature(create).parameters
    return not {name, "extra_body"}.isdisjoint(parameters) or _takes_any(parameters)


def _fitting(create: Callable[..., Any], body: dict[str, Any]) -> dict[str, Any]:
    """Return a body as arguments of `create`. Unknown names go into its extra body, if it takes one."""
    parameters = inspect.signature(create).parameters
    if "extra_body" not in parameters or _takes_any(parameters):
        return body
    extra = {name: value for name, value in body.items() if name not in parameters}
    known = {name: value for name, value in body.items() if name in parameters}
    return {**known, "extra_body": {**extra, **(known.get("extra_body") or {})}} if extra else known


def _takes_any(parameters: Mapping[str, inspect.Parameter]) -> bool:
    return any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values())


def _as_mapping(entry: Any) -> Mapping[str, Any]:
    value = entry.model_dump(mode="json") if hasattr(entry, "model_dump") else entry
    return value if isinstance(value, Mapping) else {}


def _as_dict(chunk: Any) -> Any:
    value = chunk.model_dump(mode="json", exclude_unset=True) if hasattr(chunk, "model_dump") else chunk
    is_envelope = isinstance(value, Mapping) and "choices" not in value and isinstance(value.get("data"), Mapping)
    return value["data"] if is_envelope else value
