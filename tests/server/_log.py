"""What the server saw, and waiting for it to see something."""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

CHAT_PATH = "/chat/completions"
"""Under any prefix: Azure puts the deployment's name there."""
RESPONSES_PATH = "/responses"
"""Under any prefix, too."""
ANTHROPICS_PATH = "/v1/messages"
GOOGLES_PATH = ":streamGenerateContent"
TIMEOUT = 20.0


@dataclass(eq=False)
class Received:
    """A request, and what became of its response. Times are ``time.monotonic()``."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    client: tuple[str, int] | None = None
    """The other end of the connection, by which one tells connections apart."""
    query: str = ""
    """What stands behind the path, as it came."""
    received_at: float = field(default_factory=time.monotonic)
    bytes_sent: int = 0
    finished_at: float | None = None
    disconnected_at: float | None = None

    @property
    def json(self) -> Any:
        """The parsed body; None when there is none."""
        return json.loads(self.body) if self.body else None


class RequestLog:
    """Requests in the order they came. Written on the server's thread, awaited on any other."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._requests: list[Received] = []

    def add(self, request: Received) -> None:
        with self._changed:
            self._requests.append(request)
            self._changed.notify_all()

    def finish(self, request: Received) -> None:
        with self._changed:
            request.finished_at = time.monotonic()
            self._changed.notify_all()

    def disconnect(self, request: Received) -> None:
        with self._changed:
            request.disconnected_at = time.monotonic()
            self._changed.notify_all()

    def clear(self) -> None:
        with self._changed:
            self._requests.clear()

    def select(self, keep: Callable[[Received], object]) -> list[Received]:
        with self._changed:
            return [request for request in self._requests if keep(request)]

    def wait_for(self, keep: Callable[[Received], object], count: int, timeout: float) -> Received:
        """The ``count``-th request that ``keep`` accepts."""
        with self._changed:
            if not self._changed.wait_for(lambda: len(self.select(keep)) >= count, timeout):
                found = len(self.select(keep))
                message = f"Only {found} of {count} such requests in {timeout} s: {self._requests}"
                raise TimeoutError(message)
            return self.select(keep)[count - 1]
