"""OpenAI's own address, answered by the test server: through a proxy, as in a company, which ends the TLS itself."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import trustme

from tests.server import ModelServer


@contextmanager
def openai_at(server: ModelServer, directory: Path) -> Iterator[dict[str, str]]:
    """The variables of an environment in which https://api.openai.com is `server`."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(directory / "authority.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("api.openai.com").configure_cert(context)
    port = int(server.url.rpartition(":")[2])

    def tunnel(client: socket.socket) -> None:
        with suppress(OSError), client:
            head = b""
            while b"\r\n\r\n" not in head and (piece := client.recv(4096)):
                head += piece
            assert head.startswith(b"CONNECT api.openai.com:443 ")
            client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            inner = context.wrap_socket(client, server_side=True)
            with inner, socket.create_connection(("127.0.0.1", port)) as outer:
                back = _started(lambda: _pump(outer, inner))
                _pump(inner, outer)
                back.join(5)

    def accept() -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                threads.append(_started(lambda client=client: tunnel(client)))

    threads: list[threading.Thread] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        acceptor = _started(accept)
        proxy = f"http://127.0.0.1:{listener.getsockname()[1]}"
        yield {"HTTPS_PROXY": proxy, "SSL_CERT_FILE": str(directory / "authority.pem")}
        listener.shutdown(socket.SHUT_RDWR)
        for thread in (acceptor, *threads):
            thread.join(5)


def _started(work: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def _pump(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(65536):
            target.sendall(piece)
    with suppress(OSError):
        target.shutdown(socket.SHUT_RDWR)
