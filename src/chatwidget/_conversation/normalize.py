"""Conversion of messages from any source to plain dicts that the SDK accepts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeGuard

from .._errors import ConversationError
from .._json import MAX_DEPTH, loads
from .._text import clean_text
from .messages import Message, MessageDict

ROLES: Final = frozenset({"system", "developer", "user", "assistant", "tool", "function"})


MESSAGE_DEPTH: Final = MAX_DEPTH - 20
"""Levels of nesting allowed in one message; lists of messages and files add a few around it."""


def message_dict(value: object, where: str = "message") -> MessageDict:
    """Return a copy of `value` as a plain OpenAI message dict.

    Args:
        value: A mapping, an SDK object with `model_dump`, or a `Message`.
        where: The name of the message in errors.

    Returns:
        The copy. Lone surrogates are replaced by U+FFFD; everything else is unchanged.

    Raises:
        ConversationError: The SDK would not accept the message.

    """
    if isinstance(value, Message):
        value = value.data
    elif hasattr(value, "model_dump"):
        value = value.model_dump(mode="json", exclude_unset=True)
    if not isinstance(value, Mapping):
        message = f"{where} must be a dict with a role and content, not {type(value).__name__}"
        raise ConversationError(message)
    data = plain_json(dict(value), where, MESSAGE_DEPTH)
    check_message(data, where)
    return data  # type: ignore[no-any-return]


def message_dicts(values: object) -> list[MessageDict]:
    """Return copies of `values` as plain OpenAI message dicts.

    Args:
        values: An iterable of messages as `message_dict` accepts them.

    Raises:
        ConversationError: The SDK would not accept one of them, or `values` is not a list of messages.

    """
    if isinstance(values, str | bytes | Mapping) or not isinstance(values, Iterable):
        message = f"messages must be a list of message dicts, not {type(values).__name__}"
        raise ConversationError(message)
    return [message_dict(value, f"messages[{index}]") for index, value in enumerate(values)]


def plain_json(value: object, where: str, max_depth: int = MAX_DEPTH) -> Any:
    """Return a deep copy of `value` that consists of plain JSON types, without lone surrogates.

    Args:
        value: The value to copy; iterables become lists, and SDK objects with `model_dump` become dicts.
        where: The name of the value in errors.
        max_depth: Levels of nesting allowed.

    Raises:
        ConversationError: JSON cannot represent the value.

    """
    if isinstance(value, dict) and all(type(text) is str for item in value.items() for text in item):
        # Most messages take this path, and there may be thousands.
        return _clean(value)
    try:
        text = json.dumps(value, ensure_ascii=True, allow_nan=False, default=_iterable_as_list)
        # Only text can contain a surrogate, and ASCII JSON always writes one as \ud8.. to \udf..
        plain = loads(text, max_depth)
        return _clean(plain) if "\\ud" in text else plain
    except (TypeError, ValueError, RecursionError) as error:
        message = f"{where} contains a value that cannot be sent as JSON: {error}"
        raise ConversationError(message) from error


def plain_json_of(text: str | bytes, max_depth: int = MAX_DEPTH) -> Any:
    """Parse JSON text into the value that `plain_json` would return.

    Args:
        text: JSON text; bytes in UTF-8, UTF-16 or UTF-32.
        max_depth: Levels of nesting allowed.

    Raises:
        ValueError: The text is not JSON, or is nested too deeply.

    """
    return _clean(loads(text, max_depth, is_strict=True))


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return value if value.isascii() else clean_text(value)
    if isinstance(value, list):
        return [_clean(item) for item in value]
    if isinstance(value, dict):
        return {key if key.isascii() else clean_text(key): _clean(item) for key, item in value.items()}
    return value


def _iterable_as_list(value: object) -> list[Any]:
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json", exclude_unset=True)  # type: ignore[no-any-return]
    if isinstance(value, Mapping):
        return dict(value)  # type: ignore[return-value]
    if isinstance(value, Iterable) and not isinstance(value, bytes | bytearray):
        return list(value)
    message = f"{type(value).__name__} is not JSON"
    raise TypeError(message)


def check_message(data: MessageDict, where: str) -> None:
    """Check that the SDK would accept a plain dict as a message.

    Args:
        data: The message.
        where: The name of the message in errors.

    Raises:
        ConversationError: The SDK would not accept it.

    """
    role = data.get("role")
    if not isinstance(role, str) or role not in ROLES:
        message = f"{where}: role must be one of {', '.join(sorted(ROLES))}, not {role!r}"
        raise ConversationError(message)
    content = data.get("content")
    if not (content is None or isinstance(content, str) or _are_parts(content)):
        message = f"{where}: content must be text or a list of content parts, each a dict with a type"
        raise ConversationError(message)
    calls = data.get("tool_calls")
    if calls and not _are_calls(calls):
        message = f"{where}: tool_calls must be a list of dicts, each with a function that is a dict"
        raise ConversationError(message)
    if not isinstance(data.get("function_call") or {}, dict):
        message = f"{where}: function_call must be a dict"
        raise ConversationError(message)
    if role in {"user", "system", "developer"} and content is None:
        message = f"{where}: a {role} message needs content"
        raise ConversationError(message)


def _are_parts(value: object) -> bool:
    return _are_dicts(value) and all(isinstance(part.get("type"), str) for part in value)


def _are_calls(value: object) -> bool:
    return _are_dicts(value) and all(
        isinstance(call.get(key) or {}, dict) for call in value for key in ("function", "custom")
    )


def _are_dicts(value: object) -> TypeGuard[list[dict[str, Any]]]:
    return isinstance(value, list) and all(isinstance(item, dict) for item in value)
