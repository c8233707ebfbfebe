"""Tool calls out of stream deltas, however the server numbers, names and cuts them.

Which call a piece belongs to, in this order: the call with its id; a new call where the id is new
(also under an index already taken: several servers send every parallel call as index 0); the call at
its index; where there is neither, the last call. A piece that names a function begins a new call if the
call it would belong to already has whole arguments, or the same id under another index.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from ..._conversation.messages import ToolCallDelta
from ..._json import loads
from ..lenient import text_or_empty, whole_number

_KNOWN_KEYS = frozenset({"index", "id", "type", "function", "name", "arguments"})


@dataclass(slots=True)
class _Slot:
    """A call, or a piece of one, with what is known of it."""

    index: int | None
    id: str = ""
    name: str = ""
    arguments: str = ""
    own_id: str = ""

    def shown_id(self) -> str:
        """The server's id, or one of ours where none has come: results are matched to calls by id."""
        if not self.id and not self.own_id:
            self.own_id = f"call_{uuid4().hex}"
        return self.id or self.own_id


class ToolCallSlots:
    """The tool calls of one answer as far as they have come."""

    def __init__(self) -> None:
        self._slots: list[_Slot] = []

    def read(self, source: dict[str, Any]) -> tuple[ToolCallDelta, ...]:
        """The tool call pieces in one delta or message."""
        calls, legacy = source.get("tool_calls"), source.get("function_call")
        if not calls and not legacy:
            return ()
        entries = [entry for entry in calls if isinstance(entry, dict)] if isinstance(calls, list) else []
        if isinstance(calls, dict):
            entries = [calls]
        if isinstance(legacy, dict) and not entries:
            entries = [{"index": 0, "function": legacy}]
        seen: set[int] = set()
        return tuple(self._piece(entry, seen) for entry in entries)

    def _piece(self, entry: dict[str, Any], seen: set[int]) -> ToolCallDelta:
        function = entry.get("function")
        function = function if isinstance(function, dict) else entry
        number = whole_number(entry.get("index"))
        piece = _Slot(number, text_or_empty(entry.get("id")), text_or_empty(function.get("name")))
        piece.arguments = _arguments(function.get("arguments"))
        place = self._place(piece, seen)
        seen.add(place)
        slot = self._slots[place]
        slot.id = piece.id or slot.id
        slot.name = _joined_name(slot, piece.name)
        slot.arguments += piece.arguments
        extra = {key: value for key, value in entry.items() if key not in _KNOWN_KEYS and value is not None}
        return ToolCallDelta(place, slot.shown_id(), slot.name if piece.name else "", piece.arguments, extra)

    def _place(self, piece: _Slot, seen: set[int]) -> int:
        """The place of the call that `piece` belongs to; `seen` are those that this delta named before."""
        place = self._with_id(piece)
        place = self._last(piece.index) if place is None else place
        again = piece.index is None and place in seen
        if place is None or _begins_new(self._slots[place], piece, again=again):
            self._slots.append(_Slot(piece.index))
            return len(self._slots) - 1
        return place

    def _with_id(self, piece: _Slot) -> int | None:
        """The latest call with the id of `piece`, if possible under its index."""
        same = [place for place, slot in enumerate(self._slots) if piece.id and slot.id == piece.id]
        indexed = [place for place in same if self._slots[place].index == piece.index]
        return next(reversed(indexed or same), None)

    def _last(self, number: int | None) -> int | None:
        """The latest call under this index, or the latest of all where the piece has no index."""
        for place in reversed(range(len(self._slots))):
            if number is None or self._slots[place].index == number:
                return place
        return None


def _begins_new(slot: _Slot, piece: _Slot, *, again: bool) -> bool:
    if piece.id and piece.id != slot.id:
        return bool(slot.id)
    if not piece.name or again:
        return bool(piece.name)
    if piece.id and None not in {piece.index, slot.index} and piece.index != slot.index:
        return True
    return bool(piece.arguments or piece.name != slot.name) and _is_whole(slot.arguments)


def _joined_name(slot: _Slot, name: str) -> str:
    """A name comes once, again with each piece, growing, or (before any arguments) in parts."""
    if not name or slot.name.endswith(name) or slot.arguments:
        return slot.name or name
    return name if name.startswith(slot.name) else slot.name + name


def _is_whole(arguments: str) -> bool:
    if not arguments.rstrip().endswith("}"):
        return False
    try:
        return isinstance(loads(arguments), dict)
    except ValueError:
        return False


def _arguments(value: object) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
