"""OpenAI's models: the one to ask if none was named, their prices and their context limits.

Read on 2026-11-28: the names and the dates at https://developers.openai.com/api/docs/deprecations and in the openai
SDK 3.52, prices at https://developers.openai.com/api/docs/pricing and context windows on the models' own pages, as
genai-prices 0.2.3 and docs.litellm.ai have them. The prices are those of the standard tier and of requests below
272,000 tokens; above, the largest models cost more.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import Final

from .facts import ListedModel, ModelFacts

PREFERRED: Final = ("gpt-6.1-terra", "gpt-6-luna", "gpt-6-sol", "gpt-5.6-terra", "gpt-5.4-mini", "gpt-5.1")
"""The models to ask if none was named; the first that the account has is taken. All take chat completions and tools."""

NOTICE_DAYS: Final = 60
"""Days before a model's end from which it is no longer chosen, and its end is announced."""

FACTS: Final[Mapping[str, ModelFacts]] = MappingProxyType(
    {
        "gpt-6.1-terra": ModelFacts(1_050_000, (1.0, 5.0)),
        "gpt-6.1-sol": ModelFacts(1_050_000, (2.0, 10.0)),
        "gpt-6-astra": ModelFacts(1_050_000, (10.0, 50.0)),
        "gpt-6-sol": ModelFacts(1_050_000, (2.0, 10.0)),
        "gpt-6-luna": ModelFacts(1_050_000, (0.1, 0.5)),
        "gpt-5.6-sol": ModelFacts(1_050_000, (4.0, 20.0)),
        "gpt-5.6-terra": ModelFacts(1_050_000, (2.0, 12.0)),
        "gpt-5.6-luna": ModelFacts(1_050_000, (0.2, 1.2)),
        "gpt-5.5": ModelFacts(1_050_000, (5.0, 30.0)),
        "gpt-5.4": ModelFacts(1_050_000, (2.5, 15.0)),
        "gpt-5.4-mini": ModelFacts(400_000, (0.75, 4.5)),
        "gpt-5.4-nano": ModelFacts(400_000, (0.2, 1.25)),
        "gpt-5.2": ModelFacts(400_000, (1.75, 14.0)),
        "gpt-5.1": ModelFacts(400_000, (1.25, 10.0)),
        "gpt-4.1": ModelFacts(1_047_576, (2.0, 8.0)),
        "gpt-4.1-mini": ModelFacts(1_047_576, (0.4, 1.6)),
        "gpt-4o": ModelFacts(128_000, (2.5, 10.0)),
        "gpt-4o-mini": ModelFacts(128_000, (0.15, 0.6)),
    }
)

_DATED: Final = r"-\d{4}-\d{2}-\d{2}"

_NO_CHAT: Final = (
    r"embed|rerank|moderat|guard|whisper|transcri|tts|speech|voice|audio|realtime|\blive\b|image|dall-e|sora|video"
    r"|turbo-instruct|davinci|babbage"
)
"""Parts of the names of models that answer no chat."""

_LIMITED: Final = r"-pro\b|codex|research|search|computer|cyber|rosalind|daybreak|^ft:|^(gpt-6-astra|gpt-6\.1-sol)\b"
"""Parts of the names of models for one purpose, without tools on chat completions, or without chats at OpenAI."""


def facts_of(model: str) -> ModelFacts:
    """Return the facts known here about one of OpenAI's models.

    Args:
        model: The name of the model. A dated name stands for the model itself.

    """
    return FACTS.get(re.sub(rf"{_DATED}$", "", model)) or ModelFacts()


def choose(models: Iterable[ListedModel], without: Collection[str] = ()) -> str | None:
    """Choose the model to ask.

    Args:
        models: The models of the account.
        without: Names that are not to be chosen.

    Returns:
        The name of the model, or None if there are no others.

    """
    return next((name for name in ranked(models) if name not in without), None)


def ranked(models: Iterable[ListedModel]) -> list[str]:
    """Sort models, the best to ask first: the preferred ones that will last, then the newest for chats.

    Args:
        models: The models to sort.

    Returns:
        Their names.

    """
    by_name = {model.name: model for model in models}
    lasting = [name for name in PREFERRED if name in by_name and not ends_soon(by_name[name].facts.ends)]
    return list(dict.fromkeys([*lasting, *sorted(by_name, key=lambda name: _rank(by_name[name]))]))


def ends_soon(ends: date | None) -> bool:
    """Return whether a model is too close to its end to be chosen.

    Args:
        ends: The model's last day, if it has one.

    """
    return ends is not None and (ends - datetime.now(UTC).date()).days <= NOTICE_DAYS


def _rank(model: ListedModel) -> tuple[object, ...]:
    """Return a sort key for models unknown here, the best first."""
    soon = ends_soon(model.facts.ends)
    last_day = (model.facts.ends or date.max).toordinal()
    suits = (_has(_NO_CHAT, model.name), soon, -last_day * soon, _has(_LIMITED, model.name))
    # Of one model under two names, the shorter one has no date in it.
    return *suits, -model.created, len(model.name), model.name


def _has(pattern: str, name: str) -> bool:
    return re.search(pattern, name, re.IGNORECASE) is not None
