"""The scenarios as replies of the test server, in chat completions and as Anthropic's API has them."""

from __future__ import annotations

import json
from typing import NamedTuple
from urllib.parse import parse_qsl

from tests.contract.scenarios import ERROR_TEXT, SCENARIOS
from tests.server import ModelServer, Received, Reply, completion, raw
from tests.server._replies import EVENT_STREAM, JSON

TOLD = {"max_model_len": 4096, "pricing": {"prompt": "0.000001", "completion": "0.000002"}}
"""What the list of models tells of one, as vLLM and OpenRouter would."""

MIRRORED = ("x-tenant", "x-team", "api-key")
"""The headers that the model `mirror` tells, besides the key's."""

COMMENT = b": still thinking\n\n"

ANTHROPICS = ("x-api-key", "anthropic-version", "anthropic-dangerous-direct-browser-access")
"""The headers that Anthropic's API wants."""


class Form(NamedTuple):
    """An answer as an API streams it, but for its pieces."""

    start: bytes
    error: bytes
    end: bytes


def serve_scenarios(server: ModelServer) -> None:
    """Let `server` answer each request as the scenario that its model names."""

    def answer(request: Received) -> Reply:
        scenario = SCENARIOS[request.json["model"]]
        is_anthropics = request.path.endswith("/messages")
        form, piece = (ANTHROPIC, _anthropics_piece) if is_anthropics else (CHAT, _piece)
        start = [form.start] if form.start else []
        parts = [*start, *map(piece, scenario.pieces)]
        if scenario.ending == "complete":
            return (
                Reply([*parts, form.end], headers=EVENT_STREAM)
                if is_anthropics
                else completion(request, scenario.pieces)
            )
        body = b"".join(parts)
        if scenario.ending in {"mute", "slow"}:
            return Reply(mute=True) if scenario.ending == "mute" else _slow([*parts, form.end])
        if scenario.ending == "error":
            return raw(body + form.error)
        if scenario.ending.startswith("unended"):
            return _unended(body, scenario.ending)
        if scenario.ending == "cut":
            # A browser throws away what nobody has read when a connection is lost: leave it time to be read.
            return raw(body + form.end, chunk_sizes=[len(body)], delay=0.2, drop_after=len(body) + 5)
        # Each its own: a reply that was left but a moment ago would take the ticket of the next.
        gate = server.gate()
        gate.release()
        return raw(body + form.end, chunk_sizes=[len(body)], gate=gate)

    odd = {"picky": _picky, "mirror": _mirror, "stubborn": _stubborn, "fickle": _fickle}
    server.list_models(json.dumps({"data": [{"id": "told", **TOLD}, {"id": "untold"}]}).encode())
    server.allow(headers=("authorization", "content-type", *MIRRORED, *ANTHROPICS))
    server.handler = lambda request: odd.get(request.json["model"], answer)(request)


def _mirror(request: Received) -> Reply:
    """An answer that is the request."""
    headers = {name: request.headers[name] for name in ("authorization", *MIRRORED) if name in request.headers}
    body = {name: value for name, value in request.json.items() if name != "messages"}
    seen = {"path": request.path, "query": parse_qsl(request.query, keep_blank_values=True), "headers": headers}
    return completion(request, [json.dumps({**seen, "body": body})])


def _picky(request: Received) -> Reply:
    """A reasoning model's answer, which is its parameters; some it refuses, in words that servers use for it."""
    asked = request.json
    if "max_tokens" in asked:
        said = (
            "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
        )
        return _refusal(400, {"error": {"message": said, "param": "max_tokens", "code": "unsupported_parameter"}})
    if asked.get("temperature", 1) != 1:
        said = (
            "Unsupported value: 'temperature' does not support 0.2 with this model. Only the default (1) is supported."
        )
        return _refusal(400, {"error": {"message": said, "param": "temperature", "code": "unsupported_value"}})
    if "top_k" in asked:
        detail = {"type": "extra_forbidden", "loc": ["body", "top_k"], "msg": "Extra inputs are not permitted"}
        return _refusal(422, {"detail": [detail]})
    if "stream_options" in asked:
        return _refusal(400, {"message": "Unrecognized request argument supplied: stream_options"})
    if "tools" in asked:
        return _refusal(400, {"error": "tools are not supported"})
    return completion(request, [json.dumps({key: asked[key] for key in sorted(asked) if key != "messages"})])


def _stubborn(request: Received) -> Reply:
    """No answer where there are tools, whatever else is left out."""
    said = "Function tools with top_p are not supported for stubborn."
    first = "" if "top_p" in request.json else " Still not."
    return _refusal(400, {"error": {"message": said + first, "param": "top_p", "code": None}})


def _fickle(request: Received) -> Reply:
    """Takes the request once `top_p` is gone, and fails before it has answered."""
    if "top_p" in request.json:
        return _refusal(400, {"error": {"message": "top_p is not supported", "param": "top_p"}})
    role = {"choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}}]}
    return raw(_event(role) + _event({"error": {"message": ERROR_TEXT}}))


def _refusal(status: int, value: object) -> Reply:
    return raw(json.dumps(value).encode(), status=status, headers=JSON)


def _slow(parts: list[bytes]) -> Reply:
    return Reply([part for each in parts for part in (COMMENT, COMMENT, each)], headers=EVENT_STREAM, delay=0.2)


def _unended(body: bytes, ending: str) -> Reply:
    last = b'data: {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}\ndata: [DONE]'
    size = len(body + last)
    lost = {"unended, cut": 2, "unended, short": 2}.get(ending, 0)
    headers = {"content-type": "text/event-stream"}
    if ending in {"unended, sized", "unended, short"}:
        headers["content-length"] = str(size + lost)
    # As for what is cut: leave a browser time to read what came before.
    pace = {"chunk_sizes": [len(body)], "delay": 0.2, "drop_after": size if lost else None}
    return raw(body + last + b"\n" * lost, headers=headers, **pace)


def _event(value: object) -> bytes:
    return b"data: " + json.dumps(value).encode() + b"\n\n"


def _piece(text: str) -> bytes:
    return _event({"choices": [{"index": 0, "delta": {"content": text}}]})


def _anthropics(*values: dict) -> bytes:
    return b"".join(f"event: {value['type']}\n".encode() + _event(value) for value in values)


def _anthropics_piece(text: str) -> bytes:
    return _anthropics({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}})


CHAT = Form(b"", _event({"error": {"message": ERROR_TEXT}}), b"data: [DONE]\n\n")
ANTHROPIC = Form(
    _anthropics(
        {"type": "message_start", "message": {"type": "message", "role": "assistant", "content": [], "model": "m"}},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "ping"},
    ),
    _anthropics({"type": "error", "error": {"type": "overloaded_error", "message": ERROR_TEXT}}),
    _anthropics(
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 1}},
        {"type": "message_stop"},
    ),
)
