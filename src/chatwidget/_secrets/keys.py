"""API keys and headers: hidden in reprs, traits and messages, and removed from foreign text."""

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
"""Shorter pieces of a key are common words and open nothing."""

# A key has a digit early on; a word has none. An unlimited search for one would take quadratic time.
_LOOKS_LIKE_A_KEY = re.compile(
    r"\b(?:(?:sk|pk|rk|gsk|xai|hf|ghp|glpat)[-_]|AIza)(?=[\w-]{0,64}\d)[A-Za-z0-9_-]{12,}"
    r"|(?<=Bearer )(?=[\w.~+/-]{0,64}\d)[\w.~+/=-]{8,}"
)

HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


class Secret:
    """A key that prints as its mask.

    A value that is not text is hidden, too: it reveals as an empty text, and `kind` names its type.

    Args:
        value: The key as it was given.

    """

    __slots__ = ("__value", "kind")

    def __init__(self, value: object) -> None:
        self.__value = value if isinstance(value, str) else ""
        self.kind = type(value).__name__

    def reveal(self) -> str:
        """Return the key itself. Called only to make a request."""
        return self.__value

    @property
    def mask(self) -> str:
        """At most the last four characters of the key, and none of a short one."""
        return "…" + (self.__value[-4:] if len(self.__value) >= 2 * _RUN else "")

    def redact(self, text: str) -> str:
        """Return `text` without the key, its encoded forms, and any significant piece of it.

        Args:
            text: Text that may be shown afterwards.

        """
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
        message = "API keys cannot be pickled"
        raise TypeError(message)


class AskedKey:
    """A key that a function of the user returns, called for each request: a vault, or a token that expires.

    Args:
        function: Returns the key or an awaitable of it.

    """

    __slots__ = ("_function",)

    mask = "…"
    """No key is known yet, so there is no end to show."""

    def __init__(self, function: Callable[[], object]) -> None:
        self._function = function

    def ask(self) -> object:
        """Call the function and return its result: a key, or an awaitable of one.

        Raises:
            Exception: Any error of the function.

        """
        return self._function()

    @property
    def is_async(self) -> bool:
        """True if the function is a coroutine function, so that calling it does not block."""
        return inspect.iscoroutinefunction(self._function)

    def __repr__(self) -> str:
        return "AskedKey()"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AskedKey) and other._function is self._function

    def __hash__(self) -> int:
        return hash(self._function)


Key: TypeAlias = Secret | AskedKey


def conceal(key: object) -> Key | None:
    """Hide a key.

    Call this before anything can fail, since a traceback may show every variable.

    Args:
        key: A text, a function that returns the key, a key that is already hidden, or None.

    Returns:
        The hidden key; None if there is none.

    """
    if key is None or isinstance(key, Secret | AskedKey):
        return key
    return AskedKey(key) if callable(key) else Secret(key)


class Headers:
    """The headers of a chat's requests; only their names are printed.

    Args:
        headers: The headers as a dict. If they are not valid, `fault` says why, and none are kept.

    """

    __slots__ = ("__values", "fault")

    def __init__(self, headers: object = None) -> None:
        pairs = dict(headers).items() if isinstance(headers, Mapping) else ()
        self.fault = _fault_of_headers(headers, pairs)
        self.__values = {} if self.fault else {str(name): Secret(str(value).strip()) for name, value in pairs}

    def reveal(self) -> dict[str, str]:
        """Return the headers themselves. Called only to make a request."""
        return {name: value.reveal() for name, value in self.__values.items()}

    @property
    def names(self) -> list[str]:
        """The names of the headers as they were given."""
        return list(self.__values)

    def redact(self, text: str) -> str:
        """Return `text` without the values of these headers.

        Args:
            text: Text that may be shown afterwards.

        """
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
        message = "headers cannot be pickled"
        raise TypeError(message)


def conceal_headers(headers: object) -> Headers:
    """Hide headers, as `conceal` does with a key.

    Args:
        headers: The headers as a dict, or already hidden.

    Returns:
        The hidden headers; their `fault` says if they are not valid.

    """
    return headers if isinstance(headers, Headers) else Headers(headers)


def _fault_of_headers(headers: object, pairs: Iterable[tuple[object, object]]) -> str | None:
    if headers is not None and not isinstance(headers, Mapping):
        return f"headers must be a dict of strings, not {type(headers).__name__}"
    for name, value in pairs:
        if not isinstance(name, str) or not HEADER_NAME.fullmatch(name):
            return f"headers contains an invalid header name: {name!r}"
        if not isinstance(value, str):
            return f"the header {name} must be text, not {type(value).__name__}"
        if not is_header_value(value):
            return f"the header {name} contains a character that is not allowed in headers, perhaps from copying"
    return None


def is_header_value(value: str) -> bool:
    """Return True if `value` can be sent in a header, after stripping whitespace.

    Args:
        value: The value of the header.

    """
    return value.isascii() and all(char.isprintable() or char == "\t" for char in value.strip())


def fault_of(key: Secret) -> str | None:
    """Return the reason why a key cannot be used, worded to follow its name; None if it can.

    Args:
        key: The key to check.

    """
    if key.kind != "str":
        return f"must be text, not {key.kind}"
    if not key.reveal().strip().isascii() or len(key.reveal().split()) > 1:
        return "contains a character that is not allowed in keys, perhaps from copying; copy it again"
    return None


class Environment(Mapping[str, str]):
    """The environment variables as a mapping whose repr shows none of them."""

    def __getitem__(self, name: str) -> str:
        return os.environ[name]

    def __iter__(self) -> Iterator[str]:
        return iter(os.environ)

    def __len__(self) -> int:
        return len(os.environ)

    def __repr__(self) -> str:
        return "Environment()"


def redact(text: str, *secrets: Secret | Headers | None) -> str:
    """Return `text` without secrets and without anything else that looks like a key.

    Args:
        text: Text of a server or an error.
        secrets: The known secrets.

    """
    for secret in secrets:
        text = text if secret is None else secret.redact(text)
    return _LOOKS_LIKE_A_KEY.sub(_MASK, text)


def _forms(key: str) -> list[str]:
    """Return the key as written, URL-encoded, and in base64 at each of the three alignments."""
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
    """Return `text` without pieces that match the beginning of `key`, each as long as possible."""
    kept: list[str] = []
    position = 0
    while (at := text.find(key[:_RUN], position)) >= 0:
        kept += text[position:at], _MASK
        position = at + _common_prefix(text[at : at + len(key)], key)
    return "".join(kept) + text[position:]


def _common_prefix(one: str, other: str) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    return next((index for index, (left, right) in pairs if left != right), min(len(one), len(other)))
