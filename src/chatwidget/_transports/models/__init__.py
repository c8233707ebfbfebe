"""The models of a server: their list, and what is known of each."""

from typing import TYPE_CHECKING

from ..._lazy import import_on_use

__all__ = ["reported"]

if TYPE_CHECKING:
    from . import reported
else:
    __getattr__, __dir__ = import_on_use(__name__, __all__)
