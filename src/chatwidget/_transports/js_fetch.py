"""The browser's fetch and the page's origin, as Python that runs in the browser has them."""

from __future__ import annotations

from typing import Any


async def fetch(url: str, options: dict[str, Any], signal: Any) -> Any:
    """A response. Raises JsException."""
    from pyodide.ffi import to_js  # noqa: PLC0415 exists in the browser only

    import js  # noqa: PLC0415 exists in the browser only

    converted = to_js(options, dict_converter=js.Object.fromEntries)
    converted.signal = signal
    return await js.fetch(url, converted)


def origin() -> str:
    """Where the page came from, as servers are told."""
    import js  # noqa: PLC0415 exists in the browser only

    return str(js.location.origin)
