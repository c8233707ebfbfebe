"""The connection of a chat to a model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .._transports.base import Transport
from .._transports.endpoint import Endpoint

if TYPE_CHECKING:
    from .._types import Model


@dataclass(frozen=True, slots=True)
class Connection:
    """A transport, and the facts about it that may be shown."""

    kind: str
    """`none`, `server`, `callable` or `demo`."""
    transport: Transport | None = None
    model: str | None = None
    endpoint: Endpoint | None = None
    choice: Model | None = None
    """The user's choice: a name, or the function, client or transport itself."""
    is_default: bool = False
    """Whether nobody named the model, so that a better one of the account may replace it."""

    @property
    def name(self) -> str:
        """The name of the model or of the function."""
        if self.model is not None or self.choice is None:
            return self.model or "no model"
        return str(getattr(self.choice, "__name__", type(self.choice).__name__))

    def shown(self) -> dict[str, Any]:
        """Return the facts a view may show. Of the key, only its mask is among them."""
        key = self.endpoint.key if self.endpoint is not None else None
        return {
            "kind": self.kind,
            "model": self.model,
            "base_url": self.endpoint.base_url if self.endpoint is not None else None,
            "key": key.mask if key is not None else None,
        }
