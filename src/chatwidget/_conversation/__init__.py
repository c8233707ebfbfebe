"""The conversation: a tree of messages and its value types."""

from typing import TYPE_CHECKING

from .._lazy import import_on_use

__all__ = ["inline_reasoning", "reasoning_blocks", "sounds"]

if TYPE_CHECKING:
    from . import inline_reasoning, reasoning_blocks, sounds
else:
    __getattr__, __dir__ = import_on_use(__name__, __all__)
