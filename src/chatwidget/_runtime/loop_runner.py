"""A runner without a thread of its own."""

from __future__ import annotations

import asyncio
import concurrent.futures
from collections.abc import Callable, Coroutine
from typing import Any

from .futures import chain
from .runner import T


class LoopRunner:
    """A runner on the loop that already runs, for a process with one thread. See `Runner` for the methods."""

    def submit(self, coroutine: Coroutine[Any, Any, T]) -> concurrent.futures.Future[T]:
        """Start `coroutine` on the running loop.

        Args:
            coroutine: The coroutine to run.

        Returns:
            A future of its result.

        """
        loop = asyncio.get_event_loop()
        future: concurrent.futures.Future[T] = concurrent.futures.Future()
        chain(loop.create_task(coroutine), future, loop)
        return future

    def call(self, function: Callable[[], T]) -> T:
        """Run `function` directly, since there is only one thread.

        Args:
            function: The function to call.

        Returns:
            The result of the function.

        """
        return function()

    async def run_in_thread(self, function: Callable[[], T]) -> T:
        """Run `function` directly, since there is only one thread.

        Args:
            function: The function to call.

        Returns:
            The result of the function.

        """
        return function()

    def after_fork(self, method: Callable[[], None]) -> None:
        """Do nothing: there is no other process.

        Args:
            method: Ignored.

        """
