"""Server-sent events from bytes, as WHATWG HTML 9.2.5 and 9.2.6 define them.

The decoder knows no socket and no JSON: it is fed bytes in any cut and gives the events that are
complete. Its cost is linear in the bytes, however small the pieces.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from .._errors import ServerError

MAX_EVENT_BYTES: Final = 64 * 1024 * 1024
"""An event's data may be this long; a server that sends more is broken or hostile."""

_BOM = b"\xef\xbb\xbf"
_LONGEST_PREFIX = len(_BOM + b"data: ")
_MAX_RETRY_DIGITS = 18


class Event(NamedTuple):
    """One dispatched event."""

    event: str
    """The event type; `message` where the stream names none."""
    data: str
    last_event_id: str


class SSEDecoder:
    """Bytes in, events out: `feed` each chunk as it comes, `close` at the end of the stream.

    The events do not depend on how the bytes were cut. `retry` is the reconnection time that the
    stream asked for, in milliseconds, or None.
    """

    def __init__(self) -> None:
        self.retry: int | None = None
        # A line that comes in pieces is kept as pieces: concatenating each time would be quadratic.
        self._partial: list[bytes] = []
        self._partial_size = 0
        self._skip_lf = False
        self._at_start = True
        self._data: list[bytes] = []
        self._data_size = 0
        self._event = b""
        self._last_event_id = ""
        self._failure: ServerError | None = None

    def feed(self, data: bytes) -> list[Event]:
        """The events completed by `data`.

        Raises ServerError when one event exceeds `MAX_EVENT_BYTES`; events completed before it are
        returned first, and the error is raised by the next call.
        """
        self._raise_failure()
        if not data:
            return []
        if self._skip_lf and data.startswith(b"\n"):
            data = data[1:]
        self._skip_lf = data.endswith(b"\r") if data else False
        events: list[Event] = []
        try:
            self._feed_lines(data, events)
        except ServerError as error:
            self._failure = error
            if not events:
                raise
        return events

    def flush(self) -> list[Event]:
        """Return the block that no blank line has ended as an event, for clients that are laxer than the standard."""
        self._raise_failure()
        events: list[Event] = []
        partial, self._partial = b"".join(self._partial), []
        self._line(partial, events)
        self._dispatch(events)
        return events

    def close(self) -> list[Event]:
        """End of stream: a block that no blank line has ended is dropped, as the standard says."""
        self._raise_failure()
        self._partial.clear()
        self._data.clear()
        return []

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure

    def _feed_lines(self, data: bytes, events: list[Event]) -> None:
        if b"\r" in data:
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        first, *lines = data.split(b"\n")
        self._partial.append(first)
        self._partial_size += len(first)
        self._check_size(self._partial_size - _LONGEST_PREFIX)
        if not lines:
            return
        rest = lines.pop()
        self._line(b"".join(self._partial), events)
        for line in lines:
            self._line(line, events)
        self._partial = [rest]
        self._partial_size = len(rest)
        self._check_size(self._partial_size - _LONGEST_PREFIX)

    def _line(self, line: bytes, events: list[Event]) -> None:
        if self._at_start:
            self._at_start = False
            line = line.removeprefix(_BOM)
        if not line:
            self._dispatch(events)
            return
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"data":
            self._check_size(len(value))
            self._data.append(value)
            self._data_size += len(value) + 1
        elif name == b"event":
            self._event = value
        elif name == b"id":
            if b"\0" not in value:
                self._last_event_id = value.decode(errors="replace")
        elif name == b"retry" and value.isdigit() and len(value) <= _MAX_RETRY_DIGITS:
            self.retry = int(value)

    def _dispatch(self, events: list[Event]) -> None:
        if self._data:
            # Lines end at ASCII bytes, so decoding the joined data is decoding the stream.
            data = b"\n".join(self._data).decode(errors="replace")
            kind = self._event.decode(errors="replace") or "message"
            events.append(Event(kind, data, self._last_event_id))
            self._data = []
            self._data_size = 0
        self._event = b""

    def _check_size(self, more: int) -> None:
        if self._data_size + more > MAX_EVENT_BYTES:
            message = (
                f"The server sent one event of more than {MAX_EVENT_BYTES >> 20} MiB; "
                "the rest of the answer was not read."
            )
            raise ServerError(message)
