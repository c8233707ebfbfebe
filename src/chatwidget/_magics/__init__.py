"""The magics `%chat` and `%%chat`."""

from typing import TYPE_CHECKING

from .._lazy import import_on_use

__all__ = ["magics"]

if TYPE_CHECKING:
    from . import magics
else:
    __getattr__, __dir__ = import_on_use(__name__, __all__)
