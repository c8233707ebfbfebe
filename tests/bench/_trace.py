"""What the main thread of a page did, from Chromium's own record."""

import json
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page


@contextmanager
def traced(browser: Browser, page: Page) -> Iterator[list[float]]:
    """A list that has, at the end, the CPU time of each task in milliseconds, which a busy machine does not stretch."""
    tasks: list[float] = []
    browser.start_tracing(page=page, categories=["toplevel"])
    try:
        yield tasks
    finally:
        tasks += _busiest(json.loads(browser.stop_tracing())["traceEvents"])


def _busiest(events: list[dict[str, Any]]) -> list[float]:
    """The tasks of the main thread that had most to do."""
    threads = defaultdict(list)
    mains = {(event["pid"], event["tid"]) for event in events if event.get("args", {}).get("name") == "CrRendererMain"}
    for event in events:
        thread = (event["pid"], event["tid"])
        if thread in mains and event["name"] == "ThreadControllerImpl::RunTask":
            threads[thread].append(event.get("tdur", 0) / 1000)
    return max(threads.values(), key=sum)
