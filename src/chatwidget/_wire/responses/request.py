"""Request bodies for OpenAI's Responses API, translated from the terms of chat completions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ..._conversation.messages import MessageDict, ToolCall, without_image_data
from ..._errors import TransportError
from ..sendable import with_results
from .items import CALLS
from .kept import answer_items

NAMES: Final = {
    "max_tokens": "max_output_tokens",
    "max_completion_tokens": "max_output_tokens",
    "reasoning_effort": "reasoning.effort",
    "reasoning_summary": "reasoning.summary",
    "verbosity": "text.verbosity",
    "response_format": "text.format",
}
"""The names here of parameters that have another one in chat completions. A dot leads into an object."""

_LEAST_TOKENS: Final = 16
"""OpenAI refuses a lower limit for the answer."""
_LOGPROBS: Final = "message.output_text.logprobs"
_OUTPUTS: Final = {"function_call": "function_call_output", "custom_tool_call": "custom_tool_call_output"}
_FILE_KEYS: Final = ("filename", "file_data", "file_id", "file_url")


def request_body(messages: list[MessageDict], model: str | None, params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the JSON body of a request for a streamed answer.

    Args:
        messages: The conversation.
        model: The name of the model.
        params: Further parameters, under the names that they have in chat completions or here. Those that neither has
            are passed unchanged.

    Raises:
        TransportError: A part of the conversation has no equivalent.

    """
    body: dict[str, Any] = {"model": model, "input": list(_items(with_results(messages))), "stream": True}
    for name, value in params.items():
        match name:
            case "tools":
                body[name] = [_tool(tool) for tool in value]
            case "tool_choice":
                body[name] = _choice(value)
            case "response_format":
                _put(body, NAMES[name], _flat(value, "json_schema"))
            case "max_tokens" | "max_completion_tokens":
                _put(body, NAMES[name], max(value, _LEAST_TOKENS) if isinstance(value, int) else value)
            case "include":
                body[name] = [*body.get(name, ()), *(value or ())]
            case "logprobs":
                body["include"] = [*body.get("include", ()), *([_LOGPROBS] if value else ())]
            case "stream_options":
                # Usage is always told.
                options = {key: option for key, option in (value or {}).items() if key != "include_usage"}
                body |= {name: options} if options else {}
            case _:
                _put(body, NAMES.get(name, name), value)
    return body


def _put(body: dict[str, Any], name: str, value: Any) -> None:
    """Set a parameter. Both its object and parts of it may be given."""
    outer, dot, inner = name.partition(".")
    if dot:
        body[outer] = {**(body.get(outer) or {}), inner: value}
    elif isinstance(value, Mapping) and isinstance(body.get(name), Mapping):
        body[name] = {**body[name], **value}
    else:
        body[name] = value


def _items(messages: list[MessageDict]) -> Iterator[dict[str, Any]]:
    kinds: dict[Any, str] = {}
    """The kind of each call, by its id."""
    unnamed = ""
    for message in messages:
        content = message.get("content")
        match message["role"]:
            case "assistant":
                calls = [_call(call) for call in message.get("tool_calls") or ()]
                if legacy := message.get("function_call"):
                    unnamed = f"call_{len(kinds)}"
                    calls.append(_call({"id": unnamed, "function": legacy}))
                kinds |= {call["call_id"]: call["type"] for call in calls}
                yield from answer_items(message, _answer(message), calls)
            case "tool" | "function":
                call_id = message.get("tool_call_id") or unnamed
                kind = _OUTPUTS[kinds.get(call_id, "function_call")]
                yield {"type": kind, "call_id": call_id, "output": _content(content)}
            case role:
                yield {"type": "message", "role": role, "content": _content(content)}


def _call(data: Mapping[str, Any]) -> dict[str, Any]:
    call = ToolCall.from_openai(data)
    kind = "custom_tool_call" if call.type == "custom" else "function_call"
    return {"type": kind, "call_id": call.id, "name": call.name, CALLS[kind]: call.arguments}


def _answer(message: MessageDict) -> Any:
    """Return the content of an answer. Images in it, which are sent after it, are named."""
    content, refusal = message.get("content") or "", message.get("refusal")
    if isinstance(content, str):
        content = without_image_data(content)
        if not refusal:
            return content
        content = [{"type": "text", "text": content}] if content else []
    refused = [{"type": "refusal", "refusal": refusal}] if refusal else []
    return [_answer_part(part) for part in (*content, *refused)]


def _answer_part(part: Mapping[str, Any]) -> dict[str, Any]:
    match part.get("type"):
        case "text":
            return {"type": "output_text", "text": part.get("text") or "", "annotations": []}
        case "image_url":
            return {"type": "output_text", "text": f"[image: {part.get('alt') or 'image'}]", "annotations": []}
    return dict(part)


def _content(content: Any) -> Any:
    """Return the content of a question or a result: text, or parts without empty texts."""
    if not isinstance(content, list):
        return content or ""
    return [_part(part) for part in content if part.get("type") != "text" or part.get("text")] or ""


def _part(part: Mapping[str, Any]) -> dict[str, Any]:
    match part.get("type"):
        case "text":
            return {"type": "input_text", "text": part["text"]}
        case "image_url":
            image = part.get("image_url")
            image = image if isinstance(image, Mapping) else {"url": image}
            detail = {"detail": image["detail"]} if image.get("detail") else {}
            return {"type": "input_image", "image_url": image.get("url"), **detail}
        case "file":
            file = part.get("file") or {}
            return {"type": "input_file", **{key: file[key] for key in _FILE_KEYS if file.get(key)}}
        case "input_audio":
            message = "The Responses API accepts no sound: leave it out, or ask a model through chat completions."
            raise TransportError(message)
    return dict(part)


def _tool(definition: Any) -> dict[str, Any]:
    """Return a tool in the flat form."""
    if isinstance(definition, str):
        definition = {"type": definition}
    kind = definition.get("type")
    tool: dict[str, Any] = _flat(definition, kind)
    if kind == "function":
        # Without it the server makes all parameters required, where it can.
        tool.setdefault("strict", False)
        tool.setdefault("parameters", {"type": "object", "properties": {}})
    elif kind == "custom" and isinstance(tool.get("format"), Mapping):
        tool["format"] = _flat(tool["format"], "grammar")
    elif kind == "code_interpreter":
        tool.setdefault("container", {"type": "auto"})
    return tool


def _choice(choice: Any) -> Any:
    choice = _flat(choice, choice.get("type")) if isinstance(choice, Mapping) else choice
    if isinstance(choice, dict) and isinstance(choice.get("tools"), list):
        choice["tools"] = [_flat(tool, tool.get("type")) for tool in choice["tools"]]
    return choice


def _flat(value: Any, key: Any) -> Any:
    """Return a mapping with the entries of the one under `key` in its place; any other value as it is."""
    inner = value.get(key) if isinstance(value, Mapping) else None
    if not isinstance(inner, Mapping):
        return dict(value) if isinstance(value, Mapping) else value
    return {**{name: value[name] for name in value if name != key}, **inner}
