"""Joining the chunks of a stream into one message."""

from __future__ import annotations

from collections.abc import AsyncIterable, Awaitable, Iterable
from typing import Any, overload
from uuid import uuid4

from .._conversation.messages import MessageDict, Timings
from .._conversation.reply_builder import ReplyBuilder
from .answer_chunks import PieceReader, coerce_chunk, is_single_chunk


@overload
def concat_stream(chunks: AsyncIterable[Any]) -> Awaitable[MessageDict]: ...


@overload
def concat_stream(chunks: Iterable[Any]) -> MessageDict: ...


def concat_stream(chunks: Iterable[Any] | AsyncIterable[Any]) -> MessageDict | Awaitable[MessageDict]:
    """Join the chunks of an OpenAI stream, text and tool calls, into one message dict.

    Reasoning is stored under the keys it arrived with, since some servers expect it back with the results of tools.

    Args:
        chunks: Chunks, choices, deltas or pieces of text, as SDK objects or dicts; or a single one of these, or a whole
            answer or message. May be an async iterable.

    Returns:
        The message; an awaitable of it if `chunks` is asynchronous.

    Raises:
        TransportError: The stream reports an error, or holds a value that is not a chunk. Errors of the stream itself
            are raised unchanged.

    Example:
        >>> concat_stream(["Hello", " world"])
        {'role': 'assistant', 'content': 'Hello world'}

    """
    if isinstance(chunks, AsyncIterable):
        return _awaited(chunks)
    stream = _Stream()
    for chunk in [chunks] if is_single_chunk(chunks) else chunks:
        stream.add(chunk)
    return stream.message()


async def _awaited(chunks: AsyncIterable[Any]) -> MessageDict:
    stream = _Stream()
    async for chunk in chunks:
        stream.add(chunk)
    return stream.message()


class _Stream:
    def __init__(self) -> None:
        self._builder = ReplyBuilder(uuid4().hex, Timings(), raw=True)
        self._reader = PieceReader()

    def add(self, chunk: object) -> None:
        for delta in self._reader.read(coerce_chunk(chunk)):
            self._builder.apply(delta)

    def message(self) -> MessageDict:
        self._builder.close()
        message = self._builder.message()
        return {**message.data, **message.sent_reasoning}
