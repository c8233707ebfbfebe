"""API keys: held so that no repr, trait or message shows one, and taken out of foreign text."""

from __future__ import annotations

import base64
import inspect
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeAlias
from urllib.parse import quote

_MASK = "[key removed]"
_RUN = 12
"""Shorter pieces of a key are common words and do not open anything."""

# A key has a digit early on and a word has none. To look for one without end would take quadratic time.
_LOOKS_LIKE_A_KEY = re.compile(
    r"\b(?:(?:sk|pk|rk|gsk|xai|hf|ghp|glpat)[-_]|AIza)(?=[\w-]{0,64}\d)[A-Za-z0-9_-]{12,}"
    r"|(?<=Bearer )(?=[\w.~+/-]{0,64}\d)[\w.~+/=-]{8,}"
)

HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


class Secret:
    """A key that prints as its mask. `reveal()` is called only where a request is made.

    What is no text is kept from sight too, and reveals as none: `kind` says what it was.
    """

    __slots__ = ("__value", "kind")

    def __init__(self, value: object) -> None:
        self.__value = value if isinstance(value, str) else ""
        self.kind = type(value).__name__

    def reveal(self) -> str:
        """The key itself."""
        return self.__value

    @property
    def mask(self) -> str:
        """At most the last four characters, and none of a short key."""
        return "…" + (self.__value[-4:] if len(self.__value) >= 2 * _RUN else "")

    def redact(self, text: str) -> str:
        """`text` without the key, its encoded forms, or any piece of it long enough to matter."""
        for form in _forms(self.__value):
            text = _without_pieces(text, form)
        return text

    def __repr__(self) -> str:
        return f"Secret({self.mask!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other.reveal() == self.__value

    def __hash__(self) -> int:
        return hash(self.__value)

    def __reduce__(self) -> str:
        message = "a key is not pickled"
        raise TypeError(message)


class AskedKey:
    """A key that a function of the user's gives, asked at each request: a vault, a token that expires."""

    __slots__ = ("_function",)

    mask = "…"
    """There is no key yet to show the end of."""

    def __init__(self, function: Callable[[], object]) -> None:
        self._function = function

    def ask(self) -> object:
        """What the function gives: a key, or an awaitable of one. Whatever it raises is raised."""
        return self._function()

    @property
    def is_async(self) -> bool:
        """Whether asking takes no time of its own."""
        return inspect.iscoroutinefunction(self._function)

    def __repr__(self) -> str:
        return "AskedKey()"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AskedKey) and other._function is self._function

    def __hash__(self) -> int:
        return hash(self._function)


Key: TypeAlias = Secret | AskedKey


def conceal(key: object) -> Key | None:
    """A key as it was given, to be called before anything can fail: a traceback may show every variable."""
    if key is None or isinstance(key, Secret | AskedKey):
        return key
    return AskedKey(key) if callable(key) else Secret(key)


class Headers:
    """The headers of a chat's requests; prints their names alone. `reveal()` is called only to make a request."""

    __slots__ = ("__values", "fault")

    def __init__(self, given: object = None) -> None:
        pairs = dict(given).items() if isinstance(given, Mapping) else ()
        self.fault = _fault_of_headers(given, pairs)
        self.__values = {} if self.fault else {str(name): Secret(str(value).strip()) for name, value in pairs}

    def reveal(self) -> dict[str, str]:
        """Return the headers themselves."""
        return {name: value.reveal() for name, value in self.__values.items()}

    @property
    def names(self) -> list[str]:
        """Their names, as they were given."""
        return list(self.__values)

    def redact(self, text: str) -> str:
        """Return `text` without what these headers hold."""
        for value in self.__values.values():
            text = value.redact(text)
        return text

    def __repr__(self) -> str:
        return f"Headers({', '.join(self.names)})"

    def __bool__(self) -> bool:
        return bool(self.__values)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Headers) and other.reveal() == self.reveal()

    def __hash__(self) -> int:
        return hash(frozenset(self.__values.items()))

    def __reduce__(self) -> str:
        message = "headers are not pickled"
        raise TypeError(message)


def conceal_headers(headers: object) -> Headers:
    """Return headers out of sight, as `conceal` does with a key. What is wrong with them is their `fault`."""
    return headers if isinstance(headers, Headers) else Headers(headers)


def _fault_of_headers(given: object, pairs: Iterable[tuple[object, object]]) -> str | None:
    if given is not None and not isinstance(given, Mapping):
        return f"headers must be a dict of texts, not {type(given).__name__}"
    for name, value in pairs:
        if not isinstance(name, str) or not HEADER_NAME.fullmatch(name):
            return f"headers has a name that no header can have: {name!r}"
        if not isinstance(value, str):
            return f"the header {name} must be text, not {type(value).__name__}"
        if not is_header_value(value):
            return f"the header {name} has a character that no header can have, perhaps from copying"
    return None


def is_header_value(value: str) -> bool:
    """Return whether `value` can be sent in a header, but for the blanks around it."""
    return value.isascii() and all(char.isprintable() or char == "\t" for char in value.strip())


def fault_of(key: Secret) -> str | None:
    """What is wrong with a key that was given, to be said after its name; None where nothing is."""
    if key.kind != "str":
        return f"must be text, not {key.kind}"
    if not key.reveal().strip().isascii() or len(key.reveal().split()) > 1:
        return "has a character that no key has, perhaps from copying; copy it again"
    return None


class Environment(Mapping[str, str]):
    """The environment variables, none of which is shown when this is."""

    def __getitem__(self, name: str) -> str:
        return os.environ[name]

    def __iter__(self) -> Iterator[str]:
        return iter(os.environ)

    def __len__(self) -> int:
        return len(os.environ)

    def __repr__(self) -> str:
        return "Environment()"


def redact(text: str, *secrets: Secret | Headers | None) -> str:
    """`text` as it may be shown: without the secrets, and without anything that looks like some other key."""
    for secret in secrets:
        text = text if secret is None else secret.redact(text)
    return _LOOKS_LIKE_A_KEY.sub(_MASK, text)


def _forms(key: str) -> list[str]:
    """The key as written, URL-encoded, and in base64 at each of the three alignments."""
    raw = key.encode(errors="replace")
    encoded = [base64.b64encode(b"\0" * shift + raw).decode()[4 if shift else 0 :] for shift in range(3)]
    return [key, quote(key, safe=""), *(text.rstrip("=")[:-1] for text in encoded)]


def _without_pieces(text: str, key: str) -> str:
    if len(key) < _RUN:
        return text.replace(key, _MASK) if len(key) >= _RUN // 2 else text
    for start in range(len(key) - _RUN + 1):
        text = _without_beginnings(text, key[start:])
    return text


def _without_beginnings(text: str, key: str) -> str:
    """`text` without the pieces that `key` begins with, each as far as it goes."""
    kept: list[str] = []
    place = 0
    while (at := text.find(key[:_RUN], place)) >= 0:
        kept += text[place:at], _MASK
        place = at + _common_prefix(text[at : at + len(key)], key)
    return "".join(kept) + text[place:]


def _common_prefix(one: str, other: str) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (left, right) in pairs if left != right), min(len(one), len(other)))
