"""Asynchronous iteration over blocking iterators: on a thread of its own, or in place without threads."""

from __future__ import annotations

import asyncio
import contextvars
import functools
import threading
from collections.abc import AsyncGenerator, Callable, Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")


async def in_place(items: Callable[[], Iterator[T]]) -> AsyncGenerator[T, None]:
    """Yield the items of `items()`, letting the loop run between two items.

    Args:
        items: Returns the iterator.

    Raises:
        BaseException: Any error of the iterator.

    """
    for item in items():
        yield item
        await asyncio.sleep(0)


async def in_thread(
    items: Callable[[], Iterator[T]], *, on_leave: Callable[[], object] = lambda: None
) -> AsyncGenerator[T, None]:
    """Yield the items of `items()`, produced on a daemon thread.

    An item is consumed before the function continues, so that its other changes to the chat come after it.

    Args:
        items: Returns the iterator; called on the thread.
        on_leave: Called if the generator is closed early. The thread ends at the next item; this may speed that up.

    Raises:
        BaseException: Any error of the iterator.

    """
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[_Result] = asyncio.Queue()
    left, taken = threading.Event(), threading.Semaphore(0)

    def put(result: _Result) -> None:
        with suppress(RuntimeError):  # the loop is closed, and nobody waits any more
            loop.call_soon_threadsafe(queue.put_nowait, result)

    work = functools.partial(_work, items, put, left, taken)
    context = contextvars.copy_context()
    # A daemon: a function that never returns must keep neither Stop nor Python's exit waiting.
    threading.Thread(target=context.run, args=(work,), name="chatwidget-function", daemon=True).start()
    result = None
    try:
        while not (result := await queue.get()).is_last:
            yield result.item
            taken.release()
    finally:
        left.set()
        taken.release()
        if result is None or not result.is_last:
            on_leave()
    if result.error is not None:
        raise result.error


@dataclass(frozen=True, slots=True)
class _Result:
    """A message from the thread: an item, or the end and the error that caused it."""

    item: Any = None
    is_last: bool = False
    error: BaseException | None = None


def _work(
    make: Callable[[], Iterator[Any]],
    put: Callable[[_Result], None],
    left: threading.Event,
    taken: threading.Semaphore,
) -> None:
    items: Iterator[Any] | None = None
    error: BaseException | None = None
    try:
        items = make()
        for item in items:
            put(_Result(item))
            taken.acquire()
            if left.is_set():
                return
    except BaseException as failure:  # noqa: BLE001 it is raised again where the answer is awaited
        error = failure
    finally:
        if isinstance(items, Generator):
            items.close()
        put(_Result(is_last=True, error=error))
