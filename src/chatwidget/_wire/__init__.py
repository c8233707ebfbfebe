"""The wire formats of the APIs: request bodies, and parsers for the bytes of answers."""

from typing import TYPE_CHECKING

from .._lazy import import_on_use

__all__ = ["anthropic", "gemini", "neighbours", "responses", "sendable"]

if TYPE_CHECKING:
    from . import anthropic, gemini, neighbours, responses, sendable
else:
    __getattr__, __dir__ = import_on_use(__name__, __all__)
