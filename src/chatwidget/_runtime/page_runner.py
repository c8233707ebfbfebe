"""The loop of the page, for Pyodide."""

from __future__ import annotations

import asyncio
import concurrent.futures
import importlib.util
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

from .._errors import CannotWaitError
from .futures import _drive
from .runner import _FOR_ITSELF, T, _listening


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

    async def run_in_thread(self, function: Callable[[], T]) -> T:
        """Run `function` now: there is one thread."""
        return function()

    def load_package(self, package: str) -> None:
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
