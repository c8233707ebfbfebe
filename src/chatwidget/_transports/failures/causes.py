"""The causes of failed connections on CPython, as told by the exceptions below the HTTP client's own."""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Iterator
from contextlib import suppress
from typing import Final
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from ..._errors import ConnectError
from ..._secrets.keys import Secret, redact
from .environment import fault, proxy_variable
from .unreachable import not_reached

_KINDS: Final[tuple[tuple[type[BaseException], str], ...]] = (
    (socket.gaierror, "no_host"),
    (ssl.SSLCertVerificationError, "certificate"),
    (ssl.SSLError, "no_tls"),
    (ConnectionRefusedError, "refused"),
)
_NAMES: Final = {"ProxyError": "proxy", "RemoteProtocolError": "dropped", "ReadError": "dropped"}
"""The HTTP client's own classes, by name, as there are two sets of them with the same names."""


_FAR_AWAY: Final = {socket.AF_INET: "192.0.2.1", socket.AF_INET6: "2001:db8::1"}
"""Addresses reserved for documentation, by the kind of address."""

_OF_THE_PROXY: Final = frozenset({"refused", "no_host", "dropped", "unreached"})
"""Causes that are the proxy's, if there is one."""


def connect_error(error: BaseException, url: str, secret: Secret | None = None) -> ConnectError:
    """Return the error for a server that was not reached: the cause, and the remedy.

    Args:
        error: The exception of the HTTP client.
        url: The URL that was not reached.
        secret: The key, which is redacted from the text.

    """
    code = cause_of(error, url)
    if code in {"unreached", "certificate"} and (sentence := fault()) is not None:
        return ConnectError(sentence, code="environment")
    return not_reached(code, url, reason=redact(reason_of(error), secret), proxy=proxy_variable(url))


def cause_of(error: BaseException, url: str) -> str:
    """Return the code of the cause for which a server was not reached.

    Args:
        error: The exception of the HTTP client.
        url: The URL that was not reached.

    """
    causes = list(chain_of(error))
    cause = next(filter(None, map(_kind_of, causes)), "unreached")
    if cause in _OF_THE_PROXY and _has_proxy(url):
        return "proxy"
    if any(map(_is_of_the_network, causes)) or (cause == "no_host" and not _has_route()):
        return "offline"
    return cause


def reason_of(error: BaseException) -> str:
    """Return the text of the innermost cause that has one.

    Args:
        error: The exception.

    """
    # The outer exceptions only say that there was an error.
    text = str(error)
    cause = error.__cause__ or error.__context__
    while cause is not None:
        text = str(cause) or text
        cause = cause.__cause__ or cause.__context__
    return text.rstrip(".")


def chain_of(error: BaseException) -> Iterator[BaseException]:
    """Return an exception and all its causes, the innermost last.

    Args:
        error: The exception.

    """
    waiting: list[BaseException] = [error]
    for cause in waiting:
        inner = [*getattr(cause, "exceptions", ()), cause.__cause__, cause.__context__]
        waiting += [exception for exception in inner if exception is not None and exception not in waiting]
    return iter(waiting)


def _kind_of(error: BaseException) -> str | None:
    known = (code for kind, code in _KINDS if isinstance(error, kind))
    return next(known, None) or _NAMES.get(type(error).__name__)


def _is_of_the_network(error: BaseException) -> bool:
    """Return whether there was no way out, or nobody to look up names: not whether a name is unknown."""
    if isinstance(error, socket.gaierror):
        return error.errno == socket.EAI_AGAIN
    return isinstance(error, OSError) and error.errno == errno.ENETUNREACH


def _has_route() -> bool:
    """Return whether this computer has a way to the Internet. Sends nothing."""
    return any(map(_routes, _FAR_AWAY))


def _routes(family: socket.AddressFamily) -> bool:
    with suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as datagrams:
        # This only asks the system for the way that packets would take.
        datagrams.connect((_FAR_AWAY[family], 9))
        return True
    return False


def _has_proxy(url: str) -> bool:
    """Return whether a request goes through a proxy, by the HTTP client's reading of the environment."""
    parts = urlsplit(url)
    proxies = getproxies()
    goes_there = parts.scheme in proxies or "all" in proxies
    return goes_there and not proxy_bypass(parts.hostname or "")
