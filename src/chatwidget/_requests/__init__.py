"""Requests to a model, and the part of a conversation that fits into them."""

from typing import TYPE_CHECKING

from .._lazy import import_on_use

__all__ = ["summary"]

if TYPE_CHECKING:
    from . import summary
else:
    __getattr__, __dir__ = import_on_use(__name__, __all__)
