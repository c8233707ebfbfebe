"""Work to be done soon on the runner's loop, at the earliest of all requested times."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from .runner import Runner


class Debouncer:
    """A timer that runs `work` once for all preceding calls of `schedule`.

    Args:
        runner: The runner whose loop does the work.
        work: Returns the coroutine to run.

    """

    def __init__(self, runner: Runner, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._runner = runner
        self._work = work
        self._timer: asyncio.TimerHandle | None = None
        self._due = float("inf")

    @property
    def is_set(self) -> bool:
        """True if the work is scheduled."""
        return self._timer is not None

    def schedule(self, delay: float) -> None:
        """Schedule the work.

        Args:
            delay: Seconds until the work starts, unless it is already scheduled earlier.

        """
        loop = asyncio.get_running_loop()
        due = loop.time() + delay
        if due < self._due:
            self.cancel()
            self._due = due
            self._timer = loop.call_later(delay, self._fire)

    def cancel(self) -> None:
        """Cancel the scheduled work."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self._due = None, float("inf")

    def _fire(self) -> None:
        self.cancel()
        self._runner.submit(self._work())
