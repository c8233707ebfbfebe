"""Conversations in files: saving, loading, autosaving and exporting."""

from typing import TYPE_CHECKING

from .._lazy import import_on_use

__all__ = ["autosave", "export", "markdown", "storage"]

if TYPE_CHECKING:
    from . import autosave, export, markdown, storage
else:
    __getattr__, __dir__ = import_on_use(__name__, __all__)
