"""A thread with a loop of its own, for CPython."""

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
from .futures import _drive
from .runner import _FOR_ITSELF, T

_PATIENCE = 1.0
"""Seconds that the end of the process waits for streams to end."""

_SLICE = 0.2
"""Seconds. On Windows an interrupt reaches a thread only between two waits for a lock."""


class ThreadRunner:
    """A daemon thread with a loop, started when first needed, and anew in a forked process."""

    def __init__(self) -> None:
        self._inherited: list[object] = []
        """What a parent process goes on using: to close a loop here would take its sockets from the parent's."""
        self._forked: list[weakref.WeakMethod[Callable[[], None]]] = []
        self._loop: asyncio.AbstractEventLoop
        self._renew()
        if hasattr(os, "register_at_fork"):
            renew = weakref.WeakMethod(self._renew)
            os.register_at_fork(after_in_child=lambda: (method := renew()) and method())

    def _renew(self) -> None:
        """Begin without a thread: at first, and in a forked process, where it is not."""
        self._inherited += vars(self).pop("_loop", None), vars(self).get("_thread")
        self._thread = threading.Thread(target=self._run, name="chatwidget", daemon=True)
        self._starting = threading.Lock()
        self._ended = False

    def after_fork(self, method: Callable[[], None]) -> None:
        """Call `method`, which is held weakly, in a forked process before anything else runs there."""
        self._forked = [each for each in self._forked if each() is not None] + [weakref.WeakMethod(method)]

    def submit(self, coroutine: Coroutine[Any, Any, T]) -> concurrent.futures.Future[T]:
        """Start `coroutine` on the thread's loop; cancelling the future cancels it."""
        future: concurrent.futures.Future[T] = concurrent.futures.Future()
        if self._ended:
            coroutine.close()
            future.cancel()
        else:
            self._post(lambda: _drive(self._loop.create_task(coroutine), future, self._loop))
        return future

    def call(self, function: Callable[[], T]) -> T:
        """Run `function` on the loop's thread."""
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
        """Block this thread until `future` is done; an interrupt comes through."""
        self.require_wait(instead)
        while True:
            try:
                return future.result(_SLICE)
            except TimeoutError:
                if future.done():
                    return future.result()

    def require_wait(self, instead: str) -> None:
        """Raise CannotWaitError on the loop's own thread."""
        if threading.current_thread() is self._thread:
            raise CannotWaitError(_FOR_ITSELF.format(instead))

    async def run_in_thread(self, function: Callable[[], T]) -> T:
        """Run `function` on a thread of its own.

        The thread is a daemon: a function that never returns must not keep Python from its end.
        """
        future: concurrent.futures.Future[T] = concurrent.futures.Future()
        future.set_running_or_notify_cancel()
        work = functools.partial(_settle, future, function)
        threading.Thread(target=contextvars.copy_context().run, args=(work,), daemon=True).start()
        return await asyncio.wrap_future(future)

    def load_package(self, package: str) -> None:
        """Nothing to do: what is installed can be imported."""

    def on_page_message(self, channel: str, function: Callable[[Any], None]) -> Callable[[], None]:  # noqa: ARG002
        """Nothing to do: comm messages arrive while a cell runs, or wait for it in old front ends."""
        return lambda: None

    def _post(self, callback: Callable[[], object]) -> None:
        with self._starting:
            if not self._thread.is_alive():
                self._start()
        # The context brings along which cell this is for, so that what a user's function prints appears there.
        self._loop.call_soon_threadsafe(callback, context=contextvars.copy_context())

    def _start(self) -> None:
        self._loop = asyncio.new_event_loop()
        if any(self._inherited):
            for method in filter(None, (each() for each in self._forked)):
                self._loop.call_soon(method)
        self._thread.start()
        atexit.register(self._end)

    def _run(self) -> None:
        while not self._ended:
            # asyncio lets KeyboardInterrupt and SystemExit out of tasks and out of the loop; whichever
            # user's function raised it, the other widgets need this thread.
            with suppress(KeyboardInterrupt, SystemExit):
                self._loop.run_forever()

    def _end(self) -> None:
        """At exit: end what still runs, so that nothing is destroyed while pending."""
        # A forked process has its parent's list of what is to be called.
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
    """Put into `future` what comes of `function`."""
    try:
        future.set_result(function())
    except StopIteration as error:
        # No future takes this one, and no coroutine could raise it.
        future.set_exception(RuntimeError(f"StopIteration: {error}"))
    except BaseException as error:  # noqa: BLE001 it is raised where the result is awaited
        future.set_exception(error)
