"""A user's function as a model: it takes the messages and gives the answer.

It may be a plain function, a generator, a coroutine function or an async generator; what it may return
or yield is said in `_pieces`.
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

from .._messages import Delta, MessageDict
from .._pieces import PieceReader, is_one, plain, whole_message
from ._base import ChatRequest

ChatFunction: TypeAlias = Callable[[list[MessageDict]], Any] | Callable[[list[MessageDict], Any], Any]
"""`fn(messages)`, or `fn(messages, chat)` to be given the widget too."""


class CallableTransport:
    """Answers from `function`.

    With `threads` a blocking function runs on a thread of its own, so that it holds up neither other
    turns nor Stop; without (Pyodide) it runs in place, and Stop takes effect between its pieces.

    With `cumulative` each text that it yields is all of the answer so far; None means that nobody has said.
    """

    def __init__(self, function: ChatFunction, *, threads: bool = True, cumulative: bool | None = None) -> None:
        self._function: Callable[..., Any] = function
        self._takes_chat = _takes_two(function)
        self._threads = threads
        self._cumulative = cumulative

    async def warm(self) -> None:
        """Nothing to do."""

    async def aclose(self) -> None:
        """Nothing is held open."""

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Delta, None]:
        """The function's answer as it comes. Raises what the function raises."""
        reader = PieceReader(cumulative=self._cumulative)
        async with aclosing(self._pieces(request)) as pieces:
            async for piece in pieces:
                taken = plain(piece)
                message = whole_message(taken)
                if message is not None and message["role"] != "assistant":
                    request.on_message(message)
                    continue
                for delta in reader.read(taken):
                    yield delta

    async def _pieces(self, request: ChatRequest) -> AsyncGenerator[Any, None]:
        arguments = (request.messages, request.chat) if self._takes_chat else (request.messages,)
        if _is_async(self._function):
            value = self._function(*arguments)
            async for piece in _unfold(value):
                yield piece
            return
        run = _in_thread if self._threads else _in_place
        async with aclosing(run(lambda: self._function(*arguments))) as pieces:
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


def _takes_two(function: ChatFunction) -> bool:
    """Whether `function` wants the widget: by a second argument that has to be given, or that is named `chat`."""
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return False
    places = [each for each in parameters if each.kind in {each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD}]
    return any(each.default is each.empty or each.name == "chat" for each in places[1:2])


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
    if is_one(value) or not isinstance(value, Iterable):
        # A table or a figure is shown as it is now: the function may go on to change it.
        yield value if isinstance(value, AsyncIterable) or inspect.isawaitable(value) else plain(value)
        return
    pieces = iter(value)
    try:
        for piece in pieces:
            yield plain(piece)
    finally:
        # A generator, or a stream of the SDK, whose request ends with it.
        if callable(close := getattr(pieces, "close", None)):
            close()


async def _in_place(call: Callable[[], Any]) -> AsyncGenerator[Any, None]:
    for piece in _items(call()):
        yield piece
        await asyncio.sleep(0)


async def _in_thread(call: Callable[[], Any]) -> AsyncGenerator[Any, None]:
    """What `call` gives, item by item, from a thread.

    The thread is a daemon: a function that never returns must keep neither Stop nor Python's exit
    waiting. When the generator is left early the thread ends at the function's next piece. A piece is taken before
    the function goes on, so that what it puts into the chat otherwise comes after.
    """
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[_Result] = asyncio.Queue()
    left, taken = threading.Event(), threading.Semaphore(0)

    def put(result: _Result) -> None:
        with suppress(RuntimeError):  # the loop is gone, and with it whoever waited
            loop.call_soon_threadsafe(queue.put_nowait, result)

    work = functools.partial(_work, call, put, left, taken)
    context = contextvars.copy_context()
    threading.Thread(target=context.run, args=(work,), name="chatwidget-function", daemon=True).start()
    try:
        while not (result := await queue.get()).is_last:
            yield result.item
            taken.release()
    finally:
        left.set()
        taken.release()
    if result.error is not None:
        raise result.error


@dataclass(frozen=True, slots=True)
class _Result:
    """What a thread hands over: an item, or the end and the error it ended in."""

    item: Any = None
    is_last: bool = False
    error: BaseException | None = None


def _work(
    call: Callable[[], Any], put: Callable[[_Result], None], left: threading.Event, taken: threading.Semaphore
) -> None:
    items: Iterator[Any] | None = None
    error: BaseException | None = None
    try:
        items = _items(call())
        for item in items:
            put(_Result(item))
            taken.acquire()
            if left.is_set():
                return
    except BaseException as failure:  # noqa: BLE001 it is raised again where the answer is awaited
        error = failure
    finally:
        if isinstance(items, Generator):
            items.close()
        put(_Result(is_last=True, error=error))
