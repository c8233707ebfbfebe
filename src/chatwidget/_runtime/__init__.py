"""The places where coroutines run: a thread on CPython, the page's loop in Pyodide."""

from __future__ import annotations

import functools
import sys

from .runner import Runner


@functools.cache
def default_runner() -> Runner:
    """Return the runner of this process."""
    if sys.platform == "emscripten":
        from .page_runner import PageRunner  # noqa: PLC0415 only one of the two runs on a platform

        return PageRunner()
    from .thread_runner import ThreadRunner  # noqa: PLC0415 as above

    return ThreadRunner()
