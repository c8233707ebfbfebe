"""Resolution of model, server and key, from arguments or else from the environment.

A key is for the origin it was set for. A key from the environment is sent to the server that the environment names
(or to OpenAI), never to another one that an argument names.

Together with `_runtime`, the only module that asks which platform this is.
"""

from __future__ import annotations

import importlib
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from .. import _transports
from .._errors import SettingsError
from .._secrets.keys import Environment, Headers, Key, Secret, conceal, fault_of
from .._transports.base import Transport
from .._transports.demo import DEMO, DemoModel
from .._transports.endpoint import OPENAI_URL, Endpoint, origin_of
from .._transports.models.catalog import HasCatalog
from .._transports.models.openai import PREFERRED, choose

if TYPE_CHECKING:
    from .._types import Client, Model
    from .._wire.api import Api
from .connection import Connection

ENVIRONMENT: Final = Environment()

OPENAI_MODEL: Final = PREFERRED[0]
"""The model to ask if none was named, until the account's list has been read."""


def resolve_connection(
    model: Model | None,
    base_url: str | None,
    key: Key | None,
    environ: Mapping[str, str] = ENVIRONMENT,
    *,
    headers: Headers | None = None,
    client: Client | None = None,
    cumulative: bool | None = None,
) -> Connection:
    """Make a connection from settings and the environment.

    Args:
        model: A model's name, or an object that answers.
        base_url: The address of the server.
        key: The key for the server.
        environ: The environment variables.
        headers: Headers for the server.
        client: An SDK client to ask through.
        cumulative: Whether each text that a function yields is the whole answer so far; None if unknown.

    Returns:
        The connection; its kind is `none` if the settings name nothing to ask.

    Raises:
        SettingsError: The settings cannot work.

    """
    headers = Headers() if headers is None else headers
    if headers.fault is not None:
        raise SettingsError(headers.fault)
    is_named = base_url is not None or key is not None or bool(headers)
    if client is not None:
        if is_named or not (model is None or isinstance(model, str)):
            message = "client can only be combined with a model name: it has its own server and API key"
            raise SettingsError(message)
        return _through(client, model, environ)
    if cumulative is not None and (model is None or isinstance(model, str)):
        message = "cumulative can only be set if the model is a function"
        raise SettingsError(message)
    if model is None or isinstance(model, str):
        name = model or environ.get("CHATWIDGET_MODEL") or None
        if name == DEMO and base_url is None:
            return Connection("demo", DemoModel(), DEMO, choice=DEMO)
        return _server(name, base_url, key, headers, environ)
    if is_named:
        message = "base_url, api_key and headers can only be combined with a model name, not with a model of your own"
        raise SettingsError(message)
    return _own(model, environ, cumulative=cumulative)


def connect_anew(old: Connection, model: str | None, base_url: str | None, key: Key | None) -> Connection:
    """Connect to the values filled in by the user. The headers of the old connection are kept for the same origin only.

    Args:
        old: The previous connection.
        model: The name of the model.
        base_url: The address of the server.
        key: The key for the server.

    Returns:
        The new connection.

    Raises:
        SettingsError: The values cannot work.

    """
    connection = resolve_connection(model, base_url, key)
    new, held = connection.endpoint, old.endpoint
    if new is None or held is None or not held.headers or origin_of(new.base_url) != origin_of(held.base_url):
        return connection
    return resolve_connection(model, base_url, key, headers=held.headers)


def other_model(connection: Connection, name: str) -> Connection:
    """Connect to another model on the same server.

    Args:
        connection: The current connection.
        name: The name of the model.

    Returns:
        The new connection.

    Raises:
        SettingsError: The name is empty, or there is no server to choose a model of.

    """
    if not name:
        message = "model must not be empty: give the name of a model"
        raise SettingsError(message)
    if connection.endpoint is not None:
        endpoint = connection.endpoint
        return resolve_connection(name, endpoint.base_url, endpoint.key, headers=endpoint.headers)
    if connection.kind == "server":
        return replace(connection, model=name, choice=name, is_default=False)
    message = "there is no server to choose a model from; connect to one first"
    raise SettingsError(message)


def _server(
    model: str | None, base_url: str | None, key: Key | None, headers: Headers, environ: Mapping[str, str]
) -> Connection:
    usual = environ.get("OPENAI_BASE_URL") or OPENAI_URL
    url = base_url or usual
    origin = origin_of(url, "base_url" if base_url else "base_url (from OPENAI_BASE_URL)")
    key = _usable(key, "api_key")
    if key is None and (not base_url or origin == _origin_in(usual)):
        key = _usable(conceal(environ.get("OPENAI_API_KEY")), "api_key (from OPENAI_API_KEY)")
    at_openai = origin == origin_of(OPENAI_URL)
    if key is None and at_openai:
        key = _usable(_key_of_colab(), "api_key (OPENAI_API_KEY from Colab's secrets)")
    endpoint = Endpoint(url, key, headers)
    is_open = key is None and not headers
    if is_open and (at_openai or model is None):
        name = model or (OPENAI_MODEL if at_openai else None)
        return Connection("none", None, name, endpoint, choice=name)
    transport = for_endpoint(endpoint)
    name = model or _usual_model(transport)
    return Connection("server", transport, name, endpoint, choice=name, is_default=model is None)


def _usual_model(transport: Transport) -> str:
    """Return the model to ask if none was named: the account's best one, if its list has been read before."""
    known = transport.catalog.at_hand if isinstance(transport, HasCatalog) else None
    return choose((known or {}).values()) or OPENAI_MODEL


def _key_of_colab() -> Key | None:
    """Return the key from Colab's store of secrets. None if there is none, or if this notebook may not read it."""
    # The module asks the page, which only the thread that runs cells may do.
    if not in_colab() or threading.current_thread() is not threading.main_thread():
        return None
    userdata = importlib.import_module("google.colab.userdata")
    # A missing and an unreadable key are both no key.
    with suppress(Exception):
        return conceal(userdata.get("OPENAI_API_KEY"))
    return None


def _own(model: Any, environ: Mapping[str, str], *, cumulative: bool | None) -> Connection:
    if isinstance(model, DemoModel):
        return Connection("demo", model, DEMO, choice=model)
    if isinstance(model, Transport):
        return Connection("callable", model, type(model).__name__, choice=model)
    if is_llm_model(model):
        return Connection("callable", for_llm(model), str(model.model_id), choice=model)
    transport = for_client(model)
    if transport is not None:
        return _through(model, None, environ)
    if callable(model):
        _transports.function.check_function(model)
        name = _transports.function.name_of(model)
        return Connection("callable", for_function(model, cumulative=cumulative), name, choice=model)
    message = (
        f"model must be a model name, a function of the messages, an SDK client, an llm model or a DemoModel, "
        f"not {type(model).__name__}"
    )
    raise SettingsError(message)


def _through(client: Any, model: str | None, environ: Mapping[str, str]) -> Connection:
    transport = for_client(client)
    if transport is None:
        message = (
            "client must have a chat.completions.create method, be such a function, or be a client from Anthropic, "
            f"Google or Mistral, not {type(client).__name__}"
        )
        raise SettingsError(message)
    name = model or environ.get("CHATWIDGET_MODEL")
    if not name and not knows_openai(client):
        message = 'this client needs a model name: ChatWidget("model-name", client=client)'
        raise SettingsError(message)
    choice = model or client
    return Connection("server", transport, name or _usual_model(transport), choice=choice, is_default=not name)


def _origin_in(url: str) -> str | None:
    """Return the origin of an address, or None if it is invalid."""
    try:
        return origin_of(url)
    except SettingsError:
        return None


def _usable(key: Key | None, name: str) -> Key | None:
    """Return the key without surrounding blanks, or None if it is empty."""
    if not isinstance(key, Secret):
        return key
    fault = fault_of(key)
    if fault is not None:
        message = f"{name} {fault}"
        raise SettingsError(message)
    return Secret(key.reveal().strip()) if key.reveal().strip() else None


def for_endpoint(endpoint: Endpoint, api: Api | None = None) -> Transport:
    """Return the transport to a server: the SDK, or the browser's fetch in Pyodide.

    Args:
        endpoint: The server.
        api: The API that it speaks; chat completions by default.

    """
    # Only one of the two can be imported on a platform.
    browser = in_browser()
    http = _transports.fetch.FetchClient(endpoint) if browser else _transports.openai.OpenAIClient(endpoint)
    return _transports.server.ServerTransport(http, api)


def for_client(client: object) -> Transport | None:
    """Return the transport through a user's SDK client.

    Args:
        client: The client.

    Returns:
        The transport, or None if the client is of no known kind.

    """
    if _is_of_openai(client, "AsyncOpenAI"):
        return _transports.server.ServerTransport(_transports.openai.OpenAIClient(client=client))
    return _transports.sdk.client.for_client(client, threads=not in_browser())


def for_function(function: Callable[..., Any], *, cumulative: bool | None = None) -> Transport:
    """Return the transport that asks a user's function.

    Args:
        function: The function.
        cumulative: Whether each text it yields is the whole answer so far; None if unknown.

    """
    return _transports.function.CallableTransport(function, threads=not in_browser(), cumulative=cumulative)


def for_llm(model: object) -> Transport:
    """Return the transport to a model of the package `llm`.

    Args:
        model: The model.

    """
    return _transports.sdk.llm.LlmTransport(model, threads=not in_browser())


def is_llm_model(value: object) -> bool:
    """Return whether a value is a model of the package `llm`, without importing the package.

    Args:
        value: The value to check.

    """
    is_its = any(base.__module__ == "llm.models" for base in type(value).__mro__)
    return is_its and hasattr(value, "execute") and not isinstance(value, type)


def knows_openai(client: object) -> bool:
    """Return whether a client is one of the openai SDK.

    Args:
        client: The client to check.

    """
    return _is_of_openai(client, "AsyncOpenAI") or _is_of_openai(client, "OpenAI")


def _is_of_openai(client: object, name: str) -> bool:
    """Return whether a client is of this class of the openai SDK, without importing the SDK."""
    bases = type(client).__mro__
    return any(base.__module__.partition(".")[0] == "openai" and base.__name__ == name for base in bases)


def in_browser() -> bool:
    """Return whether this Python runs in the browser, without threads and sockets."""
    return sys.platform == "emscripten"


def in_colab() -> bool:
    """Return whether this is a kernel of Colab."""
    # Its kernels have imported the module before any cell runs.
    return "google.colab" in sys.modules
