"""A decoder for the body of an answer, from bytes to deltas, of any API that streams JSON.

It accepts what servers really send: events that end with one newline, or not at all; several events in one; lines of
JSON; one JSON document; a web page. What is in the JSON is for the API's `Reader` to understand.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterable, AsyncIterator, Iterator
from typing import Final

from .._conversation.messages import Delta
from .._errors import ServerError, StreamInterruptedError
from .api import Reader
from .errors import EXCERPT, error_text, streamed_error
from .lenient import json_values, whole_values
from .sse import MAX_EVENT_BYTES, Event, SSEDecoder

_BOM: Final = b"\xef\xbb\xbf"
_DONE: Final = re.compile(r'\s*"?\[DONE\]"?\s*', re.IGNORECASE)
_SPECIAL: Final = frozenset({"error", "ping"})
"""Events that have a meaning in every API."""
_KEEP_ALIVE: Final = re.compile(r"\s*(:.*|\W*(ping|pong|keep[-_ ]?alive|heartbeat)\W*)?", re.IGNORECASE | re.DOTALL)


async def decode(chunks: AsyncIterable[bytes], content_type: str, reader: Reader) -> AsyncIterator[Delta]:
    """Decode the body of an answer.

    Args:
        chunks: The bytes of the body, cut anywhere.
        content_type: The content type of the response.
        reader: The reader of the API, new for this answer.

    Yields:
        The deltas; those before an error are yielded first.

    Raises:
        ServerError: The answer is an error, or not an answer at all.
        StreamInterruptedError: The answer was cut off.

    """
    decoder = AnswerDecoder(reader, content_type)
    async for chunk in chunks:
        for delta in decoder.feed(chunk):
            yield delta
        if decoder.done:
            return
    for delta in decoder.close():
        yield delta


class AnswerDecoder:
    """A decoder for the body of one answer, fed with bytes cut anywhere.

    `feed` and `close` yield deltas; those before an error come first.

    Args:
        reader: The reader of the API, new for this answer.
        content_type: The content type of the response. The first bytes of the body decide how it is read.

    """

    def __init__(self, reader: Reader, content_type: str = "") -> None:
        self._content_type = content_type.partition(";")[0].strip().lower()
        self._events: SSEDecoder | None = None
        self._whole: list[bytes] = []
        self._size = 0
        self._head = b""
        self._reader = reader
        self._saw_event = False
        self._is_done = False

    @property
    def done(self) -> bool:
        """True if the server has marked the end of the stream."""
        return self._is_done or self._reader.done

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
                yield from self._unended(event)
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
            yield from self._event(event)

    def _event(self, event: Event) -> Iterator[Delta]:
        if self.done:
            return
        if event.event not in _SPECIAL and event.data.startswith("{") and "\n" not in event.data:
            # The fast path for nearly every event.
            yield from self._data(event.event, event.data)
            return
        *before, last = _parts(event.data)
        for data in before:
            yield from self._part("message", data)
        yield from self._part(event.event, last)

    def _unended(self, event: Event) -> Iterator[Delta]:
        """Yield the deltas of a last event that no blank line ended. Incomplete data in it was cut off: drop it."""
        *before, last = _parts(event.data)
        for data in before:
            yield from self._part("message", data)
        if _DONE.fullmatch(last) or json_values(last) is not None:
            yield from self._part(event.event, last)

    def _part(self, kind: str, data: str) -> Iterator[Delta]:
        if self.done:
            return
        if _DONE.fullmatch(data):
            self._is_done = True
            yield from self._reader.end()
        elif kind != "ping" and not _KEEP_ALIVE.fullmatch(data):
            yield from self._data(kind, data)

    def _data(self, kind: str, data: str) -> Iterator[Delta]:
        values = json_values(data)
        if kind == "error":
            raise streamed_error(error_text(values) or data[:EXCERPT], values)
        if values is None:
            if _KEEP_ALIVE.fullmatch(kind):
                return
            raise ServerError(_not_json(data[:EXCERPT].strip()))
        for value in values:
            if kind != "message" and isinstance(value, dict) and "type" not in value:
                # Readers go by the type in the data, which some servers leave out.
                value["type"] = kind
            yield from self._reader.chunk(value)

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
        if not self._reader.saw_answer:
            raise ServerError(self._unexpected())
        if was_cut or len(values) > 1:
            self._check_ended()

    def _unexpected(self) -> str:
        excerpt = " ".join(self._head.decode(errors="replace").split())[:EXCERPT]
        kind = self._content_type or "something without a content type"
        return f"The server answered with {kind} instead of a model's answer. Check the base URL. It said: {excerpt}"


def _parts(data: str) -> list[str]:
    """Return the data of an event, or its lines if each is an event: some servers end events with one newline."""
    first, newline, _ = data.partition("\n")
    if not newline or not (_DONE.fullmatch(first) or _KEEP_ALIVE.fullmatch(first) or json_values(first) is not None):
        return [data]
    return data.split("\n")


def _not_json(excerpt: str) -> str:
    if excerpt[:1] in "{[":
        return f"The server sent a chunk that is not valid JSON, and the answer ends there: {excerpt}"
    return f"The server reports: {excerpt}"
