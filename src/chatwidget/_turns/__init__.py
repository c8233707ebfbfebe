"""The turns of a conversation, run one after the other, each ended exactly once."""

from typing import TYPE_CHECKING

from .._lazy import import_on_use

__all__ = ["updates"]

if TYPE_CHECKING:
    from . import updates
else:
    __getattr__, __dir__ = import_on_use(__name__, __all__)
