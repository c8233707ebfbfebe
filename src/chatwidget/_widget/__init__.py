"""`ChatWidget` and the Markdown output that stands in for its view."""

from typing import TYPE_CHECKING

from .._lazy import import_on_use

__all__ = ["attributes", "markdown_output"]

if TYPE_CHECKING:
    from . import attributes, markdown_output
else:
    __getattr__, __dir__ = import_on_use(__name__, __all__)
