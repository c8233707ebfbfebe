"""Functions that a model may call: their definitions, validated arguments, and results.

Except for `approvals` and `chat_tools`, this package is imported only if there are tools, and pydantic with the first
function.
"""

from typing import TYPE_CHECKING

from .._lazy import import_on_use

__all__ = ["execution", "mcp", "tool", "toolbox"]

if TYPE_CHECKING:
    from . import execution, mcp, tool, toolbox
else:
    __getattr__, __dir__ = import_on_use(__name__, __all__)
