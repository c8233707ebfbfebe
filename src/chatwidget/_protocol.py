"""What kernel and view say to each other: built and parsed here, mirrored in `js/src/protocol.js`.

Lengths and offsets of text are in UTF-16 code units, which is what JavaScript counts. The fixtures in
`tests/wire/` are read by the tests of both sides.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, TypeAlias

from ._changes import Added, Appended, Called, Change, Cut, Updated
from ._conversation import Conversation
from ._messages import Message, ToolCall, clean_text
from ._secrets import Secret

VERSION: Final = 1

MAX_TEXT_BYTES: Final = 8 * 1024 * 1024
"""A longer message would close the browser's websocket (10 MiB) before it arrived."""

_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")

Op: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Submit:
    """Ask `text`; `id`, made by the view, tells a repeated message from a second one."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Stop:
    """End the running turn."""


@dataclass(frozen=True, slots=True)
class Retry:
    """Ask for another answer to the last question."""


@dataclass(frozen=True, slots=True)
class Connect:
    """Use this server, or the demo model."""

    demo: bool = False
    base_url: str = ""
    model: str = ""
    key: Secret | None = None


@dataclass(frozen=True, slots=True)
class Resync:
    """Send a snapshot, unless `rev` is the current one."""

    rev: int


Command: TypeAlias = Submit | Stop | Retry | Connect | Resync


def parse(content: object) -> Command:
    """The command in a message from a view. Raises ValueError, without its content, when it is none."""
    if not isinstance(content, Mapping):
        message = "a message from the view must be an object"
        raise ValueError(message)  # noqa: TRY004 one kind of error for all that is wrong
    kind = content.get("type")
    parser = _PARSERS.get(kind) if isinstance(kind, str) else None
    if parser is None:
        message = f"unknown message type {str(kind)[:40]!r}"
        raise ValueError(message)
    return parser(content)


def op_for(change: Change, conversation: Conversation) -> Op | None:  # noqa: PLR0911 one for each kind of change
    """The operation that makes `change` in a view; None where a view has nothing to do."""
    if isinstance(change, Appended | Called | Updated) and not conversation.shows(change.id):
        return None
    match change:
        case Added(message_id):
            return {"op": "add", "message": view_message(conversation, conversation[message_id])}
        case Appended(message_id, field, offset, text, call):
            where = {"call": call} if call is not None else {}
            return {"op": "text", "id": message_id, "field": field, **where, "offset": offset, "text": text}
        case Called(message_id, call, value):
            return {"op": "call", "id": message_id, "call": call, "value": _call(value)}
        case Updated(message_id):
            values = _beside(conversation, conversation[message_id])
            return {"op": "set", "id": message_id, "values": values}
        case Cut(length):
            return {"op": "cut", "length": length}
    return None


def view_message(conversation: Conversation, message: Message) -> dict[str, Any]:
    """A message as views know it."""
    shown = {
        "id": message.id,
        "role": message.role,
        "content": message.content,
        "reasoning": message.reasoning,
        "refusal": message.refusal,
        "tool_calls": [_call(call) for call in message.tool_calls],
        **_beside(conversation, message),
    }
    if message.role == "tool":
        shown["tool_call_id"] = str(message.data.get("tool_call_id") or "")
    return shown


def snapshot(conversation: Conversation, state: Mapping[str, Any], rev: int, channel: str) -> dict[str, Any]:
    """All that a view shows."""
    return {
        "version": VERSION,
        "rev": rev,
        "channel": channel,
        "messages": [view_message(conversation, message) for message in conversation],
        "state": dict(state),
    }


class PatchBuffer:
    """Operations that wait to be sent, text that belongs together joined."""

    def __init__(self) -> None:
        self._ops: list[Op] = []
        self._pieces: list[str] = []

    def add(self, op: Op) -> None:
        """Add an operation after those already here."""
        if op["op"] == "text":
            if self._ops and _continues(self._ops[-1], op):
                self._pieces.append(op["text"])
                return
            self._join()
            self._pieces = [op["text"]]
        elif op["op"] == "state" and self._ops and self._ops[-1]["op"] == "state":
            self._ops[-1]["values"].update(op["values"])
            return
        else:
            self._join()
        self._ops.append(op)

    def take(self) -> list[Op]:
        """All operations, in order; none stay."""
        self._join()
        ops, self._ops = self._ops, []
        return ops

    def _join(self) -> None:
        if self._pieces:
            self._ops[-1]["text"] = "".join(self._pieces)
            self._pieces = []


def _continues(last: Op, op: Op) -> bool:
    return all(last.get(key) == op.get(key) for key in ("op", "id", "field", "call"))


def _beside(conversation: Conversation, message: Message) -> dict[str, Any]:
    """What stands beside a message's content."""
    siblings = conversation.siblings(message.id)
    return {
        "status": str(message.status),
        "finish_reason": message.finish_reason,
        "usage": asdict(message.usage) if message.usage is not None else None,
        "model": message.model,
        "error": message.error,
        "timings": {"first_token": message.timings.first_token, "duration": message.timings.duration},
        "branch": {"index": siblings.index(message.id), "count": len(siblings)},
    }


def _call(call: ToolCall) -> dict[str, str]:
    return {"id": call.id, "name": call.name, "arguments": call.arguments}


def _submit(content: Mapping[str, Any]) -> Submit:
    message_id = _text(content, "id")
    if not _ID.fullmatch(message_id):
        message = "submit: id is malformed"
        raise ValueError(message)
    return Submit(message_id, clean_text(_text(content, "text")))


def _connect(content: Mapping[str, Any]) -> Connect:
    if content.get("demo") is True:
        return Connect(demo=True)
    base_url, model, key = (_text(content, name).strip() for name in ("base_url", "model", "key"))
    return Connect(base_url=base_url, model=model, key=Secret(key) if key else None)


def _text(content: Mapping[str, Any], name: str) -> str:
    value = content.get(name)
    if not isinstance(value, str):
        message = f"{content['type']}: {name} must be text"
        raise ValueError(message)  # noqa: TRY004 one kind of error for all that is wrong
    if len(value.encode("utf-8", "surrogatepass")) > MAX_TEXT_BYTES:
        message = f"{content['type']}: {name} is over {MAX_TEXT_BYTES >> 20} MiB"
        raise ValueError(message)
    return value


def _resync(content: Mapping[str, Any]) -> Resync:
    rev = content.get("rev")
    if not isinstance(rev, int) or isinstance(rev, bool) or rev < -1:
        message = "resync: rev must be a whole number"
        raise ValueError(message)
    return Resync(rev)


_PARSERS: Final[Mapping[str, Callable[[Mapping[str, Any]], Command]]] = {
    "submit": _submit,
    "stop": lambda _: Stop(),
    "retry": lambda _: Retry(),
    "connect": _connect,
    "resync": _resync,
}
