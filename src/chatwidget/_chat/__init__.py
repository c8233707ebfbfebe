"""A chat without its widget: questions, events, usage and structured output."""

from typing import TYPE_CHECKING

from .._lazy import import_on_use

__all__ = ["events", "structured_output", "usage"]

if TYPE_CHECKING:
    from . import events, structured_output, usage
else:
    __getattr__, __dir__ = import_on_use(__name__, __all__)
