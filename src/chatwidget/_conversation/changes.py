"""The changes that a conversation reports to its listeners, one class for each kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from .messages import Delta, ToolCall, ToolCallDelta, without_image_data


@dataclass(frozen=True, slots=True)
class Added:
    """The message `id` now ends the active path."""

    id: str


@dataclass(frozen=True, slots=True)
class Appended:
    """Text was appended to a field of message `id`, at `offset` in UTF-16 code units.

    `field` is `content`, `reasoning`, `refusal`, or `arguments` of tool call number `call`.
    """

    id: str
    field: str
    offset: int
    text: str
    call: int | None = None


@dataclass(frozen=True, slots=True)
class Replaced:
    """Fields of message `id`, such as `content`, were replaced rather than appended to."""

    id: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Called:
    """Tool call number `call` of message `id` is new or changed other than by appending: it is now `value`."""

    id: str
    call: int
    value: ToolCall
    is_whole: bool = False
    """True if its arguments were replaced, too."""


@dataclass(frozen=True, slots=True)
class Updated:
    """Something besides the content of message `id` changed: status, usage, error, timings, model, versions."""

    id: str


@dataclass(frozen=True, slots=True)
class Cut:
    """The active path was cut to its first `length` messages."""

    length: int


@dataclass(frozen=True, slots=True)
class MessagesChanged:
    """The value of `messages` has changed; reported once, after the changes that led to it."""


Change: TypeAlias = Added | Appended | Replaced | Called | Updated | Cut | MessagesChanged


def delta_in(change: Change) -> Delta | None:
    """Return the delta that a change adds to an answer.

    Args:
        change: The change.

    Returns:
        The delta, or None if the change adds nothing.

    """
    match change:
        case Appended(field="arguments", text=text, call=call):
            return Delta(tool_calls=(ToolCallDelta(call or 0, arguments=text),))
        case Appended(field=field, text=text):
            return replace(Delta(), **{field: text})  # type: ignore[arg-type]
        case Called(call=call, value=value, is_whole=is_whole):
            arguments = value.arguments if is_whole else ""
            return Delta(tool_calls=(ToolCallDelta(call, value.id, value.name, arguments, is_whole=is_whole),))
    return None


def readable(delta: Delta) -> Delta:
    """Return a delta with embedded images named, as users print it.

    Args:
        delta: The delta. An image is always whole in one.

    """
    content = without_image_data(delta.content)
    return delta if content == delta.content else replace(delta, content=content)
