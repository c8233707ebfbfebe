"""Conversations as versioned JSON: saved completely, read strictly, with unknown keys kept.

    {"format": "chatwidget.conversation", "version": 1, "active": ID or null,
     "messages": [{"id", "parent": ID or null, "active": ID or null, "message": {OpenAI dict},
                   "reasoning", "status", "finish_reason", "usage", "model", "error", "error_code", "timings",
                   "left_out", "reasoning_form", "sender", "sound", "citations", "log"}, ...]}

Every message comes after its parent. `active` names the child that is shown. Keys with default values are omitted.
The file contains no key and no server address.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import partial
from typing import Any, Final, NamedTuple, TypeAlias

from .._errors import ConversationError
from .messages import Citation, LeftOut, Message, Status, Timings, Usage
from .normalize import MESSAGE_DEPTH, check_message, plain_json, plain_json_of
from .tree import Conversation, Node

FORMAT: Final = "chatwidget.conversation"
VERSION: Final = 1

# The file, its list, and the entry around a message.
_DEPTH: Final = MESSAGE_DEPTH + 3
_FILE_KEYS = frozenset({"format", "version", "active", "messages"})
_TREE_KEYS = frozenset({"id", "parent", "active", "message"})
_TEXT_KEYS = ("reasoning", "finish_reason", "model", "error", "error_code", "sender", "sound", "log")
_NESTED: Final = {key: frozenset(kind.__dataclass_fields__) for key, kind in (("usage", Usage), ("timings", Timings))}
_KEYS = _TREE_KEYS | set(_TEXT_KEYS) | {"status", "left_out", "reasoning_form", "citations"} | set(_NESTED)
# A reply that was saved while streaming will never be completed.
_STATUSES: Final = {str(status): status if status.is_final else Status.INTERRUPTED for status in Status}

_Record: TypeAlias = tuple[Message, str | None, str | None, dict[str, Any] | None]
"""A message, its parent, its active child, and the unknown keys that a later version wrote."""


class ConversationSnapshot(NamedTuple):
    """A conversation as it was at one moment.

    It is quick to take; turning it into JSON can be done elsewhere.
    """

    head: dict[str, Any]
    records: list[_Record]

    def to_dict(self) -> dict[str, Any]:
        """Return the whole tree as plain JSON values."""
        return {**self.head, "messages": [_entry(record) for record in self.records]}

    def to_text(self) -> str:
        """Return the whole tree as JSON text with one message per line."""
        head = json.dumps(self.head, allow_nan=False)[:-1]
        lines = ",\n".join(json.dumps(_entry(record), allow_nan=False) for record in self.records)
        return f'{head}, "messages": [\n{lines}\n]}}\n'


def take_snapshot(conversation: Conversation) -> ConversationSnapshot:
    """Return a snapshot of the conversation as it is now.

    Args:
        conversation: The conversation; a reply may be streaming.

    """
    head = {"format": FORMAT, "version": VERSION, **conversation.extra, "active": _id(conversation.root.active)}
    nodes = conversation.nodes()
    return ConversationSnapshot(
        head, [(node.value(), _id(node.parent), _id(node.active), node.extra) for node in nodes]
    )


def to_json(conversation: Conversation, *, indent: int | None = None) -> str:
    """Return the whole tree as JSON text.

    Args:
        conversation: The conversation to serialize.
        indent: Spaces per level, as in `json.dumps`; None for a single line.

    Returns:
        ASCII text, which is valid in any encoding.

    Example:
        >>> conversation = Conversation([{"role": "user", "content": "Hello"}])
        >>> text = to_json(conversation)
        >>> from_json(text).messages == conversation.messages
        True

    """
    return json.dumps(to_dict(conversation), indent=indent, allow_nan=False)


def to_dict(conversation: Conversation) -> dict[str, Any]:
    """Return the whole tree as plain JSON values.

    Args:
        conversation: The conversation to serialize.

    """
    return take_snapshot(conversation).to_dict()


def from_json(text: str | bytes) -> Conversation:
    """Parse a conversation from the output of `to_json`.

    Args:
        text: JSON text; bytes in UTF-8, UTF-16 or UTF-32.

    Returns:
        A new conversation. A reply that was saved while streaming becomes `interrupted`.

    Raises:
        ConversationError: The text is not a valid conversation; the message says why.

    Example:
        >>> from_json(to_json(chat.conversation)).messages == chat.messages
        True

    """
    try:
        value = plain_json_of(text, _DEPTH)
    except (ValueError, TypeError) as error:
        message = f"this is not a conversation file: it is not JSON ({error})"
        raise ConversationError(message) from error
    return _from_plain(value)


def from_dict(value: object) -> Conversation:
    """Build a conversation from the output of `to_dict`.

    Args:
        value: The dict that `to_dict` returned.

    Returns:
        A new conversation. A reply that was saved while streaming becomes `interrupted`.

    Raises:
        ConversationError: The value is not a valid conversation; the message says why.

    """
    return _from_plain(plain_json(value, "the conversation", _DEPTH))


def _from_plain(value: object) -> Conversation:
    value = _mapping(value, "the conversation")
    if value.get("format") != FORMAT:
        message = f'this is not a conversation file: its "format" is not "{FORMAT}"'
        raise ConversationError(message)
    version = value.get("version")
    if version != VERSION:
        message = (
            f"this file has format version {version!r}, but this release reads only {VERSION}; "
            "a newer release may read it: pip install -U chatwidget"
        )
        raise ConversationError(message)
    entries = value.get("messages")
    if not isinstance(entries, list):
        message = "messages must be a list"
        raise ConversationError(message)
    return _build(entries, value.get("active"), _unknown(value, _FILE_KEYS))


def _entry(record: _Record) -> dict[str, Any]:
    message, parent, active, extra = record
    entry: dict[str, Any] = {"id": message.id, "parent": parent, "active": active}
    entry["message"] = message.data
    entry["status"] = str(message.status)
    entry |= {key: value for key in _TEXT_KEYS if (value := getattr(message, key))}
    if message.usage is not None:
        entry["usage"] = asdict(message.usage)
    if message.left_out is not None:
        entry["left_out"] = {name: value for name, value in asdict(message.left_out).items() if value is not None}
    if message.reasoning_form is not None:
        entry["reasoning_form"] = message.reasoning_form
    if message.citations:
        entry["citations"] = [asdict(citation) for citation in message.citations]
    if message.timings != Timings() or "timings" in (extra or {}):
        entry["timings"] = asdict(message.timings)
        if message.timings.reasoning is None:
            del entry["timings"]["reasoning"]
    for key, value in (extra or {}).items():
        entry[key] = {**entry[key], **value} if key in _NESTED else value
    return entry


def _id(node: Node | None) -> str | None:
    return node.id or None if node is not None else None


def _build(entries: list[Any], active: object, extra: dict[str, Any]) -> Conversation:
    root = Node("", None, [])
    nodes: dict[str, Node] = {}
    actives: list[tuple[Node, object]] = [(root, active)]
    for index, raw in enumerate(entries):
        where = f"messages[{index}]"
        entry = _mapping(raw, where)
        node = _node(entry, where, root, nodes)
        if (child := entry.get("active")) is not None:
            actives.append((node, child))
    for node, child_id in actives:
        _activate(node, child_id, nodes)
    return Conversation.from_tree(root, nodes, extra)


def _node(entry: Mapping[str, Any], where: str, root: Node, nodes: dict[str, Node]) -> Node:
    message_id, parent_id = entry.get("id"), entry.get("parent")
    if not isinstance(message_id, str) or not message_id or message_id in nodes:
        message = f"{where}: id must be non-empty text that no other message has, not {message_id!r}"
        raise ConversationError(message)
    if parent_id is not None and (not isinstance(parent_id, str) or parent_id not in nodes):
        message = f"{where}: its parent {parent_id!r} does not come before it"
        raise ConversationError(message)
    parent = root if parent_id is None else nodes[parent_id]
    node = Node(message_id, parent, [], message=_message(entry, message_id, where))
    node.extra = _unknown_of_message(entry)
    parent.children.append(node)
    nodes[message_id] = node
    return node


def _unknown(entry: Mapping[str, Any], known: frozenset[str]) -> dict[str, Any]:
    return {} if known.issuperset(entry) else {key: value for key, value in entry.items() if key not in known}


def _unknown_of_message(entry: Mapping[str, Any]) -> dict[str, Any] | None:
    extra = _unknown(entry, _KEYS)
    for key, known in _NESTED.items():
        if (nested := entry.get(key)) and (rest := _unknown(nested, known)):
            extra[key] = rest
    return extra or None


def _activate(node: Node, child_id: object, nodes: dict[str, Node]) -> None:
    if child_id is None:
        return
    child = nodes.get(child_id) if isinstance(child_id, str) else None
    if child is None or child.parent is not node:
        message = f"the active message {child_id!r} does not follow {node.id or 'the start'!r}"
        raise ConversationError(message)
    node.active = child


def _message(entry: Mapping[str, Any], message_id: str, where: str) -> Message:
    data = entry.get("message")
    if not isinstance(data, dict):
        message = f"{where}: message must be a dict with a role and content, not {type(data).__name__}"
        raise ConversationError(message)
    check_message(data, f"{where}: message")
    # A file may have thousands of messages, most with few keys besides their content.
    fields = {
        key: _READERS[key](value, f"{where}: {key}")
        for key, value in entry.items()
        if key in _READERS and (value is not None or key == "status")
    }
    return Message(message_id, data, **fields)


def _status(value: object, where: str) -> Status:
    status = _STATUSES.get(value) if isinstance(value, str) else None
    if status is None:
        message = f"{where} must be one of {', '.join(Status)}, not {value!r}"
        raise ConversationError(message)
    return status


def _text(value: object, where: str) -> str | None:
    if value is None or isinstance(value, str):
        return value
    message = f"{where} must be text, not {type(value).__name__}"
    raise ConversationError(message)


def _left_out(value: object, where: str) -> LeftOut:
    left_out = _mapping(value, where)
    summary = _text(left_out.get("summary"), f"{where}.summary")
    usage = left_out.get("usage")
    usage = None if usage is None else _numbers(Usage, int, usage, f"{where}.usage")
    return LeftOut(_number(left_out.get("count"), int, f"{where}.count") or 0, summary, usage)


def _reasoning_form(value: object, where: str) -> dict[str, Any]:
    form = dict(_mapping(value, where))
    for key, blocks in form.items():
        if blocks is not None and not (isinstance(blocks, list) and all(isinstance(block, dict) for block in blocks)):
            message = f"{where}.{key} must be a list of JSON objects or null"
            raise ConversationError(message)
    return form


def _citations(value: object, where: str) -> tuple[Citation, ...]:
    if not isinstance(value, list):
        message = f"{where} must be a list, not {type(value).__name__}"
        raise ConversationError(message)
    return tuple(_citation(_mapping(citation, where), where) for citation in value)


def _citation(citation: Mapping[str, Any], where: str) -> Citation:
    return Citation(*(_text(citation.get(key), f"{where}.{key}") or "" for key in ("url", "title")))


def _numbers(kind: type[Any], numeric: type[int | float], value: object, where: str) -> Any:
    numbers = _mapping(value, where)
    return kind(**{name: _number(numbers.get(name), numeric, f"{where}.{name}") for name in kind.__dataclass_fields__})


def _number(value: Any, numeric: type[int | float], where: str) -> Any:
    if value is None or (isinstance(value, int | numeric) and not isinstance(value, bool) and value >= 0):
        return value
    wanted = "a whole number" if numeric is int else "a number"
    message = f"{where} must be {wanted} of at least 0, not {value!r}"
    raise ConversationError(message)


def _mapping(value: object, where: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        message = f"{where} must be a JSON object, not {type(value).__name__}"
        raise ConversationError(message)
    return value


_READERS: Final[Mapping[str, Callable[[Any, str], Any]]] = {
    **dict.fromkeys(_TEXT_KEYS, _text),
    "status": _status,
    "usage": partial(_numbers, Usage, int),
    "timings": partial(_numbers, Timings, float),
    "left_out": _left_out,
    "reasoning_form": _reasoning_form,
    "citations": _citations,
}
"""The reader for each entry key that becomes a field of the message."""
