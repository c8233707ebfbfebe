"""Request bodies for Anthropic's Messages API, translated from OpenAI's terms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ..._conversation.messages import MessageDict
from ..._errors import TransportError
from ..._json import loads
from ..._text import data_url_parts
from ..sendable import sendable
from .events import THINKING

_MAX_TOKENS: Final = 8192
"""The API requires a number; every model since 2024 can produce this many tokens."""

_NAMES: Final = {"stop": "stop_sequences", "max_completion_tokens": "max_tokens"}
_CHOICES: Final = {"auto": "auto", "required": "any", "none": "none"}


def request_body(messages: list[MessageDict], model: str | None, params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the JSON body of a request, which is also the arguments of the SDK's `messages.create`.

    Args:
        messages: The conversation.
        model: The name of the model.
        params: Further parameters, under the names that they have in chat completions or at Anthropic.

    Raises:
        TransportError: A part of the conversation, or the response format, has no equivalent.

    """
    options = {_NAMES.get(name, name): value for name, value in params.items() if name != "stream_options"}
    body = {"max_tokens": _MAX_TOKENS, "model": model, **options, "stream": True}
    if isinstance(body.get("stop_sequences"), str):
        body["stop_sequences"] = [body["stop_sequences"]]
    if "tools" in body:
        body["tools"] = [_tool(tool) for tool in body["tools"]]
    if body.get("tool_choice") is not None:
        body["tool_choice"] = _choice(body["tool_choice"])
    if body.get("response_format") is not None:
        schema = (body.pop("response_format").get("json_schema") or {}).get("schema")
        if not isinstance(schema, dict):
            message = "Anthropic's models accept only a JSON schema as response_format."
            raise TransportError(message)
        body["output_config"] = {"format": {"type": "json_schema", "schema": schema}}
    messages = sendable(messages)
    system = [block for message in messages if _is_of_system(message) for block in _blocks(message.get("content"))]
    if system:
        body["system"] = system
    return {**body, "messages": _joined(message for message in messages if not _is_of_system(message))}


def _is_of_system(message: MessageDict) -> bool:
    return message["role"] in {"system", "developer"}


def _joined(messages: Iterator[MessageDict]) -> list[MessageDict]:
    """Return messages with alternating roles; tool results become one user message."""
    joined: list[MessageDict] = []
    for message in messages:
        blocks = _blocks_of(message)
        role = "assistant" if message["role"] == "assistant" else "user"
        if blocks and joined and joined[-1]["role"] == role:
            joined[-1]["content"] += blocks
        elif blocks:
            joined.append({"role": role, "content": blocks})
    return joined


def _blocks_of(message: MessageDict) -> list[dict[str, Any]]:
    if message["role"] in {"tool", "function"}:
        blocks = _blocks(message.get("content"))
        return [{"type": "tool_result", "tool_use_id": message.get("tool_call_id"), "content": blocks}]
    calls = message.get("tool_calls") or []
    return [*(message.get(THINKING) or ()), *_blocks(message.get("content")), *map(_call, calls)]


def _call(call: Mapping[str, Any]) -> dict[str, Any]:
    function = call.get("function") or {}
    arguments = loads(function.get("arguments") or "{}")
    return {"type": "tool_use", "id": call.get("id"), "name": function.get("name"), "input": arguments}


def _blocks(content: Any) -> list[dict[str, Any]]:
    """Return content as blocks, without empty texts, which the API rejects."""
    if isinstance(content, list):
        return [block for part in content if (block := _block(part))]
    return [{"type": "text", "text": content}] if content else []


def _block(part: Mapping[str, Any]) -> dict[str, Any] | None:
    kind = part.get("type")
    if kind == "text":
        return {"type": "text", "text": part["text"]} if part.get("text") else None
    inner = part.get(str(kind))
    url = str((inner.get("url") or inner.get("file_data") or "") if isinstance(inner, Mapping) else inner)
    head, data = data_url_parts(url) or ("", "")
    media = head.removesuffix(";base64")
    if head.endswith(";base64") and data and (media.startswith("image/") or media == "application/pdf"):
        source = {"type": "base64", "media_type": media, "data": data}
        return {"type": "image" if media.startswith("image/") else "document", "source": source}
    if kind == "image_url" and url.lower().startswith(("http://", "https://")):
        return {"type": "image", "source": {"type": "url", "url": url}}
    message = f"Anthropic's models accept images and PDF files, but not {media if data else kind}: leave it out."
    raise TransportError(message)


def _tool(definition: Mapping[str, Any]) -> Mapping[str, Any]:
    """Convert a function to an Anthropic tool. Anthropic's own tools are passed unchanged."""
    function = definition.get("function")
    if not isinstance(function, Mapping):
        return definition
    schema = function.get("parameters") or {"type": "object", "properties": {}}
    about = {"description": function["description"]} if function.get("description") else {}
    return {"name": function["name"], **about, "input_schema": schema}


def _choice(choice: Any) -> Any:
    if isinstance(choice, str):
        return {"type": _CHOICES.get(choice, choice)}
    name = (choice.get("function") or {}).get("name")
    return {"type": "tool", "name": name} if name else choice
