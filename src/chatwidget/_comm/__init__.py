"""Communication between the kernel and the views: commands in, patches out."""

from typing import TYPE_CHECKING

from .._lazy import import_on_use

__all__ = ["dispatcher", "parse"]

if TYPE_CHECKING:
    from . import dispatcher, parse
else:
    __getattr__, __dir__ = import_on_use(__name__, __all__)
