"""The browser's fetch as a transport, for Python that runs in the browser (Pyodide).

The only transport that imports `js` and `pyodide`. It sends no header but the two that every server
allows across origins, and it aborts the request whenever it is left: a stream that is merely closed
would go on downloading.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from .._errors import ConnectError, StreamInterruptedError, TransportError
from .._messages import Delta
from .._retry import MAX_RETRIES
from .._secrets import redact
from .._wire import decode, request_body
from ._base import ChatRequest, Endpoint
from ._retrying import Outcome, respond
from ._status_text import status_error

_ERROR_STATUSES = 400


class FetchTransport:
    """Chat completions from `endpoint` through `fetch`."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    async def warm(self) -> None:
        """Nothing to do: the browser is warm."""

    async def aclose(self) -> None:
        """Nothing is held open between requests."""

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Delta, None]:
        """The answer as it comes. Raises TransportError."""
        import js  # noqa: PLC0415 exists in the browser only

        body = json.dumps(request_body(request.messages, request.model, request.params))
        controller = js.AbortController.new()
        try:
            response = await respond(lambda: self._try(body, controller), request, MAX_RETRIES)
            async with aclosing(_chunks(response)) as chunks:
                async for delta in decode(chunks, response.headers.get("content-type") or ""):
                    yield delta
        except TransportError as error:
            error.args = (redact(str(error), self._endpoint.key),)
            raise
        finally:
            controller.abort()

    async def _try(self, body: str, controller: Any) -> Outcome:
        """One request."""
        from pyodide.ffi import JsException, to_js  # noqa: PLC0415 exists in the browser only

        import js  # noqa: PLC0415 exists in the browser only

        headers = {"Content-Type": "application/json"}
        if self._endpoint.key is not None:
            headers["Authorization"] = f"Bearer {self._endpoint.key.reveal()}"
        options = {"method": "POST", "headers": headers, "body": body}
        options = to_js(options, dict_converter=js.Object.fromEntries)
        options.signal = controller.signal
        try:
            response = await js.fetch(self._endpoint.chat_url, options)
        except JsException:
            return ConnectError(self._not_reached()), {}
        if response.status < _ERROR_STATUSES:
            return response, {}
        answered = status_error(response.status, await _text(response), self._endpoint.key)
        names = ("x-should-retry", "retry-after-ms", "retry-after")
        return answered, {name: value for name in names if (value := response.headers.get(name))}

    def _not_reached(self) -> str:
        # The browser tells a script only that a fetch failed, never why.
        return (
            f"{self._endpoint.base_url} was not reached. Check that the address is right, that the server runs, "
            "and that it allows requests from this page (CORS; for Ollama set OLLAMA_ORIGINS)."
        )


async def _chunks(response: Any) -> AsyncGenerator[bytes, None]:
    from pyodide.ffi import JsException  # noqa: PLC0415 exists in the browser only

    if response.body is None:
        return
    reader = response.body.getReader()
    while True:
        try:
            piece = await reader.read()
        except JsException as error:
            message = f"The answer was cut off: the connection was lost ({error.message})."
            raise StreamInterruptedError(message) from None
        if piece.done:
            return
        yield piece.value.to_bytes()


async def _text(response: Any) -> bytes:
    from pyodide.ffi import JsException  # noqa: PLC0415 exists in the browser only

    try:
        return str(await response.text()).encode()
    except JsException:
        return b""
