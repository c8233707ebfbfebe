"""Facts that servers report about a model besides its name: context limit and prices."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import date
from typing import Any, Final, TypeAlias
from urllib.parse import urlsplit, urlunsplit

from ..._json import loads
from ..endpoint import url_below
from .facts import ModelFacts

Get: TypeAlias = Callable[[str], Awaitable[bytes]]
"""Returns the body at an address of the server, b"" if there is none."""

_LIMITS: Final = (
    *("loaded_context_length", "context_length", "max_model_len", "context_window", "n_ctx"),
    *("max_context_length", "max_input_tokens", "n_ctx_train"),
)
"""Names of a model's limit with OpenRouter, vLLM, Groq, Mistral and others: the limit in use before the possible."""

_ELSEWHERE: Final[Mapping[str, str]] = {
    "library": "/api/ps",
    "llamacpp": "/props",
    "organization_owner": "/api/v0/models",
}
"""Paths at which Ollama, llama.cpp and LM Studio report the limit in use, by the owner named in their lists."""

_MILLION: Final = 1_000_000


async def fetch_model_info(model: str, base_url: str, get: Get) -> ModelFacts:
    """Fetch the facts that a server reports about a model.

    Args:
        model: The name of the model.
        base_url: The address of the server.
        get: Fetches a URL of the server.

    Returns:
        The facts, possibly none.

    """
    entry = _entry(await get(url_below(base_url, "/models")), model)
    facts = facts_in(entry)
    path = _ELSEWHERE.get(str(entry.get("owned_by")))
    if path is not None:
        more = _entry(await get(url_below(_without_version(base_url), path)), model)
        limit = _limit_in(more) or _limit_in(more.get("default_generation_settings"))
        facts = facts.with_more(ModelFacts(limit))
    return facts


def facts_in(entry: Mapping[str, Any]) -> ModelFacts:
    """Return the facts in a model's entry of its server's list.

    Args:
        entry: The entry.

    """
    limit = _limit_in(entry.get("top_provider")) or _limit_in(entry) or _limit_in(entry.get("meta"))
    return ModelFacts(limit, _prices_in(entry.get("pricing")), _date_in(entry.get("shutdown_date")))


def _without_version(base_url: str) -> str:
    """Return the URL below which a server has endpoints outside of OpenAI's API."""
    parts = urlsplit(base_url)
    return urlunsplit(parts._replace(path=parts.path.rstrip("/").removesuffix("/v1")))


def _entry(body: bytes, model: str) -> Mapping[str, Any]:
    """Return the model's entry in a list, or the whole body if it is no list."""
    try:
        value = loads(body)
    except (ValueError, UnicodeDecodeError):
        value = None
    if isinstance(value, dict):
        value = next((value[key] for key in ("data", "models") if isinstance(value.get(key), list)), value)
    if isinstance(value, dict):
        return value
    entries = [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []
    named = [entry for entry in entries if _names(entry) & {model, f"{model}:latest"}]
    # A server with one model accepts any name.
    return next(iter(named), entries[0] if len(entries) == 1 else {})


def _names(entry: Mapping[str, Any]) -> set[str]:
    return {name for key in ("id", "name", "model") if isinstance(name := entry.get(key), str)}


def _limit_in(value: object) -> int | None:
    if not isinstance(value, dict):
        return None
    limits = (value.get(name) for name in _LIMITS)
    return next(
        (limit for limit in limits if isinstance(limit, int) and not isinstance(limit, bool) and limit > 0), None
    )


def _date_in(value: object) -> date | None:
    try:
        return date.fromisoformat(value[:10]) if isinstance(value, str) else None
    except ValueError:
        return None


def _prices_in(value: object) -> tuple[float, float] | None:
    """Return dollars per million tokens, from OpenRouter's per token. Its prices below 0 mean "it depends"."""
    if not isinstance(value, dict):
        return None
    try:
        prompt, completion = (float(value[name]) * _MILLION for name in ("prompt", "completion"))
    except (KeyError, TypeError, ValueError):
        return None
    return (prompt, completion) if min(prompt, completion) >= 0 else None
