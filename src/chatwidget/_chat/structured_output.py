"""Structured output: the `response_format` of a request, and parsing of the answer."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from .._conversation.messages import CUTS, Message, Status
from .._errors import AnswerFormatError, MissingPackageError, SettingsError
from .._json import loads

_KINDS: Final = frozenset({"json_schema", "json_object", "text"})
_FENCED: Final = re.compile(r"\s*```[\w-]*\n(.*?)\n?\s*```\s*", re.DOTALL)
_EXCERPT: Final = 300
_TYPES: Final[Mapping[str, tuple[type, ...]]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}


@dataclass(frozen=True, slots=True)
class AnswerFormat:
    """A response format.

    Args:
        wire: The `response_format` parameter of the API.
        read: Parses the text of an answer. Raises ValueError if it does not fit.

    """

    wire: dict[str, Any]
    read: Callable[[str], Any]

    def parsed(self, reply: Message) -> Message:
        """Parse the text of a reply.

        Args:
            reply: The reply.

        Returns:
            The reply with the object in `parsed`; unchanged if it was stopped.

        Raises:
            AnswerFormatError: If the text does not fit the format.

        """
        if reply.status is not Status.COMPLETE:
            return reply
        try:
            return replace(reply, parsed=self.read(_unfenced(reply.text)))
        except (ValueError, RecursionError) as error:
            text = reply.text or reply.refusal
            excerpt = text if len(text) <= _EXCERPT else f"{text[:_EXCERPT]}…"
            message = f"{_reason(reply, error)}\nThe answer: {excerpt}" if text else _reason(reply, error)
            raise AnswerFormatError(message, reply) from error


def _reason(reply: Message, error: Exception) -> str:
    """Return why `reply` does not fit the format."""
    # The parser's message is of no use for an answer that is not complete.
    if reply.finish_reason in CUTS:
        return f"The answer is incomplete and does not match the requested format: {CUTS[reply.finish_reason]}"
    if reply.refusal and not reply.text:
        return "The model refused to answer in the requested format."
    if reply.tool_calls and not reply.text:
        names = ", ".join(call.name for call in reply.tool_calls)
        return f"The model called {names} instead of answering in the requested format."
    if not reply.text:
        return "The model sent only its reasoning, and no answer in the requested format. Try again."
    return f"The answer does not match the requested format: {error}"


def format_of(response_format: object) -> AnswerFormat:
    """Return the format that a `response_format` argument describes.

    Args:
        response_format: A class (a pydantic model, a dataclass, a TypedDict), a JSON schema, or the parameter of the
            API.

    Returns:
        The format.

    Raises:
        SettingsError: If `response_format` is none of these.
        MissingPackageError: If `response_format` is a class and pydantic is not installed.

    """
    if not isinstance(response_format, Mapping):
        return _of_class(response_format)
    if response_format.get("type") in _KINDS:
        wire = dict(response_format)
        schema = dict(wire.get("json_schema") or {}).get("schema") or {}
        return AnswerFormat(wire, str if wire["type"] == "text" else lambda text: _fitting(text, schema))
    if not {"type", "properties", "$ref", "anyOf"} & response_format.keys():
        message = "response_format must be a class, a JSON schema with a type, or a dict in the form that the API takes"
        raise SettingsError(message)
    schema = dict(response_format)
    return AnswerFormat(_wire(str(schema.get("title") or "answer"), schema), lambda text: _fitting(text, schema))


def _of_class(answer_class: object) -> AnswerFormat:
    try:
        import pydantic  # noqa: PLC0415 optional, and slow to import
    except ImportError as error:
        message = "a class as response_format needs the package pydantic (pip install pydantic); a JSON schema does not"
        raise MissingPackageError(message) from error
    try:
        adapter: pydantic.TypeAdapter[Any] = pydantic.TypeAdapter(answer_class)  # type: ignore[arg-type]
        schema = adapter.json_schema()
    except pydantic.PydanticUserError as error:
        message = f"response_format cannot be {answer_class!r}: {error.message}"
        raise SettingsError(message) from error
    if schema.get("type") != "object" and "$ref" not in schema:
        message = f"response_format must be a class with fields, not {answer_class!r}: the API returns only objects"
        raise SettingsError(message)
    name = getattr(answer_class, "__name__", "answer")
    return AnswerFormat(_wire(name, _strict(schema), strict=True), adapter.validate_json)


def _wire(name: str, schema: dict[str, Any], **more: Any) -> dict[str, Any]:
    name = re.sub(r"[^\w-]", "_", name, flags=re.ASCII)[:64]
    return {"type": "json_schema", "json_schema": {"name": name, "schema": schema, **more}}


def _strict(schema: Any) -> Any:
    """Return `schema` in the API's strict form: every field required, no others allowed, no defaults."""
    if isinstance(schema, list):
        return [_strict(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    strict = {key: _strict(value) for key, value in schema.items() if key != "default" or isinstance(value, dict)}
    if schema.get("type") == "object" and "properties" in schema:
        strict.update(additionalProperties=False, required=list(schema["properties"]))
    return strict


def _fitting(text: str, schema: Mapping[str, Any]) -> Any:
    value = loads(text)
    if (fault := _fault(value, schema, "it")) is not None:
        raise ValueError(fault)
    return value


def _fault(value: Any, schema: Mapping[str, Any], where: str) -> str | None:
    """Return the first violation of the common schema keywords, or None. The server must enforce all others."""
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds and not any(_is_a(value, kind) for kind in kinds):
        return f"{where} should be of type {' or '.join(kinds)}"
    if "enum" in schema and value not in schema["enum"]:
        return f"{where} should be one of {json.dumps(schema['enum'])}"
    if isinstance(value, dict):
        missing = [name for name in schema.get("required", []) if name not in value]
        if missing:
            return f"{where} lacks {', '.join(missing)}"
        known = schema.get("properties", {})
        faults = (_fault(member, known[name], f"{where}.{name}") for name, member in value.items() if name in known)
    elif isinstance(value, list):
        items = schema.get("items", {})
        faults = (_fault(item, items, f"{where}[{index}]") for index, item in enumerate(value))
    else:
        return None
    return next((fault for fault in faults if fault is not None), None)


def _is_a(value: Any, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    if kind == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, _TYPES.get(kind, (object,)))


def _unfenced(text: str) -> str:
    """Return JSON without its code fence, which models often add if they are not held to the format."""
    fenced = _FENCED.fullmatch(text)
    return fenced[1] if fenced is not None else text
