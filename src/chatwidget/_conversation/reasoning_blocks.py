"""Reasoning blocks, such as OpenRouter's `reasoning_details` and LiteLLM's `thinking_blocks`, joined from their pieces.

Servers expect them back unchanged, including signatures.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from .normalize import plain_json

_TEXTS: Final = ("text", "thinking", "summary")
"""Keys whose pieces are joined."""
_SEALS: Final = ("signature", "data")
"""Keys that end a block: no text follows."""


class ReasoningBlocks:
    """The reasoning blocks of one message."""

    def __init__(self, blocks: Iterable[Mapping[str, Any]] = ()) -> None:
        self._blocks: list[dict[str, Any]] = []
        self.add(blocks)

    def add(self, pieces: Iterable[Mapping[str, Any]]) -> None:
        """Add the pieces of one delta.

        Args:
            pieces: The pieces, each belonging to a different block.

        """
        first_new = len(self._blocks)
        touched: set[int] = set()
        for piece in pieces:
            position = self._position_of(piece, touched, first_new)
            touched.add(position)
            block = self._blocks[position]
            for key, value in piece.items():
                known = block.get(key)
                if isinstance(known, _Pieces) and isinstance(value, str):
                    known.append(value)
                elif isinstance(value, str) and key in _TEXTS:
                    block[key] = _Pieces([value])
                elif value is not None or key not in block:
                    block[key] = value

    def value(self) -> list[dict[str, Any]]:
        """Return the blocks as plain JSON."""
        blocks = [{key: _joined(value) for key, value in block.items()} for block in self._blocks]
        return plain_json(blocks, "reasoning")  # type: ignore[no-any-return]

    def _position_of(self, piece: Mapping[str, Any], touched: set[int], first_new: int) -> int:
        """Return the index of the block that `piece` continues, or of a new block."""
        index = piece.get("index")
        for position in reversed(range(first_new)):
            if index is None or self._blocks[position].get("index") in {None, index}:
                if position not in touched and _goes_on(self._blocks[position], piece):
                    return position
                break
        self._blocks.append({})
        return len(self._blocks) - 1


class _Pieces(list[str]):
    """Text that grows."""


def _joined(value: Any) -> Any:
    return "".join(value) if isinstance(value, _Pieces) else value


def _goes_on(block: Mapping[str, Any], piece: Mapping[str, Any]) -> bool:
    same = all(None in {block.get(key), piece.get(key)} or block[key] == piece[key] for key in ("type", "id"))
    return same and not any(block.get(key) for key in _SEALS) and not piece.get("data")
