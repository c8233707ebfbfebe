"""Which of OpenAI's two APIs a refusal points to: chat completions, or Responses."""

from __future__ import annotations

import re
from typing import Final

from .._errors import ServerError

_NO_ROUTE: Final = frozenset({404, 405, 501})
_REFUSALS: Final = frozenset({400, 404})
_NEEDS_FIELD: Final = frozenset({400, 422})

# OpenAI and gateways; older models of OpenAI; Azure.
_NEEDS_RESPONSES: Final = re.compile(
    r"v1/responses\b|not a chat model|chat.?completion operation does not work", re.IGNORECASE
)
# LM Studio says so with the status of success.
_UNKNOWN_ROUTE: Final = re.compile(r"unexpected endpoint", re.IGNORECASE)
_LACKS_MESSAGES: Final = re.compile(
    r"\bmessages\b.{0,60}\b(required|missing)|\b(required|missing)\b.{0,60}\bmessages\b", re.IGNORECASE | re.DOTALL
)


def needs_responses(error: ServerError) -> bool:
    """Return True if a refusal by chat completions says that the Responses API must be asked.

    Args:
        error: The refusal.

    """
    return error.status in _REFUSALS and _NEEDS_RESPONSES.search(str(error)) is not None


def lacks_responses(error: ServerError) -> bool:
    """Return True if a refusal of a request to the Responses API says that the server does not have it.

    Args:
        error: The refusal.

    """
    text = str(error)
    if error.status in _NO_ROUTE:
        return error.code != "model_not_found" and "Item with id" not in text
    if error.status in _NEEDS_FIELD:
        return error.param == "messages" or _LACKS_MESSAGES.search(text) is not None
    return error.status is None and _UNKNOWN_ROUTE.search(text) is not None
