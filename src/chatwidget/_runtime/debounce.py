"""One thing to be done soon, on the runner's loop: by the earliest of the times that were asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from .runner import Runner


class Debouncer:
    """Runs `work` once for all calls of `within` before it."""

    def __init__(self, runner: Runner, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._runner = runner
        self._work = work
        self._timer: asyncio.TimerHandle | None = None
        self._due = float("inf")

    @property
    def is_set(self) -> bool:
        """Whether the work is to be done."""
        return self._timer is not None

    def schedule(self, delay: float) -> None:
        """Do the work in `delay` seconds, if not before."""
        loop = asyncio.get_running_loop()
        due = loop.time() + delay
        if due < self._due:
            self.cancel()
            self._due = due
            self._timer = loop.call_later(delay, self._fire)

    def cancel(self) -> None:
        """Do not do the work."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self._due = None, float("inf")

    def _fire(self) -> None:
        self.cancel()
        self._runner.submit(self._work())
