"""Request arguments for Google's client (google-genai), translated from OpenAI's terms."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any, Final

from ..._conversation.messages import MessageDict
from ..._errors import TransportError
from ..._json import loads
from ..._text import data_url_parts
from ..sendable import sendable
from .chunks import SIGNATURE

_NAMES: Final = {
    "max_tokens": "max_output_tokens",
    "max_completion_tokens": "max_output_tokens",
    "stop": "stop_sequences",
}
_MODES: Final = {"auto": "AUTO", "none": "NONE", "required": "ANY"}
_OURS: Final = frozenset({"tools", "tool_choice", "response_format", "stream_options"})


def request_body(messages: list[MessageDict], model: str | None, params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of the SDK's `generate_content_stream`.

    Args:
        messages: The conversation.
        model: The name of the model.
        params: Further parameters, under the names that they have in chat completions or at Google.

    Raises:
        TransportError: A part of the conversation, or a tool, has no equivalent.

    """
    config = {_NAMES.get(name, name): value for name, value in params.items() if name not in {*_OURS, "model"}}
    if isinstance(config.get("stop_sequences"), str):
        config["stop_sequences"] = [config["stop_sequences"]]
    if params.get("tools"):
        # Calls are run by the chat, whatever their tools are.
        config["automatic_function_calling"] = {"disable": True}
        config["tools"] = [{"function_declarations": [_declaration(tool) for tool in params["tools"]]}]
    if params.get("tool_choice") is not None:
        config["tool_config"] = {"function_calling_config": _choice(params["tool_choice"])}
    if params.get("response_format") is not None:
        config["response_mime_type"] = "application/json"
        if schema := (params["response_format"].get("json_schema") or {}).get("schema"):
            config["response_json_schema"] = schema
    messages = sendable(messages)
    system = "\n\n".join(_text(message) for message in messages if message["role"] in {"system", "developer"})
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
    if isinstance(signature := call.get(SIGNATURE), str):
        part["thought_signature"] = base64.urlsafe_b64decode(signature)
    return part


def _parts(content: Any) -> list[dict[str, Any]]:
    if isinstance(content, list):
        return [converted for part in content if (converted := _part(part))]
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
    message = f"Gemini does not accept this {kind}: leave it out."
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
        message = "Gemini accepts only functions as tools, not OpenAI's built-in tools."
        raise TransportError(message)
    about = {"description": function["description"]} if function.get("description") else {}
    return {"name": function["name"], **about, "parameters_json_schema": function.get("parameters") or {}}


def _choice(choice: Any) -> dict[str, Any]:
    if isinstance(choice, str):
        return {"mode": _MODES.get(choice, choice)}
    return {"mode": "ANY", "allowed_function_names": [choice["function"]["name"]]}
