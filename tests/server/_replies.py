"""Replies as plain values: the bytes to send, and how."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypedDict, Unpack

from tests.server._gate import Gate
from tests.server._log import Received

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
    return Reply([_dump({"error": detail})], status, JSON | dict(headers or {}))


def completion(
    request: Received,
    deltas: Sequence[Delta],
    *,
    finish_reason: str | None = "stop",
    **pace: Unpack[Pace],
) -> Reply:
    """A model's answer: a part for each delta and one for the end; without streaming one JSON body."""
    full = [{"content": delta} if isinstance(delta, str) else dict(delta) for delta in deltas]
    if request.json.get("stream"):
        parts, headers = _stream(request.json, full, finish_reason), EVENT_STREAM
    else:
        parts, headers = [_whole(request.json, full, finish_reason)], JSON
    return Reply(parts, 200, headers, **pace)


def echo(request: Received) -> Reply:
    """The default answer: what was said last, word by word."""
    words = f"You said: {_last_text(request.json)}".split(" ")
    return completion(request, [words[0], *(f" {word}" for word in words[1:])])


def _last_text(asked: Mapping[str, Any]) -> str:
    content = asked["messages"][-1].get("content") or ""
    if isinstance(content, str):
        return content
    return "".join(part.get("text", "") for part in content)


def _stream(asked: Mapping[str, Any], deltas: Sequence[Delta], finish_reason: str | None) -> list[bytes]:
    def event(choices: list[Any], **more: Any) -> bytes:
        return b"data: " + _dump(_envelope(asked, "chat.completion.chunk", choices) | more) + b"\n\n"

    def choice(delta: Delta, reason: str | None = None) -> list[Any]:
        return [{"index": 0, "delta": delta, "finish_reason": reason}]

    start = event(choice({"role": "assistant", "content": ""}))
    end = event(choice({}, finish_reason))
    if (asked.get("stream_options") or {}).get("include_usage"):
        end += event([], usage=_usage(len(deltas)))
    parts = [event(choice(delta)) for delta in deltas] + [end + b"data: [DONE]\n\n"]
    return [start + parts[0], *parts[1:]]


def _whole(asked: Mapping[str, Any], deltas: Sequence[Mapping[str, Any]], finish_reason: str | None) -> bytes:
    message: dict[str, Any] = {"role": "assistant", "content": ""}
    for delta in deltas:
        message |= {**delta, "content": message["content"] + (delta.get("content") or "")}
    choices = [{"index": 0, "message": message, "finish_reason": finish_reason}]
    return _dump(_envelope(asked, "chat.completion", choices) | {"usage": _usage(len(deltas))})


def _envelope(asked: Mapping[str, Any], kind: str, choices: list[Any]) -> dict[str, Any]:
    model = asked.get("model", "test-model")
    return {"id": "chatcmpl-test", "object": kind, "created": 0, "model": model, "choices": choices}


def _usage(tokens: int) -> dict[str, int]:
    return {"prompt_tokens": 1, "completion_tokens": tokens, "total_tokens": tokens + 1}


def _dump(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
