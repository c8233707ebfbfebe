"""A server's address, with the key and headers for it alone."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from .._errors import SettingsError
from .._secrets.keys import Headers, Key

OPENAI_URL: Final = "https://api.openai.com/v1"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A server with its key and headers. They are for this origin alone; another endpoint needs its own."""

    base_url: str
    key: Key | None = None
    headers: Headers = field(default_factory=Headers)

    def __post_init__(self) -> None:
        origin_of(self.base_url)

    @property
    def account(self) -> Hashable | None:
        """An id for address and key that reveals neither. None if the server is not OpenAI's."""
        return account_at(self.base_url, (self.key, self.headers))


def url_below(base_url: str, path: str) -> str:
    """Return the URL of a path below a base URL. A query in the base URL is kept at the end.

    Args:
        base_url: The base URL.
        path: The path, beginning with a slash.

    """
    parts = urlsplit(base_url)
    return urlunsplit(parts._replace(path=parts.path.rstrip("/") + path, fragment=""))


def origin_of(url: str, name: str = "base_url") -> str:
    """Return scheme, host and port of a URL.

    Args:
        url: The URL.
        name: The name of the setting, for the error.

    Raises:
        SettingsError: `url` is no valid http(s) address.

    """
    if not isinstance(url, str):
        message = f"{name} must be a URL such as http://localhost:11434/v1, not {type(url).__name__}"
        raise SettingsError(message)
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        parts, port = urlsplit(""), None
    # Browsers read a backslash as a slash and skip some characters. They could find another origin in such
    # an address than the one found here, and the key would be sent there.
    is_odd = "\\" in url or "@" in parts.netloc or any(char.isspace() or not char.isprintable() for char in url)
    if is_odd or parts.scheme not in {"http", "https"} or not parts.hostname:
        message = f"{name} must be a URL such as http://localhost:11434/v1, not {url!r}"
        raise SettingsError(message)
    return f"{parts.scheme}://{parts.hostname}:{port}"


def is_openai(url: str) -> bool:
    """Return whether a URL is on OpenAI's own server.

    Args:
        url: The URL to check.

    """
    try:
        return origin_of(url) == origin_of(OPENAI_URL)
    except SettingsError:
        return False


def account_at(base_url: str, secrets: Hashable) -> Hashable | None:
    """Return an id for secrets at an address. None if the server is not OpenAI's.

    Args:
        base_url: The address of the server.
        secrets: The secrets, of which only the hash is used.

    """
    return (base_url.rstrip("/"), hash(secrets)) if is_openai(base_url) else None


def is_loopback(url: str) -> bool:
    """Return whether a URL is on this very computer.

    Args:
        url: The URL to check.

    """
    return urlsplit(url).hostname in {"127.0.0.1", "localhost", "::1"}
