"""A user's function as a model: it takes the messages and returns the answer.

It may be a plain function, a generator, a coroutine function or an async generator. `_content.answer_chunks`
describes the values it may return or yield.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Iterable, Iterator
from contextlib import aclosing, suppress
from typing import Any, Final, TypeAlias

from .._content.answer_chunks import PieceReader, as_message, coerce_chunk, is_single_chunk
from .._content.figures import Figures
from .._conversation.messages import Delta
from .._errors import SettingsError
from .._runtime.iterate import in_place, in_thread
from .base import ChatRequest

ChatFunction: TypeAlias = Callable[[list[Any]], object] | Callable[[list[Any], Any], object]
"""`fn(messages)`, or `fn(messages, chat)` to receive the widget as well. The messages are OpenAI dicts.

It may be async, a generator, or both.
"""

_END: Final = object()


def name_of(function: Callable[..., Any]) -> str:
    """Return the name under which a function answers.

    Args:
        function: The function.

    """
    while isinstance(function, functools.partial):
        function = function.func
    name = str(getattr(function, "__name__", type(function).__name__))
    return "function" if name == "<lambda>" else name


def check_function(function: Callable[..., Any]) -> None:
    """Check that a function takes the messages, or the messages and the widget.

    Args:
        function: The function.

    Raises:
        SettingsError: If it takes something else, such as the arguments of Gradio's chat functions.

    """
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return
    names = list(signature.parameters)
    if names[1:2] == ["history"] and (names[0] == "message" or _takes_two(function)):
        message = (
            "a function that answers takes the messages, the question being the last of them, rather than Gradio's "
            f'(message, history): ChatWidget(lambda messages: {name_of(function)}(messages[-1]["content"], '
            "messages[:-1]))"
        )
        raise SettingsError(message)
    for arguments in ((None,), (None, None)):
        with suppress(TypeError):
            signature.bind(*arguments)
            return
    message = (
        f"a function that answers takes the messages, and the widget if it has a second parameter: "
        f"def {name_of(function)}(messages) or def {name_of(function)}(messages, chat), not {signature}"
    )
    raise SettingsError(message)


class CallableTransport:
    """Answers from a user's function.

    Args:
        function: The function to call.
        threads: Run a blocking function on its own thread, so that it delays neither other turns nor Stop. Without
            threads (Pyodide) it runs in place, and Stop takes effect between its chunks.
        cumulative: Whether each text it yields is the whole answer so far; None if unknown.

    """

    def __init__(self, function: ChatFunction, *, threads: bool = True, cumulative: bool | None = None) -> None:
        self._function: Callable[..., Any] = function
        self._takes_chat = _takes_two(function)
        self._threads = threads
        self._cumulative = cumulative

    @property
    def identity(self) -> str:
        """The qualified name of the function."""
        return f"{getattr(self._function, '__module__', '')}.{getattr(self._function, '__qualname__', '')}"

    empty = "The function returned an empty answer: None, or nothing that contains text. Return or yield the answer."
    """The error shown for an empty answer."""

    async def warm(self) -> None:
        """Do nothing: there is no connection to prepare."""

    async def aclose(self) -> None:
        """Do nothing: no resources are held."""

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Delta, None]:
        """Stream the function's answer. Exceptions of the function are passed on.

        Args:
            request: The request to answer.

        Yields:
            The deltas of the answer, as they arrive.

        """
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
        """Yield the chunks of the answer; if there are none, the figures that were plotted."""
        figures, is_empty = Figures(), True
        run = in_thread if self._threads else in_place
        try:
            async with aclosing(self._given(request, figures)) as pieces:
                while True:
                    # Figures made by other code between two chunks are not the function's.
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
                # A plain function may return the coroutine or stream of an async one.
                async for part in _unfold(piece):
                    yield part


def _is_async(function: ChatFunction) -> bool:
    call = function if inspect.isroutine(function) else getattr(function, "__call__", function)  # noqa: B004
    return any(
        check(inspect.unwrap(target))
        for target in (function, call)
        for check in (inspect.iscoroutinefunction, inspect.isasyncgenfunction)
    )


def _takes_two(function: ChatFunction) -> bool:
    """Return whether a function takes the widget: as a second argument that is required or named `chat`."""
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return False
    positional = [
        parameter
        for parameter in parameters
        if parameter.kind in {parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD}
    ]
    return any(parameter.default is parameter.empty or parameter.name == "chat" for parameter in positional[1:2])


async def _unfold(value: Any) -> AsyncGenerator[Any, None]:
    """Await a function's value if possible, then yield each of its items."""
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
        # A table or a figure is converted now, as the function may go on to change it.
        yield value if isinstance(value, AsyncIterable) or inspect.isawaitable(value) else coerce_chunk(value)
        return
    pieces = iter(value)
    try:
        for piece in pieces:
            yield coerce_chunk(piece)
    finally:
        # Closing a generator, or an SDK's stream, also ends its request.
        if callable(close := getattr(pieces, "close", None)):
            close()
