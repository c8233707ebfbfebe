"""What servers tell of a model beside its name: how much it takes at once, and what it costs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import date
from typing import Any, Final, TypeAlias
from urllib.parse import urlsplit, urlunsplit

from .._json import loads
from .base import ModelFacts
from .endpoint import url_below

Get: TypeAlias = Callable[[str], Awaitable[object]]
"""Gives the body at an address of the server, or an error."""

_LIMITS: Final = (
    *("loaded_context_length", "context_length", "max_model_len", "context_window", "n_ctx"),
    *("max_context_length", "max_input_tokens", "n_ctx_train"),
)
"""Names of a model's limit with OpenRouter, vLLM, Groq, Mistral and others: what it runs with before what it could."""

_ELSEWHERE: Final[Mapping[str, str]] = {
    "library": "/api/ps",
    "llamacpp": "/props",
    "organization_owner": "/api/v0/models",
}
"""Where Ollama, llama.cpp and LM Studio tell what a model runs with, by the owner that their lists give it."""

_MILLION: Final = 1_000_000


async def fetch_model_info(model: str, base_url: str, get: Get) -> ModelFacts:
    """What the server at `base_url` tells of `model`, which may be nothing."""
    entry = _entry(await get(url_below(base_url, "/models")), model)
    facts = facts_in(entry)
    place = _ELSEWHERE.get(str(entry.get("owned_by")))
    if place is not None:
        more = _entry(await get(url_below(_without_version(base_url), place)), model)
        limit = _limit_in(more) or _limit_in(more.get("default_generation_settings"))
        facts = facts.with_more(ModelFacts(limit))
    return facts


def facts_in(entry: Mapping[str, Any]) -> ModelFacts:
    """Return what the entry of a model in its server's list tells."""
    limit = _limit_in(entry.get("top_provider")) or _limit_in(entry) or _limit_in(entry.get("meta"))
    return ModelFacts(limit, _prices_in(entry.get("pricing")), _date_in(entry.get("shutdown_date")))


def _without_version(base_url: str) -> str:
    """Return the address below which a server has what is not of OpenAI's API."""
    parts = urlsplit(base_url)
    return urlunsplit(parts._replace(path=parts.path.rstrip("/").removesuffix("/v1")))


def _entry(body: object, model: str) -> Mapping[str, Any]:
    """What `body` says of `model`: its entry in a list, or all of it where there is no list."""
    try:
        value = loads(body) if isinstance(body, bytes) else None
    except (ValueError, UnicodeDecodeError):
        value = None
    if isinstance(value, dict):
        value = next((value[key] for key in ("data", "models") if isinstance(value.get(key), list)), value)
    if isinstance(value, dict):
        return value
    entries = [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []
    named = [entry for entry in entries if _names(entry) & {model, f"{model}:latest"}]
    # A server of one model answers to any name.
    return next(iter(named), entries[0] if len(entries) == 1 else {})


def _names(entry: Mapping[str, Any]) -> set[str]:
    return {name for key in ("id", "name", "model") if isinstance(name := entry.get(key), str)}


def _limit_in(value: object) -> int | None:
    if not isinstance(value, dict):
        return None
    found = (value.get(name) for name in _LIMITS)
    return next((each for each in found if isinstance(each, int) and not isinstance(each, bool) and each > 0), None)


def _date_in(value: object) -> date | None:
    try:
        return date.fromisoformat(value[:10]) if isinstance(value, str) else None
    except ValueError:
        return None


def _prices_in(value: object) -> tuple[float, float] | None:
    """Dollars for a million tokens, from OpenRouter's for one; those below 0 stand for "it depends"."""
    if not isinstance(value, dict):
        return None
    try:
        prompt, completion = (float(value[name]) * _MILLION for name in ("prompt", "completion"))
    except (KeyError, TypeError, ValueError):
        return None
    return (prompt, completion) if min(prompt, completion) >= 0 else None
