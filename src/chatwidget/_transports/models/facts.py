"""A model in a list, and facts about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """Facts about a model as reported by a server. Unknown ones are None."""

    context_window: int | None = None
    """The most tokens of a question and its answer together."""
    prices: tuple[float, float] | None = None
    """Dollars per million prompt tokens and per million completion tokens."""
    ends: date | None = None
    """The day on which the model is switched off."""

    def with_more(self, newer: ModelFacts) -> ModelFacts:
        """Return these facts, updated with newer ones.

        Args:
            newer: Facts that take precedence, as far as they are known.

        """
        return ModelFacts(
            newer.context_window or self.context_window, newer.prices or self.prices, newer.ends or self.ends
        )


@dataclass(frozen=True, slots=True)
class ListedModel:
    """A model in a server's list."""

    name: str
    created: int = 0
    """The time of creation in seconds since 1970; 0 if unknown."""
    facts: ModelFacts = ModelFacts()
