"""Servers that fail before HTTP begins, on sockets of their own."""

import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import trustme

Talk = Callable[[socket.socket], None]


@contextmanager
def listening(talk: Talk) -> Iterator[str]:
    """A server that does `talk` with each connection; its host and port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_accept, args=(listener, talk), daemon=True)
        thread.start()
        yield f"127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def _accept(listener: socket.socket, talk: Talk) -> None:
    with suppress(OSError):
        while True:
            connection, _ = listener.accept()
            with suppress(OSError), connection:
                talk(connection)


def hang_up(connection: socket.socket) -> None:
    """Hear a request and close."""
    connection.recv(65536)


def never_answer(connection: socket.socket) -> None:
    """Hear a request, and wait until whoever sent it has gone."""
    while connection.recv(65536):
        pass


def refuse(connection: socket.socket) -> None:
    """A proxy that lets nobody through."""
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")


def answer(body: bytes) -> Talk:
    """Answer each request with this event stream."""
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"

    def talk(connection: socket.socket) -> None:
        hear(connection)
        connection.sendall(head + body)

    return talk


def hear(connection: socket.socket) -> None:
    """Hear a request to its end: who closes before is taken for one that hangs up."""
    heard = b""
    while (piece := connection.recv(65536)) != b"":
        heard += piece
        head, end, body = heard.partition(b"\r\n\r\n")
        length = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
        if end and len(body) >= (int(length[1]) if length else 0):
            return


def behind_tls(certificate: Path, talk: Talk) -> Talk:
    """The same, behind TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    def secretly(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as wrapped:
            talk(wrapped)

    return secretly


def of_unknown_authority(directory: Path) -> Path:
    """A certificate for 127.0.0.1 and its private key, in one file; beside it, as `.crt`, its authority."""
    path = directory / "server.pem"
    authority = trustme.CA()
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(path)
    authority.cert_pem.write_to_path(f"{path}.crt")
    return path


def free_port() -> int:
    """A port at which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return port
