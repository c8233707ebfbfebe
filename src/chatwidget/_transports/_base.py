"""What a transport is: one method that streams, and one that closes."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Hashable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, Protocol, runtime_checkable
from urllib.parse import urlsplit, urlunsplit

from .._conversation.messages import Delta, MessageDict
from .._errors import SettingsError
from .._secrets.keys import Headers, Key

OPENAI_URL: Final = "https://api.openai.com/v1"


@dataclass(frozen=True, slots=True)
class Retrying:
    """A request failed for `reason` and is tried again, for the `attempt`th time, after `delay` seconds."""

    attempt: int
    delay: float
    reason: str


def _ignore(_: object) -> None:
    pass


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """What a turn asks for. It belongs to that turn alone; a transport keeps nothing of it."""

    messages: list[MessageDict]
    model: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    on_retry: Callable[[Retrying], None] = _ignore
    timeout: float | None = None
    """Seconds without a byte after which it is given up; None: ten minutes, or what the user's own client says."""
    on_message: Callable[[MessageDict], None] = _ignore
    """Takes a message of another role, such as a tool's result, that comes before the rest of the answer."""
    chat: Any = None
    """The widget that asks, for a function that wants it."""
    on_notice: Callable[[str], None] = _ignore
    """Takes a sentence for the user, such as that something was asked otherwise than it was given."""


@runtime_checkable
class Transport(Protocol):
    """A way to a model."""

    def stream(self, request: ChatRequest) -> AsyncGenerator[Delta, None]:
        """The answer as it comes.

        Raises a TransportError, its text fit to be shown: StreamInterruptedError when the answer was
        cut, another one when there is none. Leaving the generator early ends the request at once.
        """
        ...

    async def warm(self) -> None:
        """Do now what would otherwise hold up the first request. May be called at any time, often."""
        ...

    async def aclose(self) -> None:
        """Give back what is held open."""
        ...


def sender_of(transport: object, model: str | None) -> str:
    """Return what stands for the server, or the function, that `transport` asks and for its `model`.

    It is kept with the conversation, so it is a digest: no address is in there.
    """
    import hashlib  # noqa: PLC0415 loaded when something is asked

    place = str(getattr(transport, "place", type(transport).__qualname__)).rstrip("/")
    return hashlib.blake2b(f"{place} {model}".encode(), digest_size=8).hexdigest()


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What a server tells of a model; None where it does not."""

    context_limit: int | None = None
    """The most tokens it takes at once, question and answer."""
    prices: tuple[float, float] | None = None
    """Dollars for a million tokens of prompt and of completion."""
    ends: date | None = None
    """The day on which it is switched off."""

    def with_more(self, told: ModelFacts) -> ModelFacts:
        """Return these, but for what `told` tells otherwise."""
        return ModelFacts(told.context_limit or self.context_limit, told.prices or self.prices, told.ends or self.ends)


@dataclass(frozen=True, slots=True)
class ListedModel:
    """A model in the list of a server."""

    name: str
    created: int = 0
    """When, in seconds since 1970; 0 where the server does not say."""
    facts: ModelFacts = ModelFacts()


@runtime_checkable
class ListsModels(Protocol):
    """A transport that also knows which models there are. Not every one does."""

    async def models(self) -> list[str]:
        """Their names, as the server lists them.

        Raises a TransportError whose `code` tells apart a wrong key, a wrong address, and nothing there.
        """
        ...


@runtime_checkable
class DescribesModels(Protocol):
    """A transport whose server may tell more of a model than its name."""

    async def describe(self, model: str) -> ModelFacts:
        """What it tells of `model`."""
        ...


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
