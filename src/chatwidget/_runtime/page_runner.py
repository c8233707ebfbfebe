"""The runner for Pyodide, on the page's loop."""

from __future__ import annotations

import asyncio
import concurrent.futures
import importlib.util
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pyodide_js
from pyodide.ffi import JsException, can_run_sync, create_proxy, run_sync

import js

from .._errors import CannotWaitError
from .loop_runner import LoopRunner
from .runner import WAITS_FOR_ITSELF, T, is_listening


class PageRunner(LoopRunner):
    """A runner on the loop that Pyodide already runs. See `Runner` for the methods."""

    def wait(self, future: concurrent.futures.Future[T], instead: str) -> T:
        """Suspend the running cell until `future` is done, if the browser supports it.

        Args:
            future: The future to wait for.
            instead: The call to suggest if waiting is impossible.

        Returns:
            The result of the future.

        Raises:
            CannotWaitError: The browser cannot wait, or a listener is being called.

        """
        self.require_wait(instead)
        return run_sync(asyncio.wrap_future(future))  # type: ignore[no-any-return]

    def require_wait(self, instead: str) -> None:
        """Check that `wait` is possible here.

        Args:
            instead: The call to suggest in the error.

        Raises:
            CannotWaitError: The browser cannot wait, or a listener is being called. Waiting would suspend the caller of
                the listener halfway, together with the work that is waited for.

        """
        if is_listening():
            raise CannotWaitError(WAITS_FOR_ITSELF.format(instead))
        if not can_run_sync():
            message = f"this browser cannot wait here; use {instead}"
            raise CannotWaitError(message)

    def load_package(self, package: str) -> None:
        """Load `package` from the site if it is available and the browser can wait for it.

        Failures are not reported; importing the package shows them.

        Args:
            package: The name of the package.

        """

        async def load() -> None:
            with suppress(JsException):
                await pyodide_js.loadPackage(package)

        if importlib.util.find_spec(package) is None and can_run_sync():
            run_sync(load())

    def on_page_message(self, channel: str, function: Callable[[Any], None]) -> Callable[[], None]:
        """Listen on a BroadcastChannel.

        Unlike comm messages, these messages also arrive while a cell runs or awaits.

        Args:
            channel: The name of the channel.
            function: Called with the data of each message.

        Returns:
            A function that stops listening.

        """
        proxy = create_proxy(lambda event: function(event.data.to_py() if hasattr(event.data, "to_py") else event.data))
        broadcast = js.BroadcastChannel.new(channel)
        broadcast.onmessage = proxy

        def end() -> None:
            broadcast.close()
            proxy.destroy()

        return end
