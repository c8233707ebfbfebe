"""Futures of a loop for code that runs outside it."""

from __future__ import annotations

import asyncio
import concurrent.futures

from .runner import T


def chain(task: asyncio.Task[T], future: concurrent.futures.Future[T], loop: asyncio.AbstractEventLoop) -> None:
    """Chain a future to a task: the outcome goes to the future, and cancelling it cancels the task.

    Args:
        task: The task.
        future: The future.
        loop: The loop of the task.

    """

    def finish(done: asyncio.Task[T]) -> None:
        if not future.set_running_or_notify_cancel():
            return
        if done.cancelled():
            future.set_exception(asyncio.CancelledError())
        elif (error := done.exception()) is not None:
            future.set_exception(error)
        else:
            future.set_result(done.result())

    def cancel(ended: concurrent.futures.Future[T]) -> None:
        if ended.cancelled():
            loop.call_soon_threadsafe(task.cancel)

    task.add_done_callback(finish)
    future.add_done_callback(cancel)
