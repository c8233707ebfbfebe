"""What OpenAI's servers refuse, in their words where these are known: what fails there fails here.

The Responses API is strict with all names, items and parts. What a model refuses goes by its name; others than OpenAI's
refuse nothing.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from openai.types.responses.response_create_params import ResponseCreateParamsBase

from tests.server._encoding import dump
from tests.server._log import CHAT_PATH, RESPONSES_PATH, Received
from tests.server._replies import JSON, Reply
from tests.server._responses import can_decrypt

_EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")


def _efforts(lowest: str, highest: str, *, but: Collection[str] = ()) -> tuple[str, ...]:
    found = _EFFORTS[_EFFORTS.index(lowest) : _EFFORTS.index(highest) + 1]
    return tuple(effort for effort in found if effort not in but)


@dataclass(frozen=True)
class _Model:
    """What a model takes."""

    efforts: Sequence[str] = ()
    """None at all: it does not reason."""
    default: str = "medium"
    """The effort without a word of it."""
    tools_on_chat: Collection[str | None] = (None, *_EFFORTS)
    """The efforts with which chat completions take function tools; None stands for one that is left out."""
    has_chat: bool = True
    """False if the model is not on chat completions."""


_NO_MINIMAL = _efforts("none", "max", but=["minimal"])
_MODELS = {
    "gpt-6-astra": _Model(_efforts("low", "max"), tools_on_chat=()),
    "gpt-6.1-sol": _Model(_efforts("low", "max"), tools_on_chat=()),
    "gpt-6": _Model(_NO_MINIMAL, tools_on_chat=("none",)),
    "gpt-6.1": _Model(_NO_MINIMAL, tools_on_chat=("none",)),
    "gpt-5.6": _Model(_NO_MINIMAL, tools_on_chat=("none",)),
    "gpt-5.5": _Model(_efforts("none", "xhigh", but=["minimal"]), "none", (None, "none")),
    "gpt-5.4": _Model(_efforts("none", "xhigh", but=["minimal"]), "none", (None, "none")),
    "gpt-5.1": _Model(_efforts("none", "high", but=["minimal"]), "none"),
    "gpt-5-pro": _Model(("high",), "high", has_chat=False),
    "gpt-5.3-codex": _Model(_efforts("low", "xhigh"), has_chat=False),
    "gpt-5-codex": _Model(_efforts("low", "high"), has_chat=False),
    "gpt-5": _Model(_efforts("minimal", "high")),
    "o3-pro": _Model(_efforts("low", "high"), has_chat=False),
    "o3": _Model(_efforts("low", "high")),
    "gpt-4": _Model(),
    "gpt-4.1": _Model(),
    "gpt-4o": _Model(),
}
_PARAMETERS = frozenset(ResponseCreateParamsBase.__annotations__) | {"stream"}
_SAMPLING = ("temperature", "top_p", "top_logprobs")
_LEAST_TOKENS = 16
_PARTS = {"assistant": ("output_text", "refusal")}
_INPUT_PARTS = ("input_text", "input_image", "input_file")


def refusal(request: Received) -> Reply | None:
    """What OpenAI would refuse of a request, or first refuse; None if nothing."""
    asked = request.json or {}
    model = _model(asked.get("model", ""))
    if request.path.endswith(RESPONSES_PATH):
        return next(_check_response(asked, model, request.headers["host"]), None)
    if request.path.endswith(CHAT_PATH) and model:
        return next(_check_chat(asked, model), None)
    return None


def _refused(message: str, param: str | None = None, code: str | None = None, status: int = 400) -> Reply:
    detail = {"message": message, "type": "invalid_request_error", "param": param, "code": code}
    return Reply([dump({"error": detail})], status, JSON)


def _model(name: str) -> _Model | None:
    """The model by the longest name that begins it: dates and sizes follow behind a dash."""
    for length in sorted(map(len, _MODELS), reverse=True):
        if name[:length] in _MODELS and name[length:][:1] in ("", "-"):
            return _MODELS[name[:length]]
    return None


def _check_chat(asked: Mapping[str, Any], model: _Model) -> Iterator[Reply]:
    name, effort = asked["model"], asked.get("reasoning_effort")
    if not model.has_chat:
        text = "This model is only supported in v1/responses and not in v1/chat/completions."
        yield _refused(text, "model", status=404)
    if model.efforts and "max_tokens" in asked:
        text = (
            "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
        )
        yield _refused(text, "max_tokens", "unsupported_parameter")
    yield from _check_effort("reasoning_effort", effort, model, name, without=["max"])
    yield from _check_sampling(asked, effort, model)
    if asked.get("tools") and effort not in model.tools_on_chat:
        text = (
            f"Function tools with reasoning_effort are not supported for {name} in /v1/chat/completions. "
            "To use function tools, use /v1/responses or set reasoning_effort to 'none'."
        )
        yield _refused(text, "reasoning_effort")


def _check_response(asked: Mapping[str, Any], model: _Model | None, host: str) -> Iterator[Reply]:
    for name in asked:
        if name not in _PARAMETERS:
            yield _refused(f"Unknown parameter: '{name}'.", name, "unknown_parameter")
    for name in ("model", "input"):
        if name not in asked:
            yield _refused(f"Missing required parameter: '{name}'.", name, "missing_required_parameter")
    if (most := asked.get("max_output_tokens")) is not None and most < _LEAST_TOKENS:
        text = (
            "Invalid 'max_output_tokens': integer below minimum value. "
            f"Expected a value >= {_LEAST_TOKENS}, but got {most} instead."
        )
        yield _refused(text, "max_output_tokens", "integer_below_min_value")
    for index, tool in enumerate(asked.get("tools") or ()):
        if tool.get("type") == "function" and "name" not in tool:
            param = f"tools[{index}].name"
            yield _refused(f"Missing required parameter: '{param}'.", param, "missing_required_parameter")
    if not isinstance(asked["input"], str):
        yield from _check_items(asked["input"], is_stored=asked.get("store", True), host=host)
    if model:
        yield from _check_reasoning(asked, model)


def _check_reasoning(asked: Mapping[str, Any], model: _Model) -> Iterator[Reply]:
    reasoning = asked.get("reasoning") or {}
    effort = reasoning.get("effort")
    if reasoning and not model.efforts:
        param = f"reasoning.{next(iter(reasoning))}"
        text = f"Unsupported parameter: '{param}' is not supported with this model."
        yield _refused(text, param, "unsupported_parameter")
    if "verbosity" in (asked.get("text") or {}) and not model.efforts:
        text = "Unsupported parameter: 'text.verbosity' is not supported with this model."
        yield _refused(text, "text.verbosity", "unsupported_parameter")
    yield from _check_effort("reasoning.effort", effort, model, asked["model"])
    yield from _check_sampling(asked, effort, model)


def _check_effort(
    param: str, effort: str | None, model: _Model, name: str, without: Collection[str] = ()
) -> Iterator[Reply]:
    taken = [each for each in model.efforts if each not in without]
    if effort is None or effort in taken:
        return
    if not taken:
        yield _refused(f"Unrecognized request argument supplied: {param}", param)
    listed = ", ".join(f"'{each}'" for each in taken[:-1])
    listed = f"{listed}, and '{taken[-1]}'" if listed else f"'{taken[-1]}'"
    text = f"Unsupported value: '{effort}' is not supported with the '{name}' model. Supported values are: {listed}."
    yield _refused(text, param, "unsupported_value")


def _check_sampling(asked: Mapping[str, Any], effort: str | None, model: _Model) -> Iterator[Reply]:
    if not model.efforts or (effort or model.default) == "none":
        return
    for name in _SAMPLING:
        if asked.get(name) is not None:
            text = f"Unsupported parameter: '{name}' is not supported with this model."
            yield _refused(text, name, "unsupported_parameter")


def _check_items(items: Sequence[Mapping[str, Any]], *, is_stored: bool, host: str) -> Iterator[Reply]:
    calls = set(_call_ids(items, "call"))
    outputs = set(_call_ids(items, "call_output"))
    for index, item in enumerate(items):
        kind = item.get("type", "message")
        if kind == "message":
            yield from _check_parts(item, f"input[{index}].content")
        elif kind == "reasoning":
            following = items[index + 1] if index + 1 < len(items) else None
            yield from _check_reasoning_item(item, following, is_stored=is_stored, host=host)
            continue
        elif kind.endswith("call_output") and item["call_id"] not in calls:
            text = f"No tool call found for function call output with call_id {item['call_id']}."
            yield _refused(text, "input")
        elif kind in ("function_call", "custom_tool_call") and item["call_id"] not in outputs:
            yield _refused(f"No tool output found for function call {item['call_id']}.", "input")
        if "id" in item and not is_stored:
            yield _not_found(item["id"])


def _call_ids(items: Sequence[Mapping[str, Any]], suffix: str) -> Iterator[str]:
    return (item["call_id"] for item in items if item.get("type", "").endswith(suffix) and "call_id" in item)


def _check_parts(message: Mapping[str, Any], param: str) -> Iterator[Reply]:
    role, content = message.get("role"), message.get("content")
    if role not in ("assistant", "system", "developer", "user"):
        listed = "Supported values are: 'assistant', 'system', 'developer', and 'user'."
        at = param.replace("content", "role")
        yield _refused(f"Invalid value: '{role}'. {listed}", at, "invalid_value")
    if isinstance(content, str):
        return
    taken = _PARTS.get(role, _INPUT_PARTS)
    for index, part in enumerate(content or ()):
        at = f"{param}[{index}]"
        if part.get("type") not in taken:
            listed = " and ".join(f"'{each}'" for each in taken)
            text = f"Invalid value: '{part.get('type')}'. Supported values are: {listed}."
            yield _refused(text, f"{at}.type", "invalid_value")
        if part["type"] == "input_image" and not isinstance(part.get("image_url", ""), str):
            text = f"Invalid type for '{at}.image_url': expected an image URL, but got an object instead."
            yield _refused(text, f"{at}.image_url", "invalid_type")


def _check_reasoning_item(
    item: Mapping[str, Any], following: Mapping[str, Any] | None, *, is_stored: bool, host: str
) -> Iterator[Reply]:
    content = item.get("encrypted_content")
    if content is None:
        if not is_stored:
            yield _not_found(item.get("id", ""))
    elif not can_decrypt(content, host):
        text = (
            "The encrypted content could not be verified. Reason: Encrypted content could not be decrypted or parsed."
        )
        yield _refused(text, code="invalid_encrypted_content")
    if following is None or following.get("role") in ("user", "system", "developer"):
        text = f"Item '{item.get('id')}' of type 'reasoning' was provided without its required following item."
        yield _refused(text, "input")


def _not_found(item_id: str) -> Reply:
    text = (
        f"Item with id '{item_id}' not found. Items are not persisted when `store` is set to false. "
        "Try again with `store` set to true, or remove this item from your input."
    )
    return _refused(text, "input", status=404)
