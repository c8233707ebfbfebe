"""What a view accepts, and what it then shows: `js/src/protocol/messages.js` and `js/src/state/store.js`, in Python.

The fixtures in `tests/wire/` hold both to the same truth, so what is tested against this one is
tested against a view.
"""

from __future__ import annotations

import copy
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, TypeAdapter, ValidationError, create_model

from chatwidget._comm.protocol import USUAL

Count: TypeAlias = Annotated[int, Field(ge=0)]


class _Record(BaseModel):
    """Every key is there and of its very type; others may be there too."""

    model_config = ConfigDict(strict=True)


class Part(_Record):
    type: str


class ToolCall(_Record):
    id: str
    name: str
    arguments: str


class Usage(_Record):
    prompt_tokens: Count | None
    completion_tokens: Count | None
    total_tokens: Count | None


class Timings(_Record):
    first_token: FiniteFloat | None
    duration: FiniteFloat | None


class Branch(_Record):
    index: Count
    count: Count


class ViewMessage(_Record):
    """What is as usual may be left out."""

    id: str
    role: Literal["user", "assistant", "system", "developer", "tool", "function"]
    content: str | list[Part] = ""
    reasoning: str = ""
    refusal: str = ""
    tool_calls: list[ToolCall] = []
    status: Literal["waiting", "streaming", "complete", "stopped", "interrupted", "error"] = "complete"
    finish_reason: str | None = None
    usage: Usage | None = None
    model: str | None = None
    error: str | None = None
    error_code: str | None = None
    log: str | None = None
    timings: Timings = Timings(first_token=None, duration=None)
    branch: Branch = Branch(index=0, count=1)


class Queued(_Record):
    id: str
    text: str


class Retrying(_Record):
    attempt: Count
    delay: FiniteFloat
    reason: str


class Connection(_Record):
    kind: Literal["none", "server", "callable", "demo"]
    model: str | None
    base_url: str | None
    key: str | None


class Models(_Record):
    names: list[str]
    error: str | None
    pending: bool


class Server(_Record):
    name: str
    base_url: str
    models: list[str]


class Servers(_Record):
    found: list[Server]
    pending: bool


class Attempt(_Record):
    number: Count
    base_url: str | None
    pending: bool


class Setup(_Record):
    system_prompt: str
    temperature: FiniteFloat | None
    max_tokens: FiniteFloat | None


class Starter(_Record):
    label: str
    text: str


class Look(_Record):
    locale: str | None
    height: str | None
    starters: list[Starter]
    titles: dict[str, str]


class State(_Record):
    status: Literal["disconnected", "ready", "waiting", "streaming", "retrying"]
    queue: list[Queued]
    retry: Retrying | None
    notice: str | None
    notice_code: str | None
    connection: Connection
    attempt: Attempt | None = None
    models: Models | None
    servers: Servers | None
    setup: Setup
    restorable: bool
    previous: Count | None = None
    approvals: list[str]
    finished: dict[str, Literal["done", "failed", "refused", "unknown_tool", "not_run"]] = {}
    context: list[str] = []
    look: Look


STATE: dict[str, Any] = {
    "status": "ready",
    "queue": [],
    "retry": None,
    "notice": None,
    "notice_code": None,
    "connection": {"kind": "demo", "model": "demo", "base_url": None, "key": None},
    "models": None,
    "servers": None,
    "setup": {"system_prompt": "", "temperature": None, "max_tokens": None},
    "restorable": False,
    "approvals": [],
    "look": {"locale": None, "height": None, "starters": [], "titles": {}},
}
"""What stands beside the messages of a conversation in which nothing happens."""


class Snapshot(_Record):
    version: Literal[1]
    rev: Count
    channel: str
    messages: list[ViewMessage]
    state: State


def _part_of(record: type[_Record], *never: str) -> type[_Record]:
    """Any of the keys of `record`; absent ones take a default, which is not checked. Not those in `never`."""
    fields: dict[str, Any] = {name: (field.annotation, None) for name, field in record.model_fields.items()}
    fields |= {name: (type(None), Field(None, exclude=True)) for name in never}
    return create_model(f"PartOf{record.__name__}", __base__=_Record, **fields)


class Add(_Record):
    op: Literal["add"]
    message: ViewMessage


class Text(_Record):
    op: Literal["text"]
    id: str
    field: Literal["content", "reasoning", "refusal"]
    offset: Count
    text: str


class Arguments(_Record):
    op: Literal["text"]
    id: str
    field: Literal["arguments"]
    call: Count
    offset: Count
    text: str


class Called(_Record):
    op: Literal["call"]
    id: str
    call: Count
    value: ToolCall


class Set(_Record):
    op: Literal["set"]
    id: str
    values: _part_of(ViewMessage, "id")  # type: ignore[valid-type]


class Cut(_Record):
    op: Literal["cut"]
    length: Count


class SetState(_Record):
    op: Literal["state"]
    values: _part_of(State)  # type: ignore[valid-type]


class Patch(_Record):
    type: Literal["patch"]
    rev: Count
    ops: list[Any]


OP: TypeAdapter[Any] = TypeAdapter(Add | Text | Arguments | Called | Set | Cut | SetState)


class View:
    """A snapshot, and the patches to it."""

    def __init__(self, snapshot: dict[str, Any]) -> None:
        Snapshot.model_validate(snapshot)
        self.snapshot = whole(snapshot)
        self.in_sync = True

    @property
    def messages(self) -> list[dict[str, Any]]:
        return self.snapshot["messages"]

    def receive(self, patch: object) -> str:
        """Take in a patch: `applied`, `ignored`, or `resync` where it does not fit."""
        try:
            Patch.model_validate(patch)
            return self._patch(copy.deepcopy(patch))
        except (ValidationError, LookupError, ValueError):
            self.in_sync = False
            return "resync"

    def apply(self, op: dict[str, Any]) -> None:
        """Make one change. Raises ValueError or LookupError where it does not fit."""
        OP.validate_python(op)
        match op:
            case {"op": "add", "message": message}:
                _require(message["id"] not in [each["id"] for each in self.messages])
                self.messages.append(_whole(message))
            case {"op": "cut", "length": length}:
                _require(length <= len(self.messages))
                del self.messages[length:]
            case {"op": "state", "values": values}:
                self.snapshot["state"].update(values)
            case _:
                self._change(self._find(op["id"]), op)

    def _patch(self, patch: dict[str, Any]) -> str:
        if not self.in_sync or patch["rev"] <= self.snapshot["rev"]:
            return "ignored"
        _require(patch["rev"] == self.snapshot["rev"] + 1)
        for op in patch["ops"]:
            self.apply(op)
        self.snapshot["rev"] = patch["rev"]
        return "applied"

    def _change(self, message: dict[str, Any], op: dict[str, Any]) -> None:
        match op:
            case {"op": "set", "values": values}:
                message.update(values)
            case {"op": "call", "call": call, "value": value}:
                _require(call <= len(message["tool_calls"]))
                message["tool_calls"][call : call + 1] = [value]
            case {"field": field}:
                target = message["tool_calls"][op["call"]] if field == "arguments" else message
                _require(isinstance(target[field], str) and _utf16_length(target[field]) == op["offset"])
                target[field] += op["text"]

    def _find(self, message_id: str) -> dict[str, Any]:
        return {message["id"]: message for message in self.messages}[message_id]


def whole(snapshot: dict[str, Any]) -> dict[str, Any]:
    """`snapshot` with what its messages leave out, being as usual."""
    return {**copy.deepcopy(snapshot), "messages": [_whole(message) for message in snapshot["messages"]]}


def _whole(message: dict[str, Any]) -> dict[str, Any]:
    return copy.deepcopy({**USUAL, **message})


def _utf16_length(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _require(fits: object) -> None:
    if not fits:
        message = "it does not fit"
        raise ValueError(message)
