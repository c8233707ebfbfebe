"""The content of messages: text, values, files, Markdown, and the chunks of a function's answer."""

from typing import TYPE_CHECKING

from .._lazy import import_on_use

__all__ = ["answer_chunks", "concat_stream", "dollars"]

if TYPE_CHECKING:
    from . import answer_chunks, concat_stream, dollars
else:
    __getattr__, __dir__ = import_on_use(__name__, __all__)
