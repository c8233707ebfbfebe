"""Functions that a model may call: what they look like to it, what it gives them, what they give back.

Loaded only where there are any, and pydantic with the first function.
"""

from __future__ import annotations

from ._mcp import Servers, is_server
from ._results import Content, Result
from ._tool import Approve, ArgumentsError, Tool
from ._toolbox import Ready, Toolbox

__all__ = ["Approve", "ArgumentsError", "Content", "Ready", "Result", "Servers", "Tool", "Toolbox", "is_server"]
