"""Server-sent events from bytes, as WHATWG HTML 9.2.5 and 9.2.6 define them.

The decoder knows neither sockets nor JSON: it is fed bytes cut anywhere, and returns the complete events. Its cost is
linear in the number of bytes, however small the pieces.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from .._errors import ServerError

MAX_EVENT_BYTES: Final = 64 * 1024 * 1024
"""The maximum size of an event's data; a server that sends more is broken or hostile."""

_BOM = b"\xef\xbb\xbf"
_LONGEST_PREFIX = len(_BOM + b"data: ")
_MAX_RETRY_DIGITS = 18


class Event(NamedTuple):
    """One dispatched event."""

    event: str
    """The event type; `message` if the stream names none."""
    data: str
    last_event_id: str


class SSEDecoder:
    """A decoder of server-sent events: `feed` each chunk of bytes, and `close` at the end of the stream.

    The events do not depend on how the bytes were cut. `retry` is the reconnection time in milliseconds that the stream
    asked for, or None.
    """

    def __init__(self) -> None:
        self.retry: int | None = None
        # An incomplete line is kept as pieces, since repeated concatenation would be quadratic.
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
        """Return the events completed by `data`.

        Args:
            data: The next bytes of the stream.

        Raises:
            ServerError: An event exceeds `MAX_EVENT_BYTES`. If other events were completed before it, they are returned
                first, and the next call raises the error.

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
        """Return an unfinished event that no blank line has ended, for clients that are laxer than the standard.

        Raises:
            ServerError: An event exceeds `MAX_EVENT_BYTES`.

        """
        self._raise_failure()
        events: list[Event] = []
        partial, self._partial = b"".join(self._partial), []
        self._line(partial, events)
        self._dispatch(events)
        return events

    def close(self) -> list[Event]:
        """End the stream and drop an unfinished event, as the standard demands.

        Raises:
            ServerError: An event exceeded `MAX_EVENT_BYTES`.

        """
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
            # Lines end at ASCII bytes, so decoding the joined data equals decoding the stream.
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
