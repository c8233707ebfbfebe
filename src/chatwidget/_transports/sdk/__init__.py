"""The user's own clients: of SDKs, and models of the package `llm`."""

from typing import TYPE_CHECKING

from ..._lazy import import_on_use

__all__ = ["client", "llm", "openai"]

if TYPE_CHECKING:
    from . import client, llm, openai
else:
    __getattr__, __dir__ = import_on_use(__name__, __all__)
