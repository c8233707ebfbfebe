"""The environment variables read by HTTP clients and the openai SDK, and the faults in them that block requests."""

from __future__ import annotations

import importlib.util
import os
import re
import ssl
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final, TypeAlias
from urllib.parse import urlsplit
from urllib.request import proxy_bypass

from ..._secrets.keys import HEADER_NAME, is_header_value

_Check: TypeAlias = Callable[[str], str | None]
"""Returns the fault of a variable's value, or None."""

_SENTENCE: Final = "The environment variable {} cannot be used ({}): correct or unset it, then ask again."

_PROXIES: Final = ("all_proxy", "http_proxy", "https_proxy")
_HEADERS: Final = ("OPENAI_ORG_ID", "OPENAI_PROJECT_ID")
_HASHED: Final = re.compile(r"[0-9a-fA-F]{8}\.\d+")
"""The names that OpenSSL requires of files in a folder of certificates."""


def fingerprint() -> int:
    """Return a number that changes whenever a new client would be configured differently."""
    return hash(frozenset((name, value) for name, value in os.environ.items() if _is_read(name)))


def _is_read(name: str) -> bool:
    return name.upper().endswith("_PROXY") or name.startswith(("SSL", "OPENAI_"))


def fault_in_headers() -> str | None:
    """Return an error text for a variable that the SDK sends as a header and that no header can hold.

    Returns:
        The text, or None if all variables can be sent.

    """
    return _first({**dict.fromkeys(_HEADERS, _fault_of_value), "OPENAI_CUSTOM_HEADERS": _fault_of_lines})


def fault() -> str | None:
    """Return an error text for the first variable that cannot be used.

    Returns:
        The text, or None if all variables can be used.

    """
    proxies = {name: _fault_of_proxy for name in os.environ if name.lower() in _PROXIES}
    # The folder is read only without the file, and the log only with one of the two.
    files: dict[str, _Check] = {}
    if os.environ.get("SSL_CERT_FILE"):
        files = {"SSL_CERT_FILE": _fault_of_file, "SSLKEYLOGFILE": _fault_of_log}
    elif os.environ.get("SSL_CERT_DIR"):
        files = {"SSLKEYLOGFILE": _fault_of_log, "SSL_CERT_DIR": _fault_of_folder}
    return fault_in_headers() or _first({**proxies, **files})


def proxy_variable(url: str) -> str | None:
    """Return the name of the variable whose proxy is used for a URL.

    Args:
        url: The URL.

    Returns:
        The name, or None if no variable sets the proxy.

    """
    parts = urlsplit(url)
    if proxy_bypass(parts.hostname or ""):
        return None
    wanted = (f"{parts.scheme}_proxy", "all_proxy")
    names = [name for variable in wanted for name in (variable, variable.upper()) if os.environ.get(name)]
    return next(iter(names), None)


def _first(checks: Mapping[str, _Check]) -> str | None:
    results = ((name, check(value)) for name, check in checks.items() if (value := os.environ.get(name)))
    return next((_SENTENCE.format(name, reason) for name, reason in results if reason), None)


def _fault_of_value(value: str) -> str | None:
    return None if is_header_value(value) and value == value.strip() else "its value is not allowed in a header"


def _fault_of_lines(value: str) -> str | None:
    for name, text in _headers_in(value):
        if not HEADER_NAME.fullmatch(name) or not is_header_value(text):
            return "one of its lines is not a valid header"
    return None


def _headers_in(value: str) -> Iterator[tuple[str, str]]:
    """Yield the headers that the SDK finds in OPENAI_CUSTOM_HEADERS."""
    for line in value.split("\n"):
        name, colon, text = line.partition(":")
        if colon:
            yield name.strip(), text.strip()


def _fault_of_proxy(value: str) -> str | None:
    import httpx2  # noqa: PLC0415 comes with the SDK

    # The address may hold a password, so no part of it is shown.
    try:
        scheme = httpx2.Proxy(value if "://" in value else f"http://{value}").url.scheme
    except (ValueError, httpx2.InvalidURL):
        return "it must be the address of a proxy, such as http://host:3128"
    if scheme.startswith("socks") and importlib.util.find_spec("socksio") is None:
        return "SOCKS proxies need the package socksio"
    return None


def _fault_of_file(path: str) -> str | None:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=path)
    except ssl.SSLError:
        return f"{path}: it contains no certificate"
    except OSError as error:
        return f"{path}: {_reason(path) or error.strerror}"
    return None


def _reason(path: str) -> str | None:
    """Return the system's reason why a file cannot be read, which is more exact than OpenSSL's."""
    try:
        Path(path).read_bytes()
    except OSError as error:
        return error.strerror
    return None


def _fault_of_folder(path: str) -> str | None:
    try:
        is_one = any(_HASHED.fullmatch(name) for name in os.listdir(path))  # noqa: PTH208 names alone
    except OSError as error:
        return f"{path}: {error.strerror}"
    return None if is_one else f"{path}: it contains no certificates named by their hashes"


def _fault_of_log(path: str) -> str | None:
    try:
        with Path(path).open("a"):
            return None
    except OSError as error:
        return f"{path}: {error.strerror}"
