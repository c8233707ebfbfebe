"""Tool calls assembled from deltas, however the server numbers, names and cuts them.

A piece belongs to the first of these that exists: the call with its id; a new call if the id is new (even under an
index in use: several servers send every parallel call as index 0); the call at its index; the last call. A piece that
names a function begins a new call if the call it would belong to already has complete arguments, or has the same id
under another index.
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
    """A call, or a piece of one, with its known fields."""

    index: int | None
    id: str = ""
    name: str = ""
    arguments: str = ""
    own_id: str = ""

    def shown_id(self) -> str:
        """Return the server's id, or a generated one if there is none: results are matched to calls by id."""
        if not self.id and not self.own_id:
            self.own_id = f"call_{uuid4().hex}"
        return self.id or self.own_id


class ToolCallSlots:
    """The tool calls of one answer received so far."""

    def __init__(self) -> None:
        self._slots: list[_Slot] = []

    def read(self, source: dict[str, Any]) -> tuple[ToolCallDelta, ...]:
        """Return the pieces of tool calls in a delta or a message.

        Args:
            source: The delta or message.

        """
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
        position = self._position_of(piece, seen)
        seen.add(position)
        slot = self._slots[position]
        slot.id = piece.id or slot.id
        slot.name = _joined_name(slot, piece.name)
        slot.arguments += piece.arguments
        extra = {key: value for key, value in entry.items() if key not in _KNOWN_KEYS and value is not None}
        return ToolCallDelta(position, slot.shown_id(), slot.name if piece.name else "", piece.arguments, extra)

    def _position_of(self, piece: _Slot, seen: set[int]) -> int:
        """Return the position of the call that `piece` belongs to; `seen` are those that this delta already named."""
        position = self._with_id(piece)
        position = self._last(piece.index) if position is None else position
        again = piece.index is None and position in seen
        if position is None or _begins_new(self._slots[position], piece, again=again):
            self._slots.append(_Slot(piece.index))
            return len(self._slots) - 1
        return position

    def _with_id(self, piece: _Slot) -> int | None:
        """Return the latest call with the id of `piece`, preferably under its index."""
        same = [position for position, slot in enumerate(self._slots) if piece.id and slot.id == piece.id]
        indexed = [position for position in same if self._slots[position].index == piece.index]
        return next(reversed(indexed or same), None)

    def _last(self, number: int | None) -> int | None:
        """Return the latest call with this index, or the latest of all if the piece has no index."""
        for position in reversed(range(len(self._slots))):
            if number is None or self._slots[position].index == number:
                return position
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
    """Return the name so far: it may come once, repeated, growing, or (before any arguments) in parts."""
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
