"""The connection of a chat: a model, its server and the key."""

from typing import TYPE_CHECKING

from .._lazy import import_on_use

__all__ = ["discovery"]

if TYPE_CHECKING:
    from . import discovery
else:
    __getattr__, __dir__ = import_on_use(__name__, __all__)
