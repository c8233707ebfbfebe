"""The chunks of a stream as the message that they make."""

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
    """Join the chunks of an OpenAI stream, text and tool calls, into one message dict; awaited for an async stream.

    Reasoning is under the keys that it came by, as some servers want it back with the results of tools.
    `chunks` are chunks, their choices, deltas or pieces of text, as objects of the SDK or as dicts; or one of these, or
    a whole answer or message. Raises what the stream raises, and TransportError when it reports an error or holds
    something else.
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
