"""Running coroutines in synchronous tests, on CPython and in Pyodide alike."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """The coroutine's result; in Pyodide by suspending the stack, for the loop is already running there."""
    if sys.platform != "emscripten":
        return asyncio.run(coroutine)
    from pyodide.ffi import run_sync  # noqa: PLC0415 exists in the browser only

    result, error = run_sync(_outcome(coroutine))
    if error is not None:
        raise error
    return result


async def _outcome(coroutine: Coroutine[Any, Any, T]) -> tuple[T | None, BaseException | None]:
    # Pyodide's loop would report an exception that leaves a task, even though it is raised here too.
    try:
        return await coroutine, None
    except BaseException as error:  # noqa: BLE001 all that asyncio.run would raise
        return None, error
