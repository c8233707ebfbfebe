"""Patches to the views: numbered, coalesced, and rate-limited to a dozen a second."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final

from .._runtime.debounce import Debouncer
from .protocol import Op

INTERVAL: Final = 1 / 12
"""Minimum number of seconds between two patches.

The Jupyter server drops comm messages above 1,000 a second from all widgets together. 12 a second still look fluent,
and each costs an envelope of 600 bytes.
"""


class Publisher:
    """Sends operations to views as patches. Must be used on the runner's loop.

    Args:
        send: Sends a message to all views.

    """

    def __init__(self, send: Callable[[dict[str, Any]], None]) -> None:
        self.rev = 0
        self._send = send
        self._buffer = PatchBuffer()
        self._debouncer = Debouncer(self.flush)
        self._last_sent = float("-inf")

    def push(self, op: Op, *, now: bool = False) -> None:
        """Send an operation with the next patch.

        Args:
            op: The operation.
            now: Whether the user waits for it, as for the first token. It is then sent without delay.

        """
        self._buffer.add(op)
        if now:
            self._debouncer.schedule(0)
        elif not self._debouncer.is_set:
            self._debouncer.schedule(max(0.0, self._last_sent + INTERVAL - asyncio.get_running_loop().time()))

    def flush(self) -> None:
        """Send all pending operations."""
        self._debouncer.cancel()
        ops = self._buffer.take()
        if ops:
            self.rev += 1
            self._last_sent = asyncio.get_running_loop().time()
            self._send({"type": "patch", "rev": self.rev, "ops": ops})


class PatchBuffer:
    """Pending operations. Consecutive pieces of the same text are joined."""

    def __init__(self) -> None:
        self._ops: list[Op] = []
        self._pieces: list[str] = []

    def add(self, op: Op) -> None:
        """Append an operation.

        Args:
            op: The operation.

        """
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
        """Remove and return all operations.

        Returns:
            The operations, in order.

        """
        self._join()
        ops, self._ops = self._ops, []
        return ops

    def _join(self) -> None:
        if self._pieces:
            self._ops[-1]["text"] = "".join(self._pieces)
            self._pieces = []


def _continues(last: Op, op: Op) -> bool:
    return all(last.get(key) == op.get(key) for key in ("op", "id", "field", "call"))
