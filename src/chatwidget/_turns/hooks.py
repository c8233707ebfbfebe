"""The functions of a chat that its session calls."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from .._conversation.messages import Message
from .._errors import TransportError
from .._secrets.masking import masked


async def _no_context() -> list[dict[str, Any]]:
    return []


async def _no_other_model(_: TransportError) -> bool:
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionHooks:
    """What a session calls. All but `replace_model` and `on_change` must not raise."""

    on_change: Callable[[], None] = lambda: None
    """Called when the status, the queue or the calls waiting for approval may have changed."""
    on_notice: Callable[[str], None] = lambda _: None
    """Called with notices for the user that are not part of the conversation."""
    on_model_end: Callable[[str, date], None] = lambda _, __: None
    """Called with a model in use and its last day."""
    on_turn_begin: Callable[[], None] = lambda: None
    """Called when a turn begins."""
    on_turn_end: Callable[[Message], asyncio.Future[Any] | None] = lambda _: None
    """Called with the answer of each ended turn. The asker waits for the future that it returns."""
    collect_context: Callable[[], Awaitable[list[dict[str, Any]]]] = _no_context
    """Returns the content parts to send along with a question, as of now."""
    mask: Callable[[str], str] = masked
    """Masks secrets in what a function of the user prints."""
    replace_model: Callable[[TransportError], Awaitable[bool]] = _no_other_model
    """Called with the error of a refused request.

    Returns True to ask again with another model; may raise a better error.
    """
