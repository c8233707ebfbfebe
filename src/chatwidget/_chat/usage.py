"""Usage of a conversation: tokens as counted by servers, and their price."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from .._conversation.messages import Usage
from .._conversation.tree import Conversation
from .._errors import SettingsError

Prices: TypeAlias = Mapping[str, tuple[float, float]]
"""US dollars per million prompt tokens and per million completion tokens, by model name or prefix of it."""

_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Cost:
    """The usage of one model. `dollars` is None if its price is unknown."""

    model: str
    prompt_tokens: int
    completion_tokens: int
    dollars: float | None


def usage_of(conversation: Conversation) -> Usage:
    """Return the total usage of all answers, on all branches.

    Args:
        conversation: The conversation.

    Returns:
        The usage. Counts that servers did not report are taken as 0.

    """
    counted = [usage for _, usage in _counts(conversation)]
    prompt = sum(usage.prompt_tokens or 0 for usage in counted)
    completion = sum(usage.completion_tokens or 0 for usage in counted)
    total = sum(_total(usage) for usage in counted)
    return Usage(prompt, completion, total)


def costs_of(conversation: Conversation, prices: Prices) -> list[Cost]:
    """Return the usage and cost of each model.

    Args:
        conversation: The conversation.
        prices: The known prices.

    Returns:
        One item per model, in order of first use.

    """
    counted: dict[str, tuple[int, int]] = {}
    for model, usage in _counts(conversation):
        prompt, completion = counted.get(model, (0, 0))
        counted[model] = prompt + (usage.prompt_tokens or 0), completion + (usage.completion_tokens or 0)
    return [Cost(model, *tokens, _dollars(price_of(model, prices), *tokens)) for model, tokens in counted.items()]


def cost_of(conversation: Conversation, prices: Prices) -> float | None:
    """Return the total cost of the answers.

    Args:
        conversation: The conversation.
        prices: The known prices.

    Returns:
        US dollars for all models with a known price, or None if there are none.

    """
    known = [cost.dollars for cost in costs_of(conversation, prices) if cost.dollars is not None]
    return sum(known) if known else None


def shown(conversation: Conversation, prices: Prices) -> dict[str, Any] | None:
    """Return the usage in the form that views show.

    Args:
        conversation: The conversation.
        prices: The known prices.

    Returns:
        Tokens, dollars, and whether the dollars cover only a part of the tokens. None if no tokens were counted.

    """
    usage, costs = usage_of(conversation), costs_of(conversation, prices)
    if not usage.total_tokens:
        return None
    known = [cost.dollars for cost in costs if cost.dollars is not None]
    dollars = {"dollars": sum(known) if known else None, "is_part": 0 < len(known) < len(costs)}
    return {"prompt_tokens": usage.prompt_tokens, "completion_tokens": usage.completion_tokens, **dollars}


def price_of(model: str, prices: Prices) -> tuple[float, float] | None:
    """Return the price of a model.

    Args:
        model: The name of the model.
        prices: The known prices.

    Returns:
        The price of that name, or else of the longest name that it begins with, as the name of a dated version does.
        None if there is none.

    """
    fitting = [name for name in prices if model == name or model.startswith((f"{name}-", f"{name}:", f"{name}@"))]
    return prices[max(fitting, key=len)] if fitting else None


def prices_of(value: object) -> dict[str, tuple[float, float]]:
    """Return a table of prices from a user's argument.

    Args:
        value: A mapping of model names to pairs of dollars per million tokens.

    Returns:
        The table.

    Raises:
        SettingsError: If `value` is not such a mapping.

    """
    try:
        table = {str(name): (float(pair[0]), float(pair[1])) for name, pair in dict(value).items()}  # type: ignore[call-overload]
        is_table = all(min(pair) >= 0 for pair in table.values())
    except (TypeError, ValueError, IndexError, KeyError):
        is_table = False
    if not is_table:
        message = 'prices must be dollars per million prompt and completion tokens: {"model-name": (0.25, 2.0)}'
        raise SettingsError(message)
    return table


def _counts(conversation: Conversation) -> Iterator[tuple[str, Usage]]:
    """Yield the model's name and the usage of each answer, and of each summary written for one."""
    for node in conversation.nodes():
        message = node.value()
        summary = message.left_out.usage if message.left_out is not None else None
        for usage in (message.usage, summary):
            if usage is not None:
                yield message.model or "unknown", usage


def _total(usage: Usage) -> int:
    return usage.total_tokens or (usage.prompt_tokens or 0) + (usage.completion_tokens or 0)


def _dollars(price: tuple[float, float] | None, prompt: int, completion: int) -> float | None:
    return None if price is None else (prompt * price[0] + completion * price[1]) / _MILLION
