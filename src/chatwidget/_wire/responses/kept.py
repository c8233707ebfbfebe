"""The items of an answer that the model must get back, kept with the message.

Reasoning is sent back encrypted, in its place before the call or the message that it led to; messages with their phase.
The texts and calls are in the message already, where they may be edited: what is kept is the order of the items, the
reasoning, and the texts of all messages but the last, which tell where one ends and the next begins.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from ..._conversation.messages import MessageDict
from ..lenient import text_or_empty
from ..sendable import KEPT
from .items import CALLS, MESSAGE, REASONING, Item, Items

SECRET: Final = "encrypted_content"  # noqa: S105 the key of an item

_SENT_AS_THEY_ARE: Final = frozenset({REASONING, "compaction"})


def keep(item: Item, entry: Mapping[str, Any]) -> None:
    """Keep an item that must be sent back as it is, if it can be: a server that stores nothing knows no ids.

    Args:
        item: The item.
        entry: The item, as the server sends it when it is done.

    """
    if item.kind in _SENT_AS_THEY_ARE and (secret := text_or_empty(entry.get(SECRET))):
        summary = entry.get("summary")
        parts = {"summary": summary if isinstance(summary, list) else []} if item.kind == REASONING else {}
        item.kept = {"type": item.kind, **parts, SECRET: secret}


def kept_in(items: Items) -> list[dict[str, Any]] | None:
    """Return the items of an answer as they are kept.

    Args:
        items: The items.

    Returns:
        The items in order; None if the message alone says it all.

    """
    entries = [entry for item in items.in_order() if (entry := _entry(item))]
    if not any(key in entry for entry in entries for key in (SECRET, "phase")):
        return None
    for entry in reversed(entries):
        if entry["type"] == MESSAGE:
            # The last one has the rest of the message.
            del entry["text"]
            break
    return entries


def _entry(item: Item) -> dict[str, Any] | None:
    if item.kind == MESSAGE:
        phase = {"phase": item.phase} if item.phase else {}
        return {"type": MESSAGE, "text": str(item.text), **phase} if item.text else None
    # Items of other kinds are not sent back, but it matters what followed the reasoning.
    return item.kept if item.kind in _SENT_AS_THEY_ARE else {"type": item.kind}


def answer_items(message: MessageDict, content: Any, calls: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return an answer as the items of a request.

    Args:
        message: The message.
        content: Its content, as it is sent.
        calls: The items of its calls.

    """
    calls, rest = iter(calls), content
    entries = message.get(KEPT) or ({"type": MESSAGE},)
    left = sum(entry.get("type") == MESSAGE for entry in entries)
    items: list[dict[str, Any]] = []
    for entry in entries:
        kind = entry.get("type")
        if kind == MESSAGE:
            left -= 1
            text, rest = _cut(rest, entry) if left else (rest, "")
            items += _message(text, entry)
        elif kind in CALLS:
            items += [call] if (call := next(calls, None)) else []
        else:
            items.append(dict(entry))
    return list(_sendable([*_message(rest, {}), *items, *calls]))


def _cut(content: Any, entry: Mapping[str, Any]) -> tuple[str, Any]:
    """Return the text of a message, and what is left of the content. It may have been edited."""
    text = text_or_empty(entry.get("text"))
    if not isinstance(content, str) or not content.startswith(text):
        return "", content
    return text, content.removeprefix(text).lstrip("\n")


def _message(content: Any, entry: Mapping[str, Any]) -> list[dict[str, Any]]:
    phase = {"phase": entry["phase"]} if entry.get("phase") else {}
    return [{"type": MESSAGE, "role": "assistant", "content": content, **phase}] if content else []


def _sendable(items: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the items that are sent. Reasoning is refused without the item that followed it."""
    kinds = [item["type"] for item in items]
    for index, item in enumerate(items):
        if item["type"] == REASONING:
            after = next((kind for kind in kinds[index:] if kind != REASONING), "")
            is_sent = after == MESSAGE or after in CALLS
        else:
            is_sent = item["type"] in {MESSAGE, *CALLS, *_SENT_AS_THEY_ARE}
        if is_sent:
            yield item
