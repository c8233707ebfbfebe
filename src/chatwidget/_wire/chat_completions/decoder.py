"""A decoder for the body of an answer, from bytes to deltas."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Iterator

from ..._conversation.messages import Delta
from ..._errors import ServerError, StreamInterruptedError
from ..lenient import whole_values
from ..sse import MAX_EVENT_BYTES, Event, SSEDecoder
from .chunks import ChunkReader
from .errors import EXCERPT

_BOM = b"\xef\xbb\xbf"


async def decode(chunks: AsyncIterable[bytes], content_type: str) -> AsyncIterator[Delta]:
    """Decode the body of an answer.

    Args:
        chunks: The bytes of the body, cut anywhere.
        content_type: The content type of the response.

    Yields:
        The deltas; those before an error are yielded first.

    Raises:
        ServerError: The answer is an error, or not an answer at all.
        StreamInterruptedError: The answer was cut off.

    """
    decoder = ChatDecoder(content_type)
    async for chunk in chunks:
        for delta in decoder.feed(chunk):
            yield delta
        if decoder.done:
            return
    for delta in decoder.close():
        yield delta


class ChatDecoder:
    """A decoder for the body of one answer, fed with bytes cut anywhere.

    `feed` and `close` yield deltas; those before an error come first.

    Args:
        content_type: The content type of the response. The first bytes of the body decide how it is read.

    """

    def __init__(self, content_type: str = "") -> None:
        self._content_type = content_type.partition(";")[0].strip().lower()
        self._events: SSEDecoder | None = None
        self._whole: list[bytes] = []
        self._size = 0
        self._head = b""
        self._reader = ChunkReader()
        self._saw_event = False

    @property
    def done(self) -> bool:
        """True if the server has marked the end of the stream."""
        return self._reader.done

    def feed(self, data: bytes) -> Iterator[Delta]:
        """Yield the deltas that `data` completes.

        Args:
            data: The next bytes of the body.

        Raises:
            ServerError: The answer is an error, or not an answer at all.
            StreamInterruptedError: The server reports that it did not finish.

        """
        if self.done:
            return
        if len(self._head) < EXCERPT:
            self._head += data[: EXCERPT * 2]
        if self._events is not None:
            yield from self._read(self._events.feed(data))
            return
        self._hold(data)
        if self._looks_like_events():
            self._events = SSEDecoder()
            held, self._whole = b"".join(self._whole), []
            yield from self._read(self._events.feed(held))

    def close(self) -> Iterator[Delta]:
        """Yield the deltas held back at the end of the body.

        Raises:
            ServerError: The answer is an error, or not an answer at all.
            StreamInterruptedError: The answer was cut off.

        """
        if self._events is not None:
            # Some servers end the last event, or every event, with one newline or none. The body has come to its end:
            # transports raise if a connection is lost.
            for event in self._events.flush():
                self._saw_event = True
                yield from self._reader.unended(event)
            yield from self._reader.end()
            self._check_ended()
        else:
            yield from self._read_whole()

    def _hold(self, data: bytes) -> None:
        self._whole.append(data)
        self._size += len(data)
        if self._size > MAX_EVENT_BYTES:
            message = f"The server sent more than {MAX_EVENT_BYTES >> 20} MiB in one piece; it was not read."
            raise ServerError(message)

    def _looks_like_events(self) -> bool:
        # The content type cannot be trusted: servers stream under `application/json`, and send JSON errors under
        # `text/event-stream`.
        start = self._head.removeprefix(_BOM).lstrip()[:1]
        return bool(start) and start not in b"{[<"

    def _read(self, events: list[Event]) -> Iterator[Delta]:
        for event in events:
            self._saw_event = True
            yield from self._reader.event(event)

    def _check_ended(self) -> None:
        if self.done or self._reader.finish_reason:
            return
        if self._events is not None and not self._saw_event and self._content_type != "text/event-stream":
            raise ServerError(self._unexpected())
        message = "The answer was cut off: the server closed the connection before it was complete."
        raise StreamInterruptedError(message)

    def _read_whole(self) -> Iterator[Delta]:
        body = b"".join(self._whole).removeprefix(_BOM).strip()
        if not body:
            message = "The server closed the connection without an answer."
            raise StreamInterruptedError(message)
        values, was_cut = whole_values(body.decode(errors="replace"))
        for value in values:
            yield from self._reader.chunk(value)
        yield from self._reader.end()
        if not self._reader.saw_choice:
            raise ServerError(self._unexpected())
        if was_cut or len(values) > 1:
            self._check_ended()

    def _unexpected(self) -> str:
        excerpt = " ".join(self._head.decode(errors="replace").split())[:EXCERPT]
        kind = self._content_type or "something without a content type"
        return f"The server answered with {kind} instead of a chat completion. Check the base URL. It said: {excerpt}"
