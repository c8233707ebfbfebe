"""Patches to the views: numbered, coalesced, and never more than a few dozen a second."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final

from ._protocol import Op, PatchBuffer

INTERVAL: Final = 1 / 12
"""Seconds between two patches at least. The Jupyter server drops comm messages above 1,000 a second
from all widgets together; 12 a second still looks fluent, and each costs 600 bytes of envelope."""


class Publisher:
    """Sends operations as patches through `send`. It lives on the runner's loop."""

    def __init__(self, send: Callable[[dict[str, Any]], None]) -> None:
        self.rev = 0
        self._send = send
        self._buffer = PatchBuffer()
        self._timer: asyncio.Handle | None = None
        self._due = float("inf")
        self._last_sent = float("-inf")

    def push(self, op: Op, *, now: bool = False) -> None:
        """Send `op` with the next patch; `now` is for what a user waits to see, such as a first token."""
        self._buffer.add(op)
        loop = asyncio.get_running_loop()
        due = loop.time() if now else max(loop.time(), self._last_sent + INTERVAL)
        if due < self._due:
            self._cancel_timer()
            self._due = due
            self._timer = loop.call_later(max(0.0, due - loop.time()), self.flush)

    def flush(self) -> None:
        """Send what waits."""
        self._cancel_timer()
        ops = self._buffer.take()
        if ops:
            self.rev += 1
            self._last_sent = asyncio.get_running_loop().time()
            self._send({"type": "patch", "rev": self.rev, "ops": ops})

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self._due = None, float("inf")
