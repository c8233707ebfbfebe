"""Where coroutines run, and how synchronous code waits for them.

On CPython: one daemon thread with a loop of its own, so that streaming and Stop go on while a cell
runs. In Pyodide: the running loop, for there is no other. All that changes a conversation runs there,
one thing at a time; callers elsewhere go through `call`.
"""

from __future__ import annotations

import concurrent.futures
import contextvars
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

T = TypeVar("T")


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

    async def run_in_thread(self, function: Callable[[], T]) -> T:
        """Run `function` while the loop goes on, where there is a second thread for it; gives its result."""
        ...

    def load_package(self, package: str) -> None:
        """Have `package` importable, where it is at hand and only not loaded."""
        ...

    def on_page_message(self, channel: str, function: Callable[[Any], None]) -> Callable[[], None]:
        """Call `function` with what the page posts on `channel`, also while a cell runs; gives the way to end it."""
        ...

    def after_fork(self, method: Callable[[], None]) -> None:
        """Call `method`, which is held weakly, in a forked process before anything else runs there."""
        ...
