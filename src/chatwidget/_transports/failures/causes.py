"""Why a connection failed on CPython: what the exceptions below the HTTP client's own say."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
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
"""The client's own classes, of which there are two sets with the same names."""


_OF_THE_PROXY: Final = frozenset({"refused", "no_host", "dropped", "unreached"})
"""What it is the proxy's to answer for, where there is one."""


def connect_error(error: BaseException, url: str, secret: Secret | None = None) -> ConnectError:
    """Return the error for a server at `url` that was not reached: what kept it from being, and what to do."""
    code = cause_of(error, url)
    if code in {"unreached", "certificate"} and (sentence := fault()) is not None:
        return ConnectError(sentence, code="environment")
    return not_reached(code, url, said=redact(reason_of(error), secret), proxy=proxy_variable(url))


def cause_of(error: BaseException, url: str) -> str:
    """The code of what kept the server at `url` from being reached."""
    found = next(filter(None, map(_kind_of, chain_of(error))), "unreached")
    if found in _OF_THE_PROXY and _has_proxy(url):
        return "proxy"
    return found


def reason_of(error: BaseException) -> str:
    """The innermost cause that says something: the outer ones only say that there was an error."""
    text = str(error)
    cause = error.__cause__ or error.__context__
    while cause is not None:
        text = str(cause) or text
        cause = cause.__cause__ or cause.__context__
    return text.rstrip(".")


def chain_of(error: BaseException) -> Iterator[BaseException]:
    """The error and all that led to it, the innermost last."""
    waiting: list[BaseException] = [error]
    for cause in waiting:
        inner = [*getattr(cause, "exceptions", ()), cause.__cause__, cause.__context__]
        waiting += [each for each in inner if each is not None and each not in waiting]
    return iter(waiting)


def _kind_of(error: BaseException) -> str | None:
    known = (code for kind, code in _KINDS if isinstance(error, kind))
    return next(known, None) or _NAMES.get(type(error).__name__)


def _has_proxy(url: str) -> bool:
    """Whether a request to `url` goes to a proxy first, as the HTTP client reads the environment."""
    parts = urlsplit(url)
    proxies = getproxies()
    goes_there = parts.scheme in proxies or "all" in proxies
    return goes_there and not proxy_bypass(parts.hostname or "")
