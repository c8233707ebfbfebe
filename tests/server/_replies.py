"""Replies as plain values: the bytes to send, and how."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypedDict, Unpack

from tests.server import _chat_completions, _responses
from tests.server._encoding import dump
from tests.server._gate import Gate
from tests.server._log import RESPONSES_PATH, Received

Delta = str | Mapping[str, Any]

EVENT_STREAM = {"content-type": "text/event-stream", "cache-control": "no-cache"}
JSON = {"content-type": "application/json"}


class Pace(TypedDict, total=False):
    """How the parts of a reply go out; see `Reply`."""

    delay: float
    gate: Gate
    drop_after: int


@dataclass(frozen=True)
class Reply:
    """A response.

    Each part is sent on its own, when ``gate`` lets it through and ``delay`` seconds after the last.
    ``drop_after`` closes the connection after so many bytes of the body, without ending it; with
    ``headers=None`` it is closed before any answer, and with ``mute`` it stays open without any.
    """

    parts: Sequence[bytes] = ()
    status: int = 200
    headers: Mapping[str, str] | None = field(default_factory=dict)
    delay: float = 0.0
    gate: Gate | None = None
    drop_after: int | None = None
    mute: bool = False

    def cut(self) -> "Reply":
        """The same reply with only those bytes that go out before the connection is dropped."""
        if self.drop_after is None:
            return self
        return replace(self, parts=list(_head(self.parts, self.drop_after)))


def _head(parts: Sequence[bytes], size: int) -> Iterator[bytes]:
    for part in parts:
        if size <= 0:
            return
        yield part[:size]
        size -= len(part)


def raw(
    body: bytes,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    chunk_sizes: int | Sequence[int] | None = None,
    **pace: Unpack[Pace],
) -> Reply:
    """A body byte for byte, an event stream unless ``headers`` say otherwise.

    It goes out whole, or in pieces of ``chunk_sizes``; what these leave over is the last piece.
    """
    parts = list(_pieces(body, chunk_sizes))
    return Reply(parts, status, EVENT_STREAM if headers is None else headers, **pace)


def _pieces(body: bytes, sizes: int | Sequence[int] | None) -> Iterator[bytes]:
    if isinstance(sizes, int):
        sizes = [sizes] * (len(body) // sizes)
    start = 0
    for size in sizes or ():
        yield body[start : start + size]
        start += size
    if start < len(body):
        yield body[start:]


def error(status: int, message: str = "", headers: Mapping[str, str] | None = None) -> Reply:
    """An error as OpenAI reports it."""
    detail = {"message": message or f"Scripted error {status}", "type": "scripted", "code": None}
    return Reply([dump({"error": detail})], status, JSON | dict(headers or {}))


def completion(
    request: Received,
    deltas: Sequence[Delta],
    *,
    finish_reason: str | None = "stop",
    **pace: Unpack[Pace],
) -> Reply:
    """A model's answer, by the API that was asked: a part for each delta and one for the end; else one JSON body."""
    full = [{"content": delta} if isinstance(delta, str) else dict(delta) for delta in deltas]
    asked, streams = request.json, request.json.get("stream")
    if request.path.endswith(RESPONSES_PATH):
        told = (asked, full, finish_reason, request.headers["host"])
        parts = _responses.events(*told) if streams else [_responses.body(*told)]
    else:
        parts = (
            _chat_completions.chunks(asked, full, finish_reason)
            if streams
            else [_chat_completions.body(asked, full, finish_reason)]
        )
    return Reply(parts, 200, EVENT_STREAM if streams else JSON, **pace)


def echo(request: Received) -> Reply:
    """The default answer: what was said last, word by word."""
    api = _responses if request.path.endswith(RESPONSES_PATH) else _chat_completions
    words = f"You said: {api.last_text(request.json)}".split(" ")
    return completion(request, [words[0], *(f" {word}" for word in words[1:])])
