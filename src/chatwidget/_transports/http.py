"""The interface of an HTTP client: how bytes travel to one server and back, whatever they say."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Hashable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, NamedTuple, Protocol

from .._errors import ConnectError
from .credentials import Access
from .endpoint import url_below
from .extras import with_query


class HttpRequest(NamedTuple):
    """A request: a POST if it has a body, else a GET."""

    path: str
    """The path below the server's address, or a whole URL."""
    headers: Mapping[str, Any]
    query: Mapping[str, Any] = {}
    body: dict[str, Any] | None = None
    timeout: float | None = None
    """Seconds without a byte after which to give up; None means the client's own."""

    def url_at(self, base_url: str) -> str:
        """Return the whole URL.

        Args:
            base_url: The address of the server.

        """
        return with_query(self.path if "://" in self.path else url_below(base_url, self.path), self.query)


class HttpResponse(NamedTuple):
    """A response of any status, its body still to come."""

    status: int
    headers: Mapping[str, str]
    """The headers, with lower-case names; at least those of type and retries."""
    chunks: AsyncGenerator[bytes, None]
    """The body, which raises StreamInterruptedError if it is cut off."""

    @property
    def is_success(self) -> bool:
        """False if the status is not one of success."""
        return 200 <= self.status < 300  # noqa: PLR2004 HTTP's

    async def read(self) -> bytes:
        """Return the whole body.

        Raises:
            StreamInterruptedError: The body was cut off.

        """
        return b"".join([chunk async for chunk in self.chunks])


class HttpClient(Protocol):
    """A way to one server."""

    @property
    def base_url(self) -> str:
        """The address of the server."""
        ...

    @property
    def account(self) -> Hashable | None:
        """An id for address and key that reveals neither. None if the server is not OpenAI's."""
        ...

    @property
    def max_retries(self) -> int:
        """How often a failed request is repeated."""
        ...

    async def warm(self, path: str) -> None:
        """Do in advance the work that would delay the first request. May be called at any time, and repeatedly.

        Args:
            path: The path for answers.

        """
        ...

    async def aclose(self) -> None:
        """Release all resources."""
        ...

    async def access(self) -> Access:
        """Return the key and headers for the next request.

        Raises:
            TransportError: The key or the client cannot be had.

        """
        ...

    def send(self, request: HttpRequest) -> AbstractAsyncContextManager[HttpResponse]:
        """Send a request once. Leaving the context early ends it at once.

        Args:
            request: The request.

        Returns:
            A context with the response.

        Raises:
            ConnectError: The server was not reached.
            TransportError: The request could not be sent.

        """
        ...

    async def explain(self, error: ConnectError, path: str, headers: Iterable[str]) -> ConnectError:
        """Return the error for a server that was not reached, with the cause as far as it can be found out.

        Args:
            error: The error of the last attempt.
            path: The path that was requested.
            headers: The names of the headers that were sent.

        """
        ...
