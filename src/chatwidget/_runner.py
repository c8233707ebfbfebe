"""Where coroutines run, and how synchronous code waits for them.

On CPython: one daemon thread with a loop of its own, so that streaming and Stop go on while a cell
runs. In Pyodide: the running loop, for there is no other. All that changes a conversation runs there,
one thing at a time; callers elsewhere go through `call`.
"""

from __future__ import annotations

import asyncio
import atexit
import concurrent.futures
import contextvars
import functools
import importlib.util
import os
import sys
import threading
import weakref
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Protocol, TypeVar

from ._errors import CannotWaitError

T = TypeVar("T")

_PATIENCE = 1.0
"""Seconds that the end of the process waits for streams to end."""

_SLICE = 0.2
"""Seconds. On Windows an interrupt reaches a thread only between two waits for a lock."""


_FOR_ITSELF = "this runs where the answer is streamed, and would wait for itself; use {}"

_listening: contextvars.ContextVar[bool] = contextvars.ContextVar("chatwidget_listening", default=False)


@contextmanager
def listening() -> Iterator[None]:
    """Call a user's listener in here: it must not wait for what it listens to, even if there is no other thread."""
    token = _listening.set(True)
    try:
        yield
    finally:
        _listening.reset(token)


class Runner(Protocol):
    """One place where coroutines run."""

    def submit(self, coroutine: Coroutine[Any, Any, T]) -> concurrent.futures.Future[T]:
        """Start `coroutine`, with the caller's context variables; may be called from any thread."""
        ...

    def call(self, function: Callable[[], T]) -> T:
        """Run `function` where the coroutines run, between two of their steps, and give its result."""
        ...

    def wait(self, future: concurrent.futures.Future[T], instead: str) -> T:
        """Block until `future` is done. Raises CannotWaitError, naming `instead`, where that cannot be."""
        ...

    def require_wait(self, instead: str) -> None:
        """Raise CannotWaitError, naming `instead`, if `wait` would."""
        ...

    async def beside(self, function: Callable[[], T]) -> T:
        """Run `function` while the loop goes on, where there is a second thread for it; gives its result."""
        ...

    def provide(self, package: str) -> None:
        """Have `package` importable, where it is at hand and only not loaded."""
        ...

    def on_page_message(self, channel: str, function: Callable[[Any], None]) -> Callable[[], None]:
        """Call `function` with what the page posts on `channel`, also while a cell runs; gives the way to end it."""
        ...

    def after_fork(self, method: Callable[[], None]) -> None:
        """Call `method`, which is held weakly, in a forked process before anything else runs there."""
        ...


@functools.cache
def default_runner() -> Runner:
    """The runner of this process."""
    return PageRunner() if sys.platform == "emscripten" else ThreadRunner()


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

    async def beside(self, function: Callable[[], T]) -> T:
        """Run `function` on a thread of its own.

        The thread is a daemon: a function that never returns must not keep Python from its end.
        """
        future: concurrent.futures.Future[T] = concurrent.futures.Future()
        future.set_running_or_notify_cancel()
        work = functools.partial(_settle, future, function)
        threading.Thread(target=contextvars.copy_context().run, args=(work,), daemon=True).start()
        return await asyncio.wrap_future(future)

    def provide(self, package: str) -> None:
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


class PageRunner:
    """The loop that Pyodide already runs."""

    def submit(self, coroutine: Coroutine[Any, Any, T]) -> concurrent.futures.Future[T]:
        """Start `coroutine` on the running loop."""
        loop = asyncio.get_event_loop()
        future: concurrent.futures.Future[T] = concurrent.futures.Future()
        _drive(loop.create_task(coroutine), future, loop)
        return future

    def call(self, function: Callable[[], T]) -> T:
        """Run `function` now: there is one thread."""
        return function()

    def wait(self, future: concurrent.futures.Future[T], instead: str) -> T:
        """Suspend the running cell until `future` is done, in browsers that can do so."""
        from pyodide.ffi import run_sync  # noqa: PLC0415 exists in the browser only

        self.require_wait(instead)
        return run_sync(asyncio.wrap_future(future))  # type: ignore[no-any-return]

    def require_wait(self, instead: str) -> None:
        """Raise CannotWaitError if the browser cannot wait, or if a listener is being called.

        Whatever calls a listener would be suspended halfway, and what is waited for with it.
        """
        from pyodide.ffi import can_run_sync  # noqa: PLC0415 exists in the browser only

        if _listening.get():
            raise CannotWaitError(_FOR_ITSELF.format(instead))
        if not can_run_sync():
            message = f"this browser cannot wait here; use {instead}"
            raise CannotWaitError(message)

    async def beside(self, function: Callable[[], T]) -> T:
        """Run `function` now: there is one thread."""
        return function()

    def provide(self, package: str) -> None:
        """Load `package` from the site, if it has it and the browser can wait for that. Who imports it, sees."""
        import pyodide_js  # noqa: PLC0415 exists in the browser only
        from pyodide.ffi import JsException, can_run_sync, run_sync  # noqa: PLC0415 as above

        async def load() -> None:
            with suppress(JsException):
                await pyodide_js.loadPackage(package)

        if importlib.util.find_spec(package) is None and can_run_sync():
            run_sync(load())

    def after_fork(self, method: Callable[[], None]) -> None:
        """Nothing to do: there is no other process."""

    def on_page_message(self, channel: str, function: Callable[[Any], None]) -> Callable[[], None]:
        """Listen on a BroadcastChannel: comm messages wait while a cell runs, an awaiting one too; these do not."""
        from pyodide.ffi import create_proxy  # noqa: PLC0415 exists in the browser only

        import js  # noqa: PLC0415 exists in the browser only

        proxy = create_proxy(lambda event: function(event.data.to_py() if hasattr(event.data, "to_py") else event.data))
        broadcast = js.BroadcastChannel.new(channel)
        broadcast.onmessage = proxy

        def end() -> None:
            broadcast.close()
            proxy.destroy()

        return end


def _settle(future: concurrent.futures.Future[T], function: Callable[[], T]) -> None:
    """Put into `future` what comes of `function`."""
    try:
        future.set_result(function())
    except StopIteration as error:
        # No future takes this one, and no coroutine could raise it.
        future.set_exception(RuntimeError(f"StopIteration: {error}"))
    except BaseException as error:  # noqa: BLE001 it is raised where the result is awaited
        future.set_exception(error)


def _drive(task: asyncio.Task[T], future: concurrent.futures.Future[T], loop: asyncio.AbstractEventLoop) -> None:
    """Tie `future` to `task`: its outcome goes there, and cancelling comes back."""

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
