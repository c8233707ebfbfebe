"""The interface of runners: run coroutines, and let synchronous code wait for them.

On CPython a runner is a daemon thread with its own loop, so that streaming and Stop work while a cell runs. In Pyodide
it is the running loop, since there is no other. Every change to a conversation happens there, one at a time; callers
elsewhere go through `call`.
"""

from __future__ import annotations

import concurrent.futures
import contextvars
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, Final, Protocol, TypeVar

T = TypeVar("T")


WAITS_FOR_ITSELF: Final = "this code runs in the loop that streams the answer, and would wait for itself; use {}"
"""The text of a CannotWaitError, with the call to suggest in place of `{}`."""

_listening: contextvars.ContextVar[bool] = contextvars.ContextVar("chatwidget_listening", default=False)


@contextmanager
def listening() -> Iterator[None]:
    """Mark the calls of a user's listener.

    A listener must not wait for the work it listens to, even if there is only one thread.
    """
    token = _listening.set(True)
    try:
        yield
    finally:
        _listening.reset(token)


def is_listening() -> bool:
    """Return whether a user's listener is being called."""
    return _listening.get()


class Runner(Protocol):
    """A place where coroutines run."""

    def submit(self, coroutine: Coroutine[Any, Any, T]) -> concurrent.futures.Future[T]:
        """Start `coroutine` with the context variables of the caller. Callable from any thread.

        Args:
            coroutine: The coroutine to run.

        Returns:
            A future of its result.

        """
        ...

    def call(self, function: Callable[[], T]) -> T:
        """Run `function` on the loop's thread, between two steps of coroutines.

        Args:
            function: The function to call.

        Returns:
            The result of the function.

        """
        ...

    def wait(self, future: concurrent.futures.Future[T], instead: str) -> T:
        """Block until `future` is done.

        Args:
            future: The future to wait for.
            instead: The call to suggest if waiting is impossible.

        Returns:
            The result of the future.

        Raises:
            CannotWaitError: Waiting is impossible here.

        """
        ...

    def require_wait(self, instead: str) -> None:
        """Check that `wait` is possible here.

        Args:
            instead: The call to suggest in the error.

        Raises:
            CannotWaitError: Waiting is impossible here.

        """
        ...

    async def run_in_thread(self, function: Callable[[], T]) -> T:
        """Run `function` while the loop goes on, on a second thread if there is one.

        Args:
            function: The function to call.

        Returns:
            The result of the function.

        """
        ...

    def load_package(self, package: str) -> None:
        """Make `package` importable if it is available but not loaded.

        Args:
            package: The name of the package.

        """
        ...

    def on_page_message(self, channel: str, function: Callable[[Any], None]) -> Callable[[], None]:
        """Listen to messages from the page, also while a cell runs.

        Args:
            channel: The name of the channel.
            function: Called with the data of each message.

        Returns:
            A function that stops listening.

        """
        ...

    def after_fork(self, method: Callable[[], None]) -> None:
        """Register a method to call first in a forked process.

        Args:
            method: The method; it is held by a weak reference.

        """
        ...
