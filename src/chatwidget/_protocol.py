"""What kernel and view say to each other: built and parsed here, mirrored in `js/src/protocol.js`.

Lengths and offsets of text are in UTF-16 code units, which is what JavaScript counts. The fixtures in
`tests/wire/` are read by the tests of both sides.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final, TypeAlias

from ._changes import Added, Appended, Called, Change, Cut, Updated
from ._conversation import Conversation
from ._messages import Message, ToolCall, clean_text
from ._secrets import Secret

VERSION: Final = 1

MAX_TEXT_BYTES: Final = 8 * 1024 * 1024
"""A longer message would close the browser's websocket (10 MiB) before it arrived."""

EXPORTS: Final = frozenset({"markdown", "json"})
ANSWERS: Final = frozenset({"once", "always", "refuse"})

_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")

Op: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that a person sends along; `data` is in base64."""

    name: str
    mime: str
    data: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Submit:
    """Ask `text`; `id`, made by the view, tells a repeated message from a second one."""

    id: str
    text: str
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Edit:
    """Ask `text` as the new version `id` of the question `of`. With None, the attachments stay as they are."""

    id: str
    of: str
    text: str
    attachments: tuple[Attachment, ...] | None = None


@dataclass(frozen=True, slots=True)
class Regenerate:
    """Another answer in place of the answer `id`."""

    id: str


@dataclass(frozen=True, slots=True)
class Switch:
    """Show sibling number `index` in place of message `id`."""

    id: str
    index: int


@dataclass(frozen=True, slots=True)
class Remove:
    """Take away message `id` and all that follows it."""

    id: str


@dataclass(frozen=True, slots=True)
class Clear:
    """Take away every message."""


@dataclass(frozen=True, slots=True)
class Restore:
    """Undo the last `Clear` or `Remove`."""


@dataclass(frozen=True, slots=True)
class Setup:
    """How to answer. Only what is in `values` changes; None takes a parameter away."""

    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ChooseModel:
    """Ask another model of the same server."""

    name: str


@dataclass(frozen=True, slots=True)
class ListModels:
    """List the server's models."""


@dataclass(frozen=True, slots=True)
class FindServers:
    """Look for servers on this computer."""


@dataclass(frozen=True, slots=True)
class Export:
    """Send the conversation as a file; `format` is `markdown` or `json`."""

    format: str


@dataclass(frozen=True, slots=True)
class Resource:
    """Send the source of the view's module `name`."""

    name: str


@dataclass(frozen=True, slots=True)
class Approve:
    """A person's `answer` (`once`, `always` or `refuse`) to whether tool call `call` may run."""

    call: str
    answer: str
    reason: str


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


Command: TypeAlias = (
    Submit
    | Edit
    | Regenerate
    | Switch
    | Remove
    | Clear
    | Restore
    | Setup
    | ChooseModel
    | ListModels
    | FindServers
    | Export
    | Resource
    | Approve
    | Stop
    | Retry
    | Connect
    | Resync
)


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
        "error_code": message.error_code,
        "timings": {"first_token": message.timings.first_token, "duration": message.timings.duration},
        "branch": {"index": siblings.index(message.id), "count": len(siblings)},
    }


def _call(call: ToolCall) -> dict[str, str]:
    return {"id": call.id, "name": call.name, "arguments": call.arguments}


def _submit(content: Mapping[str, Any]) -> Submit:
    return Submit(_id(content), clean_text(_text(content, "text")), _attachments(content) or ())


def _edit(content: Mapping[str, Any]) -> Edit:
    return Edit(_id(content), _id(content, "of"), clean_text(_text(content, "text")), _attachments(content))


def _switch(content: Mapping[str, Any]) -> Switch:
    return Switch(_id(content), _whole_number(content, "index", 0))


def _setup(content: Mapping[str, Any]) -> Setup:
    values = content.get("values")
    if not isinstance(values, Mapping):
        message = "setup: values must be an object"
        raise ValueError(message)  # noqa: TRY004 as above
    given = {name: None if _is_null(value) else value for name, value in values.items() if name in _SETUP}
    for name, value in given.items():
        if not _SETUP[name](value):
            message = f"setup: {name} is not one"
            raise ValueError(message)
    if "system_prompt" in given:
        given["system_prompt"] = clean_text(_text({"type": "setup", **given}, "system_prompt"))
    return Setup(given)


def _choose_model(content: Mapping[str, Any]) -> ChooseModel:
    return ChooseModel(clean_text(_text(content, "name")).strip())


def _approve(content: Mapping[str, Any]) -> Approve:
    return Approve(_text(content, "call"), _one_of(content, "answer", ANSWERS), clean_text(_text(content, "reason")))


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


def _id(content: Mapping[str, Any], name: str = "id") -> str:
    value = _text(content, name)
    if not _ID.fullmatch(value):
        message = f"{content['type']}: {name} is malformed"
        raise ValueError(message)
    return value


def _one_of(content: Mapping[str, Any], name: str, known: frozenset[str]) -> str:
    value = _text(content, name)
    if value not in known:
        message = f"{content['type']}: {name} must be one of {', '.join(sorted(known))}"
        raise ValueError(message)
    return value


def _whole_number(content: Mapping[str, Any], name: str, least: int) -> int:
    value = content.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        message = f"{content['type']}: {name} must be a whole number of at least {least}"
        raise ValueError(message)
    return value


def _attachments(content: Mapping[str, Any]) -> tuple[Attachment, ...] | None:
    """The attachments; None where the message does not speak of them."""
    if "attachments" not in content:
        return None
    given = content["attachments"]
    if not isinstance(given, list) or not all(isinstance(each, Mapping) for each in given):
        message = f"{content['type']}: attachments must be a list of objects"
        raise ValueError(message)
    found = tuple(_attachment({**each, "type": content["type"]}) for each in given)
    size = len(_text(content, "text").encode("utf-8", "surrogatepass")) + sum(len(each.data) for each in found)
    if size > MAX_TEXT_BYTES:
        message = f"{content['type']}: text and attachments are over {MAX_TEXT_BYTES >> 20} MiB"
        raise ValueError(message)
    return found


def _attachment(content: Mapping[str, Any]) -> Attachment:
    name, mime, data = (clean_text(_text(content, key)) for key in ("name", "mime", "data"))
    return Attachment(name, mime, data)


def _is_null(value: object) -> bool:
    """JSON's null: Pyodide hands it over as a value of its own."""
    return value is None or type(value).__name__ == "JsNull"


def _is_number(value: object, least: float) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and least <= value < float("inf")  # type: ignore[operator]


_SETUP: Final[Mapping[str, Callable[[Any], bool]]] = {
    "system_prompt": lambda value: isinstance(value, str),
    "temperature": lambda value: value is None or _is_number(value, 0),
    "max_tokens": lambda value: value is None or (isinstance(value, int) and _is_number(value, 1)),
}

_PARSERS: Final[Mapping[str, Callable[[Mapping[str, Any]], Command]]] = {
    "submit": _submit,
    "edit": _edit,
    "regenerate": lambda content: Regenerate(_id(content)),
    "switch": _switch,
    "remove": lambda content: Remove(_id(content)),
    "clear": lambda _: Clear(),
    "restore": lambda _: Restore(),
    "setup": _setup,
    "model": _choose_model,
    "models": lambda _: ListModels(),
    "servers": lambda _: FindServers(),
    "export": lambda content: Export(_one_of(content, "format", EXPORTS)),
    "resource": lambda content: Resource(_id(content, "name")),
    "approve": _approve,
    "stop": lambda _: Stop(),
    "retry": lambda _: Retry(),
    "connect": _connect,
    "resync": lambda content: Resync(_whole_number(content, "rev", -1)),
}
