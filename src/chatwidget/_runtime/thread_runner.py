"""The runner for CPython, on a thread with its own loop."""

from __future__ import annotations

import asyncio
import atexit
import concurrent.futures
import contextvars
import functools
import os
import threading
import weakref
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

from .._errors import CannotWaitError
from .futures import chain
from .runner import WAITS_FOR_ITSELF, T

_PATIENCE = 1.0
"""Seconds that the exit of the process waits for streams to end."""

_SLICE = 0.2
"""Seconds. On Windows an interrupt reaches a thread only between two waits for a lock."""


class ThreadRunner:
    """A daemon thread with a loop, started when first needed and restarted in a forked process.

    See `Runner` for the methods.
    """

    def __init__(self) -> None:
        self._inherited: list[object] = []
        """Loops that a parent process still uses. Closing one here would take its sockets from the parent."""
        self._forked: list[weakref.WeakMethod[Callable[[], None]]] = []
        self._loop: asyncio.AbstractEventLoop
        self._renew()
        if hasattr(os, "register_at_fork"):
            renew = weakref.WeakMethod(self._renew)
            os.register_at_fork(after_in_child=lambda: (method := renew()) and method())

    def _renew(self) -> None:
        """Start without a thread, as at first and in a forked process, which does not inherit it."""
        self._inherited += vars(self).pop("_loop", None), vars(self).get("_thread")
        self._thread = threading.Thread(target=self._run, name="chatwidget", daemon=True)
        self._starting = threading.Lock()
        self._ended = False

    def after_fork(self, method: Callable[[], None]) -> None:
        """Register a method to call first in a forked process.

        Args:
            method: The method; it is held by a weak reference.

        """
        self._forked = [reference for reference in self._forked if reference() is not None] + [
            weakref.WeakMethod(method)
        ]

    def submit(self, coroutine: Coroutine[Any, Any, T]) -> concurrent.futures.Future[T]:
        """Start `coroutine` on the thread's loop.

        Args:
            coroutine: The coroutine to run.

        Returns:
            A future of its result; cancelling it cancels the coroutine.

        """
        future: concurrent.futures.Future[T] = concurrent.futures.Future()
        if self._ended:
            coroutine.close()
            future.cancel()
        else:
            self._post(lambda: chain(self._loop.create_task(coroutine), future, self._loop))
        return future

    def call(self, function: Callable[[], T]) -> T:
        """Run `function` on the loop's thread.

        Args:
            function: The function to call.

        Returns:
            The result of the function.

        """
        if self._ended or threading.current_thread() is self._thread:
            return function()
        future: concurrent.futures.Future[T] = concurrent.futures.Future()

        def run() -> None:
            try:
                future.set_result(function())
            except BaseException as error:  # noqa: BLE001 it is raised in the caller
                future.set_exception(error)

        self._post(run)
        return self.wait(future, "")

    def wait(self, future: concurrent.futures.Future[T], instead: str) -> T:
        """Block this thread until `future` is done. Interrupts are delivered meanwhile.

        Args:
            future: The future to wait for.
            instead: The call to suggest if waiting is impossible.

        Returns:
            The result of the future.

        Raises:
            CannotWaitError: This is the loop's own thread.

        """
        self.require_wait(instead)
        while True:
            try:
                return future.result(_SLICE)
            except TimeoutError:
                if future.done():
                    return future.result()

    def require_wait(self, instead: str) -> None:
        """Check that this is not the loop's own thread.

        Args:
            instead: The call to suggest in the error.

        Raises:
            CannotWaitError: This is the loop's own thread.

        """
        if threading.current_thread() is self._thread:
            raise CannotWaitError(WAITS_FOR_ITSELF.format(instead))

    async def run_in_thread(self, function: Callable[[], T]) -> T:
        """Run `function` on a thread of its own.

        The thread is a daemon: a function that never returns must not keep Python from exiting.

        Args:
            function: The function to call.

        Returns:
            The result of the function.

        """
        future: concurrent.futures.Future[T] = concurrent.futures.Future()
        future.set_running_or_notify_cancel()
        work = functools.partial(_settle, future, function)
        threading.Thread(target=contextvars.copy_context().run, args=(work,), daemon=True).start()
        return await asyncio.wrap_future(future)

    def load_package(self, package: str) -> None:
        """Do nothing: installed packages can be imported.

        Args:
            package: Ignored.

        """

    def on_page_message(self, channel: str, function: Callable[[Any], None]) -> Callable[[], None]:  # noqa: ARG002
        """Do nothing: comm messages arrive while a cell runs, or after it in old front ends.

        Args:
            channel: Ignored.
            function: Ignored.

        Returns:
            A function that does nothing.

        """
        return lambda: None

    def _post(self, callback: Callable[[], object]) -> None:
        with self._starting:
            if not self._thread.is_alive():
                self._start()
        # The context tells which cell this is for, so that output of a user's function appears there.
        self._loop.call_soon_threadsafe(callback, context=contextvars.copy_context())

    def _start(self) -> None:
        self._loop = asyncio.new_event_loop()
        if any(self._inherited):
            for method in filter(None, (reference() for reference in self._forked)):
                self._loop.call_soon(method)
        self._thread.start()
        atexit.register(self._end)

    def _run(self) -> None:
        while not self._ended:
            # asyncio lets KeyboardInterrupt and SystemExit out of tasks and out of the loop. Whichever user function
            # raised it, the other widgets need this thread.
            with suppress(KeyboardInterrupt, SystemExit):
                self._loop.run_forever()

    def _end(self) -> None:
        """End running tasks at exit, so that none is destroyed while pending."""
        # A forked process inherits its parent's exit handlers.
        is_running = self._thread.is_alive() and not self._ended
        self._ended = True
        if not is_running:
            return
        self._post(lambda: self._loop.create_task(self._cancel_all()))
        self._thread.join(_PATIENCE)
        if not self._thread.is_alive():
            self._loop.close()

    async def _cancel_all(self) -> None:
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=_PATIENCE / 2)
        self._loop.stop()


def _settle(future: concurrent.futures.Future[T], function: Callable[[], T]) -> None:
    """Call `function` and store its outcome in `future`."""
    try:
        future.set_result(function())
    except StopIteration as error:
        # A future does not accept StopIteration, and a coroutine could not raise it.
        failure = RuntimeError(f"StopIteration: {error}")
        failure.__cause__ = error
        future.set_exception(failure)
    except BaseException as error:  # noqa: BLE001 it is raised where the result is awaited
        future.set_exception(error)
