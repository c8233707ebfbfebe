"""The least that gets an answer: HTTP/1.1 by hand over one blocking socket, which is kept open."""

import json
import re
import socket
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

FIRST_TOKEN = re.compile(rb'"content":"[^"]')
LAST_CHUNK = b"\r\n0\r\n\r\n"


class BareClient:
    """Asks a server for answers and throws them away."""

    def __init__(self, base_url: str) -> None:
        parts = urlsplit(base_url)
        self._address = (parts.hostname, parts.port)
        self._path = f"{parts.path}/chat/completions"
        self._socket: socket.socket | None = None

    def first_token(self, messages: list[dict[str, Any]]) -> float:
        """Seconds until the first text is there; the connection is made when there is none."""
        body = {"model": "test-model", "messages": messages, "stream": True}
        start = perf_counter()
        self._ask(json.dumps(body).encode())
        data = b""
        while not FIRST_TOKEN.search(data):
            data += self._socket.recv(65536)
        first = perf_counter() - start
        while not data.endswith(LAST_CHUNK):
            data += self._socket.recv(65536)
        return first

    def _ask(self, body: bytes) -> None:
        if self._socket is None:
            self._socket = socket.create_connection(self._address)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        head = [f"POST {self._path} HTTP/1.1", f"Host: {self._address[0]}:{self._address[1]}"]
        head += ["Content-Type: application/json", f"Content-Length: {len(body)}", "", ""]
        self._socket.sendall("\r\n".join(head).encode() + body)
