"""Transports: the ways to reach a model, all behind one interface."""

from typing import TYPE_CHECKING

from .._lazy import import_on_use

__all__ = ["fetch", "function", "openai", "probe", "sdk", "server"]

if TYPE_CHECKING:
    from . import fetch, function, openai, probe, sdk, server
else:
    __getattr__, __dir__ = import_on_use(__name__, __all__)
