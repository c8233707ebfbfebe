"""Conversations in files: saving, loading, autosaving and exporting."""

from typing import TYPE_CHECKING

from .._lazy import attach

__all__ = ["autosave", "export", "markdown", "storage"]

if TYPE_CHECKING:
    from . import autosave, export, markdown, storage
else:
    __getattr__, __dir__ = attach(__name__, __all__)
