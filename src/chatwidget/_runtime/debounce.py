"""Calls that are made soon on the running loop, at the earliest of all requested times."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Debouncer:
    """A timer that calls a function once for all preceding calls of `schedule`. Must be used on the runner's loop.

    Args:
        function: The function. For a coroutine, it submits one to the runner.

    """

    def __init__(self, function: Callable[[], object]) -> None:
        self._function = function
        self._timer: asyncio.TimerHandle | None = None
        self._due = float("inf")

    @property
    def is_set(self) -> bool:
        """True if the call is scheduled."""
        return self._timer is not None

    def schedule(self, delay: float) -> None:
        """Schedule the call.

        Args:
            delay: Seconds until the call, unless it is already scheduled earlier.

        """
        loop = asyncio.get_running_loop()
        due = loop.time() + delay
        if due < self._due:
            self.cancel()
            self._due = due
            self._timer = loop.call_later(delay, self._fire)

    def cancel(self) -> None:
        """Cancel the scheduled call."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self._due = None, float("inf")

    def _fire(self) -> None:
        self.cancel()
        self._function()
