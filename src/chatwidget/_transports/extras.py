"""Additions to a request: the chat's own headers, and `extra_headers`, `extra_query` and `extra_body`.

They mean the same as in the openai SDK, in both runtimes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from .._errors import TransportError
from .._secrets.keys import Headers


class Extra(NamedTuple):
    """The additions of one question."""

    headers: Mapping[str, Any]
    query: Mapping[str, Any]
    body: Mapping[str, Any]


def without_extra(params: Mapping[str, Any]) -> tuple[dict[str, Any], Extra]:
    """Separate the additions from the parameters of the body.

    Args:
        params: The parameters of a question.

    Returns:
        The parameters of the body, and the additions.

    Raises:
        TransportError: An addition is not a dict.

    """
    rest = dict(params)
    return rest, Extra(*(_mapping(rest, f"extra_{name}") for name in Extra._fields))


def hidden_in(params: Mapping[str, Any]) -> Headers:
    """Return the headers among the parameters, to be redacted from errors.

    Args:
        params: The parameters of a question.

    """
    return Headers(params.get("extra_headers"))


def _mapping(params: dict[str, Any], name: str) -> Mapping[str, Any]:
    value = params.pop(name, None)
    if value is None or isinstance(value, Mapping):
        return value or {}
    message = f"{name} must be a dict, not {type(value).__name__}"
    raise TransportError(message)


def merged_headers(*layers: Mapping[str, Any]) -> dict[str, Any]:
    """Merge headers, ignoring the case of their names. Later layers override earlier ones.

    Args:
        *layers: The headers, by name.

    Returns:
        The headers, each name spelled as in the last layer that has it.

    """
    merged: dict[str, tuple[str, Any]] = {}
    for layer in layers:
        merged.update({name.lower(): (name, value) for name, value in layer.items()})
    return dict(merged.values())


def with_query(url: str, extra: Mapping[str, Any]) -> str:
    """Add parameters to the query of a URL, replacing those of the same names.

    Args:
        url: The URL.
        extra: The parameters to add.

    Returns:
        The new URL.

    """
    parts = urlsplit(url)
    kept = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name not in extra]
    added = [pair for name, value in extra.items() for pair in _pairs(name, value)]
    return urlunsplit(parts._replace(query=urlencode([*kept, *added]))) if extra else url


def _pairs(name: str, value: object) -> Iterator[tuple[str, str]]:
    """Yield the pairs that the SDK makes of a value: items of a dict or list get brackets after the name."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _pairs(f"{name}[{key}]", inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _pairs(f"{name}[]", inner)
    elif value is not None:
        yield name, str(value).lower() if isinstance(value, bool) else str(value)
