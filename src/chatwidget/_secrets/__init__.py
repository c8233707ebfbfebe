"""API keys hidden from sight, and secrets hidden from models."""

from typing import TYPE_CHECKING

from .._lazy import import_on_use

__all__ = ["masking"]

if TYPE_CHECKING:
    from . import masking
else:
    __getattr__, __dir__ = import_on_use(__name__, __all__)
