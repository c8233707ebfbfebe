"""Running coroutines in synchronous tests, on CPython and in Pyodide alike."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """The coroutine's result; in Pyodide by suspending the stack, for the loop is already running there."""
    if sys.platform == "emscripten":
        from pyodide.ffi import run_sync  # noqa: PLC0415 exists in the browser only

        return run_sync(coroutine)
    return asyncio.run(coroutine)
