"""A user's function as a model: it takes the messages and gives the answer.

It may be a plain function, a generator, a coroutine function or an async generator; what it returns
or yields is text (each piece added to the answer), OpenAI chunk objects or dicts, or `Delta`s.
"""

from __future__ import annotations

import asyncio
import contextvars
import functools
import inspect
import threading
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Generator, Iterable, Iterator
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import Any, TypeAlias

from .._errors import TransportError
from .._messages import Delta, MessageDict
from .._wire import ChunkReader
from ._base import ChatRequest

ChatFunction: TypeAlias = Callable[[list[MessageDict]], Any]


class CallableTransport:
    """Answers from `function`.

    With `threads` a blocking function runs on a thread of its own, so that it holds up neither other
    turns nor Stop; without (Pyodide) it runs in place, and Stop takes effect between its pieces.
    """

    def __init__(self, function: ChatFunction, *, threads: bool = True) -> None:
        self._function = function
        self._threads = threads

    async def warm(self) -> None:
        """Nothing to do."""

    async def aclose(self) -> None:
        """Nothing is held open."""

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Delta, None]:
        """The function's answer as it comes. Raises what the function raises."""
        reader = ChunkReader()
        async with aclosing(self._pieces(request.messages)) as pieces:
            async for piece in pieces:
                for delta in _deltas(piece, reader):
                    yield delta

    async def _pieces(self, messages: list[MessageDict]) -> AsyncGenerator[Any, None]:
        if _is_async(self._function):
            value = self._function(messages)
            async for piece in _unfold(value):
                yield piece
            return
        run = _in_thread if self._threads else _in_place
        async with aclosing(run(lambda: self._function(messages))) as pieces:
            async for piece in pieces:
                # A plain function may hand back what another, async one made.
                async for part in _unfold(piece):
                    yield part


def _is_async(function: ChatFunction) -> bool:
    call = function if inspect.isroutine(function) else getattr(function, "__call__", function)  # noqa: B004
    return any(
        check(inspect.unwrap(each))
        for each in (function, call)
        for check in (inspect.iscoroutinefunction, inspect.isasyncgenfunction)
    )


async def _unfold(value: Any) -> AsyncGenerator[Any, None]:
    """The pieces in what a function gave: awaited where it can be, then each of its items."""
    if inspect.isawaitable(value):
        value = await value
    if isinstance(value, AsyncIterable):
        try:
            async for piece in value:
                yield piece
        finally:
            if hasattr(value, "aclose"):
                await value.aclose()
    else:
        for piece in _items(value):
            yield piece


def _items(value: Any) -> Iterator[Any]:
    is_one = value is None or isinstance(value, str | Delta | dict) or hasattr(value, "model_dump")
    if is_one or not isinstance(value, Iterable):
        yield value
    else:
        yield from value


async def _in_place(call: Callable[[], Any]) -> AsyncGenerator[Any, None]:
    for piece in _items(call()):
        yield piece
        await asyncio.sleep(0)


async def _in_thread(call: Callable[[], Any]) -> AsyncGenerator[Any, None]:
    """What `call` gives, item by item, from a thread.

    The thread is a daemon: a function that never returns must keep neither Stop nor Python's exit
    waiting. When the generator is left early the thread ends at the function's next piece.
    """
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[_Result] = asyncio.Queue()
    left = threading.Event()

    def put(result: _Result) -> None:
        with suppress(RuntimeError):  # the loop is gone, and with it whoever waited
            loop.call_soon_threadsafe(queue.put_nowait, result)

    work = functools.partial(_work, call, put, left)
    context = contextvars.copy_context()
    threading.Thread(target=context.run, args=(work,), name="chatwidget-function", daemon=True).start()
    try:
        while not (result := await queue.get()).is_last:
            yield result.item
    finally:
        left.set()
    if result.error is not None:
        raise result.error


@dataclass(frozen=True, slots=True)
class _Result:
    """What a thread hands over: an item, or the end and the error it ended in."""

    item: Any = None
    is_last: bool = False
    error: BaseException | None = None


def _work(call: Callable[[], Any], put: Callable[[_Result], None], left: threading.Event) -> None:
    items: Iterator[Any] | None = None
    error: BaseException | None = None
    try:
        items = _items(call())
        for item in items:
            put(_Result(item))
            if left.is_set():
                return
    except BaseException as failure:  # noqa: BLE001 it is raised again where the answer is awaited
        error = failure
    finally:
        if isinstance(items, Generator):
            items.close()
        put(_Result(is_last=True, error=error))


def _deltas(piece: Any, reader: ChunkReader) -> Iterator[Delta]:
    """One piece of a function's answer as deltas. Raises TransportError where it is none."""
    if isinstance(piece, str):
        yield Delta(content=piece)
    elif isinstance(piece, Delta):
        yield piece
    elif piece is not None:
        yield from reader.chunk(_as_chunk(piece))


def _as_chunk(piece: Any) -> dict[str, Any]:
    if hasattr(piece, "model_dump"):
        piece = piece.model_dump(mode="json", exclude_unset=True)
    if isinstance(piece, dict):
        # A chunk has choices; a bare delta or message is what a choice would hold.
        return piece if "choices" in piece or "error" in piece or "usage" in piece else {"choices": [{"delta": piece}]}
    message = (
        f"The function gave a value of type {type(piece).__name__}. "
        "It should return or yield text, OpenAI chunks or dicts."
    )
    raise TransportError(message)
