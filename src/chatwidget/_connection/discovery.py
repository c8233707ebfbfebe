"""Discovery of models and local servers, and diagnosis of wrong addresses."""

from __future__ import annotations

import asyncio
import difflib
from dataclasses import dataclass
from typing import Final

from .. import _transports
from .._errors import ConnectError, ServerError, TransportError
from .._text import error_summary
from .._transports.endpoint import is_loopback
from .._transports.failures.unreachable import not_reached
from .._transports.models.catalog import HasCatalog, ListsModels
from .._transports.models.openai import ranked
from .._wire.models import model_names
from .connection import Connection
from .resolve import for_endpoint, in_browser

LOCAL_SERVERS: tuple[tuple[str, str], ...] = (
    ("Ollama", "http://127.0.0.1:11434/v1"),
    ("LM Studio", "http://127.0.0.1:1234/v1"),
    ("llama.cpp", "http://127.0.0.1:8080/v1"),
    ("vLLM", "http://127.0.0.1:8000/v1"),
)
"""The usual local servers and their addresses. Only servers on this very computer are asked."""

_PATIENCE: Final = 1.0
"""Seconds for a local server to answer."""

_LIST_PATIENCE: Final = 10.0

_OFFERED: Final = 3
"""The most models that a message suggests."""

_NO_LIST: Final = frozenset(
    {"rejected", "not_found", "model_not_found", "no_credit", "too_many", "timeout", "server_fault"}
)
"""Errors of a server that may still answer questions, although it does not list its models."""

_HOPELESS: Final = frozenset({"wrong_key", "no_key", "forbidden", "wrong_url", "proxy"})
"""Errors of a server that would also be the answer to questions."""


@dataclass(frozen=True, slots=True)
class Server:
    """A server that answered, and its models."""

    name: str
    base_url: str
    models: list[str]


@dataclass(frozen=True, slots=True)
class Listing:
    """The models of a server, or the `error` why they are unknown. `code` is set if the user can fix the problem."""

    names: list[str]
    error: str | None = None
    code: str | None = None
    is_hopeless: bool = False
    """Whether a question would fail as well."""


async def list_models(connection: Connection) -> Listing:
    """List the models of a server, connected or yet to be connected.

    Args:
        connection: The connection to the server.

    Returns:
        The models, or the error that kept them from being listed.

    """
    transport = connection.transport
    if transport is None and connection.endpoint is not None:
        transport = for_endpoint(connection.endpoint)
    if not isinstance(transport, ListsModels):
        return Listing([], "This model has no list of other models.")
    try:
        async with asyncio.timeout(_LIST_PATIENCE):
            return Listing(await transport.models())
    except TimeoutError:
        address = connection.endpoint.base_url if connection.endpoint is not None else "this address"
        return _failed(not_reached("no_answer", address))
    except TransportError as error:
        return _failed(error)
    except Exception as error:  # noqa: BLE001 a client is the user's code
        return Listing([], error_summary(error))
    finally:
        if connection.transport is None:
            await transport.aclose()


async def models_instead(
    connection: Connection, model: str | None, error: TransportError
) -> tuple[list[str], TransportError]:
    """Find replacements for a model that the server refused.

    Args:
        connection: The connection to the server.
        model: The name of the refused model.
        error: The refusal.

    Returns:
        The server's models and the error to show, which suggests some of them. The list is empty if the server lists no
        others or the refusal was not about the model; the error is then unchanged, or tells that the address is wrong.

    """
    listing = await list_models(connection)
    if error.code == "not_found" and listing.code == "wrong_url":
        return [], ServerError(listing.error or str(error), getattr(error, "status", None), code="wrong_url")
    others = [name for name in listing.names if name != model]
    if not others or (error.code == "not_found" and model in listing.names):
        return [], error
    reason = (
        str(error) if error.code == "model_not_found" else f"The server does not offer {model}: choose another one."
    )
    *names, last = _closest(model or "", others, connection)
    offer = f"{', '.join(names)} or {last}" if names else last
    status = error.status if isinstance(error, ServerError) else None
    return listing.names, ServerError(f"{reason.rstrip('.')}, such as {offer}.", status, code="model_not_found")


def _closest(model: str, names: list[str], connection: Connection) -> list[str]:
    """Return a few of `names`: first those spelled like `model`, then the best ones to ask."""
    listed = connection.transport.catalog.at_hand if isinstance(connection.transport, HasCatalog) else None
    best = [name for name in ranked((listed or {}).values()) if name in names]
    return list(dict.fromkeys([*difflib.get_close_matches(model, names, _OFFERED), *best, *names]))[:_OFFERED]


async def find_servers() -> list[Server]:
    """Find the local servers that answer.

    Returns:
        The servers, in the order of `LOCAL_SERVERS`.

    """
    known = [(name, url) for name, url in LOCAL_SERVERS if is_loopback(url)]
    servers = await asyncio.gather(*(_find(name, url) for name, url in known))
    return [server for server in servers if server is not None]


async def _find(name: str, base_url: str) -> Server | None:
    try:
        async with asyncio.timeout(2 * _PATIENCE):
            body = await probe(f"{base_url}/models", _PATIENCE)
        return Server(name, base_url, model_names(body)) if body is not None else None
    except (TimeoutError, ServerError):
        return None


def _failed(error: TransportError) -> Listing:
    code = None if error.code in _NO_LIST else error.code
    return Listing([], str(error), code, isinstance(error, ConnectError) or code in _HOPELESS)


async def probe(url: str, seconds: float) -> bytes | None:
    """Fetch a URL without key, proxy or redirect.

    Args:
        url: The URL to fetch.
        seconds: The timeout.

    Returns:
        The body, or None if there is none to be had.

    """
    if in_browser():
        return await _transports.fetch.probe(url, seconds)
    return await _transports.probe.probe(url, seconds)
