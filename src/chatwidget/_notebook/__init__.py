"""The parts of the notebook that questions include: values, cells and files."""

from typing import TYPE_CHECKING

from .._lazy import import_on_use

__all__ = ["attach", "context", "variables"]

if TYPE_CHECKING:
    from . import attach, context, variables
else:
    __getattr__, __dir__ = import_on_use(__name__, __all__)
