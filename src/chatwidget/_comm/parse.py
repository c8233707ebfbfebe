"""Parsing and validation of messages from views."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from .._content.attachments import Attachment
from .._secrets.keys import Secret
from .._text import clean_text
from .commands import (
    ANSWERS,
    EXPORTS,
    MAX_TEXT_BYTES,
    Approve,
    ChooseModel,
    Clear,
    Command,
    Complete,
    Connect,
    Edit,
    Export,
    FindServers,
    ListModels,
    Preview,
    RefreshOutputs,
    Regenerate,
    Remove,
    Resource,
    Restore,
    Resync,
    Retry,
    Skip,
    Stop,
    Submit,
    Switch,
    UpdateModelSettings,
)

_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")


def parse(content: object) -> Command:
    """Parse a message from a view.

    Args:
        content: The message.

    Returns:
        The command.

    Raises:
        ValueError: If the message is invalid. The error does not quote its content.

    """
    if not isinstance(content, Mapping):
        message = "a message from the view must be an object"
        raise ValueError(message)  # noqa: TRY004 one kind of error for all that is wrong
    kind = content.get("type")
    parser = _PARSERS.get(kind) if isinstance(kind, str) else None
    if parser is None:
        message = f"unknown message type {str(kind)[:40]!r}"
        raise ValueError(message)
    return parser(content)


def number_of(content: object) -> tuple[str, int] | None:
    """Return the sender of a message and its number.

    Args:
        content: The message.

    Returns:
        The sender, and the position among its messages, from 1. None if the order of the message does not matter.

    Raises:
        ValueError: If only one of the two is there, or one is invalid.

    """
    if not isinstance(content, Mapping) or ("sender" not in content and "number" not in content):
        return None
    content = {"type": "command", **content}
    return _id(content, "sender"), _whole_number(content, "number", 1)


def _submit(content: Mapping[str, Any]) -> Submit:
    return Submit(_id(content), clean_text(_text(content, "text")), _attachments(content) or ())


def _edit(content: Mapping[str, Any]) -> Edit:
    return Edit(_id(content), _id(content, "of"), clean_text(_text(content, "text")), _attachments(content))


def _switch(content: Mapping[str, Any]) -> Switch:
    return Switch(_id(content), _whole_number(content, "index", 0))


def _setup(content: Mapping[str, Any]) -> UpdateModelSettings:
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
    return UpdateModelSettings(given)


def _choose_model(content: Mapping[str, Any]) -> ChooseModel:
    return ChooseModel(clean_text(_text(content, "name")).strip())


def _approve(content: Mapping[str, Any]) -> Approve:
    return Approve(_text(content, "call"), _one_of(content, "answer", ANSWERS), clean_text(_text(content, "reason")))


def _preview(content: Mapping[str, Any]) -> Preview:
    whole = content.get("whole")
    if not isinstance(whole, bool):
        message = "preview: whole must be true or false"
        raise ValueError(message)  # noqa: TRY004 as above
    return Preview(_id(content), _text(content, "text"), whole)


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
    """Return the attachments, or None if the message does not mention any."""
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
    """Return whether a value is JSON's null, which Pyodide represents by an object of its own."""
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
    "complete": lambda _: Complete(),
    "preview": _preview,
    "stop": lambda content: Stop(_text(content, "last") if "last" in content else None),
    "retry": lambda _: Retry(),
    "connect": _connect,
    "outputs": lambda _: RefreshOutputs(),
    "skip": lambda _: Skip(),
    "resync": lambda content: Resync(_whole_number(content, "rev", -1)),
}
