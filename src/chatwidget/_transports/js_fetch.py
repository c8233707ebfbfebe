"""The browser's fetch and the page's origin, for Python that runs in the browser."""

from __future__ import annotations

from typing import Any

from pyodide.ffi import to_js

import js


async def fetch(url: str, options: dict[str, Any], signal: Any) -> Any:
    """Send a request and return its response.

    Args:
        url: The URL to fetch.
        options: The options of JavaScript's `fetch`.
        signal: An AbortSignal.

    Returns:
        JavaScript's Response, of any HTTP status.

    Raises:
        JsException: The request failed.

    """
    converted = to_js(options, dict_converter=js.Object.fromEntries)
    converted.signal = signal
    return await js.fetch(url, converted)


def origin() -> str:
    """Return the origin of the page, as servers see it."""
    return str(js.location.origin)
