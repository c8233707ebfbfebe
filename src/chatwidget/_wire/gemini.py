"""The wire format of Google's client (google-genai), translated from and to OpenAI's terms."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from typing import Any, Final
from uuid import uuid4

from .._conversation.messages import Delta, MessageDict, ToolCallDelta, Usage
from .._errors import TransportError
from .._json import loads
from .._text import data_url_parts
from .chat_completions.content import content_in
from .chat_completions.request import sendable
from .dialect import Dialect
from .media import Citations, is_sound, sound_in

_SIGNATURE: Final = "thought_signature"
"""The key of a call for the signature that Gemini requires with it."""

_NAMES: Final = {
    "max_tokens": "max_output_tokens",
    "max_completion_tokens": "max_output_tokens",
    "stop": "stop_sequences",
}
_REASONS: Final = {"STOP": "stop", "MAX_TOKENS": "length"}
_MODES: Final = {"auto": "AUTO", "none": "NONE", "required": "ANY"}
_OURS: Final = frozenset({"tools", "tool_choice", "response_format", "stream_options"})


def _body(messages: list[MessageDict], model: str | None, params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of `generate_content_stream`."""
    config = {_NAMES.get(name, name): value for name, value in params.items() if name not in {*_OURS, "model"}}
    if isinstance(config.get("stop_sequences"), str):
        config["stop_sequences"] = [config["stop_sequences"]]
    if params.get("tools"):
        # Calls are run by the chat, whatever their tools are.
        config["automatic_function_calling"] = {"disable": True}
        config["tools"] = [{"function_declarations": [_declaration(each) for each in params["tools"]]}]
    if params.get("tool_choice") is not None:
        config["tool_config"] = {"function_calling_config": _choice(params["tool_choice"])}
    if params.get("response_format") is not None:
        config["response_mime_type"] = "application/json"
        if schema := (params["response_format"].get("json_schema") or {}).get("schema"):
            config["response_json_schema"] = schema
    messages = sendable(messages)
    system = "\n\n".join(_text(each) for each in messages if each["role"] in {"system", "developer"})
    if system:
        config["system_instruction"] = system
    return {"model": params.get("model", model), "contents": _contents(messages), "config": config}


def _contents(messages: list[MessageDict]) -> list[dict[str, Any]]:
    """Return contents with alternating roles; tool results become one user message."""
    contents: list[dict[str, Any]] = []
    names: dict[Any, str] = {}
    for message in messages:
        if message["role"] in {"system", "developer"}:
            continue
        role = "model" if message["role"] == "assistant" else "user"
        calls = message.get("tool_calls") or []
        names |= {call.get("id"): str((call.get("function") or {}).get("name")) for call in calls}
        parts = [_result(message, names)] if message["role"] in {"tool", "function"} else _parts(message.get("content"))
        parts += map(_call, calls)
        if parts and contents and contents[-1]["role"] == role:
            contents[-1]["parts"] += parts
        elif parts:
            contents.append({"role": role, "parts": parts})
    return contents


def _result(message: MessageDict, names: Mapping[Any, str]) -> dict[str, Any]:
    call_id = message.get("tool_call_id")
    name = names.get(call_id) or str(message.get("name") or "")
    return {"function_response": {"id": call_id, "name": name, "response": {"result": _text(message)}}}


def _call(call: Mapping[str, Any]) -> dict[str, Any]:
    function = call.get("function") or {}
    arguments = loads(function.get("arguments") or "{}")
    part: dict[str, Any] = {"function_call": {"id": call.get("id"), "name": function.get("name"), "args": arguments}}
    if isinstance(signature := call.get(_SIGNATURE), str):
        part["thought_signature"] = base64.urlsafe_b64decode(signature)
    return part


def _parts(content: Any) -> list[dict[str, Any]]:
    if isinstance(content, list):
        return [found for part in content if (found := _part(part))]
    return [{"text": content}] if content else []


def _part(part: Mapping[str, Any]) -> dict[str, Any] | None:
    kind = part.get("type")
    if kind == "text":
        return {"text": part["text"]} if part.get("text") else None
    inner = part.get(str(kind))
    inner = inner if isinstance(inner, Mapping) else {"url": inner}
    if kind == "input_audio":
        return _inline(f"audio/{inner.get('format')}", str(inner.get("data")))
    url = str(inner.get("url") or inner.get("file_data") or "")
    head, data = data_url_parts(url) or ("", "")
    if head.endswith(";base64") and data:
        return _inline(head.removesuffix(";base64"), data)
    if kind == "image_url" and url.lower().startswith(("http://", "https://")):
        return {"file_data": {"file_uri": url}}
    message = f"Gemini takes no {kind} such as this: leave it out."
    raise TransportError(message)


def _inline(kind: str, data: str) -> dict[str, Any]:
    try:
        return {"inline_data": {"mime_type": kind, "data": base64.b64decode(data)}}
    except binascii.Error:
        message = f"The file of type {kind} is damaged: leave it out."
        raise TransportError(message) from None


def _text(message: MessageDict) -> str:
    content = message.get("content") or ""
    return content if isinstance(content, str) else "".join(part.get("text") or "" for part in content)


def _declaration(definition: Mapping[str, Any]) -> dict[str, Any]:
    function = definition.get("function")
    if not isinstance(function, Mapping):
        message = "Gemini takes functions as tools, and none of OpenAI's own."
        raise TransportError(message)
    about = {"description": function["description"]} if function.get("description") else {}
    return {"name": function["name"], **about, "parameters_json_schema": function.get("parameters") or {}}


def _choice(choice: Any) -> dict[str, Any]:
    if isinstance(choice, str):
        return {"mode": _MODES.get(choice, choice)}
    return {"mode": "ANY", "allowed_function_names": [choice["function"]["name"]]}


class _Answer:
    """A reader of the pieces of one answer."""

    def __init__(self) -> None:
        self.finish_reason: str | None = None
        self.saw_choice = False
        self._calls = 0
        self._citations = Citations()

    def chunk(self, chunk: object) -> Iterator[Delta]:
        """Yield the updates in a piece.

        Args:
            chunk: The piece as parsed JSON.

        Raises:
            TransportError: The prompt was blocked.

        """
        piece: dict[str, Any] = chunk if isinstance(chunk, dict) else {}
        blocked = (piece.get("prompt_feedback") or {}).get("block_reason")
        if blocked:
            message = f"Gemini does not answer this ({blocked}): ask otherwise."
            raise TransportError(message)
        candidate: dict[str, Any] = next(iter(piece.get("candidates") or ()), {})
        self.saw_choice = self.saw_choice or bool(candidate)
        for part in (candidate.get("content") or {}).get("parts") or ():
            yield from self._part(part)
        grounds = (candidate.get("grounding_metadata") or {}).get("grounding_chunks") or ()
        if pages := [page for each in grounds if (page := each.get("web"))]:
            yield Delta(citations=self._citations.read({"citations": pages}))
        if reason := candidate.get("finish_reason"):
            stopped = "tool_calls" if self._calls else "stop"
            self.finish_reason = stopped if reason == "STOP" else _REASONS.get(reason, "content_filter")
        usage = _usage(piece.get("usage_metadata"))
        if self.finish_reason or usage or piece.get("model_version"):
            yield Delta(finish_reason=self.finish_reason, usage=usage, model=piece.get("model_version"))

    def end(self) -> Iterator[Delta]:
        """Yield nothing, since nothing is held back."""
        return iter(())

    def _part(self, part: Mapping[str, Any]) -> Iterator[Delta]:
        if call := part.get("function_call"):
            extra = {_SIGNATURE: part["thought_signature"]} if part.get("thought_signature") else {}
            arguments = json.dumps(call.get("args") or {}, ensure_ascii=False)
            call_id = call.get("id") or f"call_{uuid4().hex}"
            yield Delta(tool_calls=(ToolCallDelta(self._calls, call_id, call["name"], arguments, extra),))
            self._calls += 1
        elif part.get("inline_data") or part.get("file_data"):
            yield Delta(content=content_in(part), sound=sound_in(part)[0] if is_sound(part) else b"")
        elif part.get("text"):
            yield Delta(reasoning=part["text"]) if part.get("thought") else Delta(content=part["text"])


def _usage(report: Any) -> Usage | None:
    if not report:
        return None
    thought = report.get("thoughts_token_count") or 0
    answered = (report.get("candidates_token_count") or 0) + thought
    return Usage(report.get("prompt_token_count"), answered, report.get("total_token_count"))


GEMINI: Final = Dialect(_body, _Answer)
