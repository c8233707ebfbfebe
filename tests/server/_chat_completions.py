"""Deltas as chat completions tell them: as chunks, or as one body."""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.server._encoding import dump, event

Asked = Mapping[str, Any]
Deltas = Sequence[Mapping[str, Any]]


def chunks(asked: Asked, deltas: Deltas, finish_reason: str | None) -> list[bytes]:
    """A part for each delta, and one for the end."""

    def chunk(choices: list[Any], **more: Any) -> bytes:
        return event(_envelope(asked, "chat.completion.chunk", choices) | more)

    def choice(delta: Mapping[str, Any], reason: str | None = None) -> list[Any]:
        return [{"index": 0, "delta": delta, "finish_reason": reason}]

    start = chunk(choice({"role": "assistant", "content": ""}))
    end = chunk(choice({}, finish_reason))
    if (asked.get("stream_options") or {}).get("include_usage"):
        end += chunk([], usage=_usage(len(deltas)))
    parts = [chunk(choice(delta)) for delta in deltas] + [end + b"data: [DONE]\n\n"]
    return [start + parts[0], *parts[1:]]


def body(asked: Asked, deltas: Deltas, finish_reason: str | None) -> bytes:
    """The whole completion."""
    message: dict[str, Any] = {"role": "assistant", "content": ""}
    for delta in deltas:
        message |= {**delta, "content": message["content"] + (delta.get("content") or "")}
    choices = [{"index": 0, "message": message, "finish_reason": finish_reason}]
    return dump(_envelope(asked, "chat.completion", choices) | {"usage": _usage(len(deltas))})


def last_text(asked: Asked) -> str:
    """What was said last."""
    content = asked["messages"][-1].get("content") or ""
    if isinstance(content, str):
        return content
    return "".join(part.get("text", "") for part in content)


def _envelope(asked: Asked, kind: str, choices: list[Any]) -> dict[str, Any]:
    model = asked.get("model", "test-model")
    return {"id": "chatcmpl-test", "object": kind, "created": 0, "model": model, "choices": choices}


def _usage(tokens: int) -> dict[str, int]:
    return {"prompt_tokens": 1, "completion_tokens": tokens, "total_tokens": tokens + 1}
