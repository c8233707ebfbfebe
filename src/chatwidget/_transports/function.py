"""A user's function as a model: it takes the messages and gives the answer.

It may be a plain function, a generator, a coroutine function or an async generator; what it may return
or yield is said in `_content.answer_chunks`.
"""

from __future__ import annotations

import inspect
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Iterable, Iterator
from contextlib import aclosing
from typing import Any, Final, TypeAlias

from .._content.answer_chunks import PieceReader, as_message, coerce_chunk, is_single_chunk
from .._content.figures import Figures
from .._conversation.messages import Delta, MessageDict
from .._runtime.iterate import in_place, in_thread
from .base import ChatRequest

ChatFunction: TypeAlias = Callable[[list[MessageDict]], Any] | Callable[[list[MessageDict], Any], Any]
"""`fn(messages)`, or `fn(messages, chat)` to be given the widget too."""

_END: Final = object()


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

    @property
    def place(self) -> str:
        """The name of the function."""
        return f"{getattr(self._function, '__module__', '')}.{getattr(self._function, '__qualname__', '')}"

    empty = (
        "The function gave an empty answer: it returned None, or nothing with text in it. Return or yield the answer."
    )
    """What is said of an answer in which there is nothing."""

    async def warm(self) -> None:
        """Nothing to do."""

    async def aclose(self) -> None:
        """Nothing is held open."""

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Delta, None]:
        """The function's answer as it comes. Raises what the function raises."""
        reader = PieceReader(cumulative=self._cumulative)
        async with aclosing(self._pieces(request)) as pieces:
            async for piece in pieces:
                taken = coerce_chunk(piece)
                message = as_message(taken)
                if message is not None and message["role"] != "assistant":
                    request.on_message(message)
                    continue
                for delta in reader.read(taken):
                    yield delta

    async def _pieces(self, request: ChatRequest) -> AsyncGenerator[Any, None]:
        """The pieces of the answer; if there are none, the figures that were plotted."""
        figures, is_empty = Figures(), True
        run = in_thread if self._threads else in_place
        try:
            async with aclosing(self._given(request, figures)) as pieces:
                while True:
                    # Figures that others make between two pieces are theirs.
                    with figures.recorded():
                        piece = await anext(pieces, _END)
                    if piece is _END:
                        break
                    is_empty = is_empty and (piece is None or (isinstance(piece, str) and not piece))
                    yield piece
            if is_empty:
                async with aclosing(run(lambda: map(coerce_chunk, figures.left()))) as drawn:
                    async for piece in drawn:
                        yield piece
        finally:
            figures.close()

    async def _given(self, request: ChatRequest, figures: Figures) -> AsyncGenerator[Any, None]:
        arguments = (request.messages, request.chat) if self._takes_chat else (request.messages,)
        if _is_async(self._function):
            async with aclosing(_unfold(self._function(*arguments))) as parts:
                async for part in parts:
                    yield part
            return

        def items() -> Iterator[Any]:
            with figures.maybe_late():
                yield from _items(self._function(*arguments))

        run = in_thread if self._threads else in_place
        async with aclosing(run(items)) as pieces:
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
    if is_single_chunk(value) or not isinstance(value, Iterable):
        # A table or a figure is shown as it is now: the function may go on to change it.
        yield value if isinstance(value, AsyncIterable) or inspect.isawaitable(value) else coerce_chunk(value)
        return
    pieces = iter(value)
    try:
        for piece in pieces:
            yield coerce_chunk(piece)
    finally:
        # A generator, or a stream of the SDK, whose request ends with it.
        if callable(close := getattr(pieces, "close", None)):
            close()
