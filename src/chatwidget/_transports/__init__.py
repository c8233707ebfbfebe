"""From a model and settings to a transport. With `_runner`, the only place that asks which platform this is."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, TypeAlias

from .base import ChatRequest, ListedModel, ListsModels, Retrying, Transport
from .catalog import HasCatalog
from .demo import DemoModel
from .endpoint import OPENAI_URL, Endpoint, is_loopback, origin_of
from .openai_models import PREFERRED, choose, ends_soon, ranked

DEMO = "demo"

Model: TypeAlias = str | Callable[..., Any] | Transport | Any
"""A model's name, a function of the messages, a transport such as DemoModel, or an SDK client."""

__all__ = [
    "DEMO",
    "OPENAI_URL",
    "PREFERRED",
    "ChatRequest",
    "DemoModel",
    "Endpoint",
    "HasCatalog",
    "ListedModel",
    "ListsModels",
    "Model",
    "Retrying",
    "Transport",
    "choose",
    "ends_soon",
    "for_client",
    "for_endpoint",
    "for_function",
    "for_llm",
    "is_llm_model",
    "is_loopback",
    "knows_openai",
    "origin_of",
    "probe",
    "ranked",
]


def for_endpoint(endpoint: Endpoint) -> Transport:
    """The transport to an OpenAI-compatible server: the SDK, or in the browser its fetch."""
    if _in_browser():
        from .fetch import FetchTransport  # noqa: PLC0415 only one of the two exists on a platform

        return FetchTransport(endpoint)
    from .openai import OpenAITransport  # noqa: PLC0415 only one of the two exists on a platform

    return OpenAITransport(endpoint)


async def probe(url: str, seconds: float) -> bytes | None:
    """What a server answers at `url`, asked without key, proxy or redirect; None where nothing can be had."""
    if _in_browser():
        from .fetch import probe  # noqa: PLC0415 only one of the two exists on a platform
    else:
        from .probe import probe  # noqa: PLC0415 as above

    return await probe(url, seconds)


def for_client(client: object) -> Transport | None:
    """The transport through a user's own client of an SDK; None where it is none that is known."""
    if _is_of_openai(client, "AsyncOpenAI"):
        from .openai import OpenAITransport  # noqa: PLC0415 only one of the two exists on a platform

        return OpenAITransport(client=client)
    from .sdk.client import for_client  # noqa: PLC0415 loaded where there may be one

    return for_client(client, threads=not _in_browser())


def for_function(function: Callable[..., Any], *, cumulative: bool | None = None) -> Transport:
    """The transport that asks a user's function. `cumulative`: whether it yields the whole text so far, each time."""
    from .function import CallableTransport  # noqa: PLC0415 loaded where there is one

    return CallableTransport(function, threads=not _in_browser(), cumulative=cumulative)


def for_llm(model: object) -> Transport:
    """The transport to a model of the package `llm`."""
    from .sdk.llm import LlmTransport  # noqa: PLC0415 loaded where there is one

    return LlmTransport(model, threads=not _in_browser())


def is_llm_model(value: object) -> bool:
    """Whether `value` is a model of the package `llm`, told without importing it."""
    is_its = any(base.__module__ == "llm.models" for base in type(value).__mro__)
    return is_its and hasattr(value, "execute") and not isinstance(value, type)


def knows_openai(client: object) -> bool:
    """Whether `client` is one of the openai SDK."""
    return _is_of_openai(client, "AsyncOpenAI") or _is_of_openai(client, "OpenAI")


def _is_of_openai(client: object, name: str) -> bool:
    """Whether `client` is of this class of the SDK, told without importing it."""
    bases = type(client).__mro__
    return any(base.__module__.partition(".")[0] == "openai" and base.__name__ == name for base in bases)


def _in_browser() -> bool:
    return sys.platform == "emscripten"
