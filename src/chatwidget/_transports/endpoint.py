"""A server's address, and the key and headers that are for it alone."""

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
    """A server, and the key and headers for it, which are for this origin alone: another endpoint needs its own."""

    base_url: str
    key: Key | None = None
    headers: Headers = field(default_factory=Headers)

    def __post_init__(self) -> None:
        origin_of(self.base_url)

    @property
    def account(self) -> Hashable | None:
        """What stands for the address and the key, and tells neither; None if it is not OpenAI's."""
        return account_at(self.base_url, (self.key, self.headers))

    @property
    def chat_url(self) -> str:
        """Where chat completions are asked for."""
        return url_below(self.base_url, "/chat/completions")

    @property
    def models_url(self) -> str:
        """Where the list of models is asked for."""
        return url_below(self.base_url, "/models")


def url_below(base_url: str, path: str) -> str:
    """Return the address of `path` below `base_url`, whose query is kept and comes last."""
    parts = urlsplit(base_url)
    return urlunsplit(parts._replace(path=parts.path.rstrip("/") + path, fragment=""))


def origin_of(url: str, name: str = "base_url") -> str:
    """Scheme, host and port of `url`. Raises SettingsError, naming `name`, where it is no http(s) address."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        parts, port = urlsplit(""), None
    # Browsers read a backslash as a slash and skip some characters: what they make of such an address
    # may be another origin than the one found here, and the key would go there.
    is_odd = "\\" in url or "@" in parts.netloc or any(char.isspace() or not char.isprintable() for char in url)
    if is_odd or parts.scheme not in {"http", "https"} or not parts.hostname:
        message = f"{name} must be an address such as http://localhost:11434/v1, not {url!r}"
        raise SettingsError(message)
    return f"{parts.scheme}://{parts.hostname}:{port}"


def is_openai(url: str) -> bool:
    """Whether `url` is on OpenAI's own server."""
    try:
        return origin_of(url) == origin_of(OPENAI_URL)
    except SettingsError:
        return False


def account_at(base_url: str, secrets: Hashable) -> Hashable | None:
    """Return what stands for these secrets at this address; None if it is not OpenAI's."""
    return (base_url.rstrip("/"), hash(secrets)) if is_openai(base_url) else None


def is_loopback(url: str) -> bool:
    """Whether `url` is on this very computer."""
    return urlsplit(url).hostname in {"127.0.0.1", "localhost", "::1"}
