"""Discovery of models and local servers, and diagnosis of wrong addresses."""

from __future__ import annotations

import asyncio
import difflib
from dataclasses import dataclass
from typing import Final

from .. import _transports
from .._errors import ConnectError, ServerError, TransportError
from .._transports.endpoint import is_loopback
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

_UNAUTHORIZED: Final = 401

_OFFERED: Final = 3
"""The most models that a message suggests."""

_NO_LIST: Final = frozenset({"rejected", "not_found", "model_not_found", "too_many", "timeout", "server_fault"})
"""Errors of a server that may still answer questions, although it does not list its models."""

_ADVICE: Final = {
    "wrong_key": "The server at {address} refused the API key: copy it again, or create a new one.",
    "no_key": "The server at {address} requires an API key: provide one.",
    "wrong_url": "There is no model server at {address}: check the address; most end in /v1.",
    "no_answer": "The server at {address} did not answer in time: check that it is running, then connect again.",
}


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
    """Whether a question would fail as well. A key that may not list models may still be allowed to ask."""


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
        return _failed(connection, ConnectError(code="no_answer"))
    except TransportError as error:
        return _failed(connection, error)
    except Exception as error:  # noqa: BLE001 a client is the user's code
        return Listing([], f"{type(error).__name__}: {error}")
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
        The server's models and the error to show, which suggests some of them. The list is empty, and the error
        unchanged, if the server lists no others or the refusal was not about the model.

    """
    listing = await list_models(connection)
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


def _failed(connection: Connection, error: TransportError) -> Listing:
    address = connection.endpoint.base_url if connection.endpoint is not None else "this address"
    advice = _ADVICE.get(error.code or "")
    text = advice.format(address=address) if advice else str(error)
    code = None if error.code in _NO_LIST else error.code
    is_out = isinstance(error, ConnectError) or code in {"wrong_url", "proxy", "no_key"}
    return Listing([], text, code, is_out or getattr(error, "status", None) == _UNAUTHORIZED)


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
