"""Images in answers and tool results, sent to a model unless it has refused them.

Whether a model takes images is in no standard list, so that is learned from its refusals. Images that the user attaches
are always sent: the user asked about them, and must hear that the model cannot see them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from .._conversation.images import answer_images_apart, images_named
from .._conversation.messages import MessageDict

_REFUSALS: Final = frozenset({400, 404, 415, 422, 500, 501})
_SAYS_SO: Final = re.compile(
    r"image|vision|multi-?modal|mmproj|content.{0,40}string|expected .{0,3}text", re.IGNORECASE
)


class ImageReplay:
    """The form of images for one chat's model."""

    def __init__(self) -> None:
        self._is_refused = self._is_proven = self._are_sent = False

    def forget(self) -> None:
        """Forget everything learned about the model."""
        self._is_refused = self._is_proven = False

    def confirm(self) -> None:
        """Keep the learned form, after a request in it was answered."""
        self._is_proven = self._is_refused

    def applied(self, messages: Sequence[MessageDict]) -> list[MessageDict]:
        """Return the messages with their images in the form that the model takes.

        Args:
            messages: The messages to send.

        """
        named, sent = images_named(messages), answer_images_apart(messages)
        self._are_sent = not self._is_refused and sent != named
        return named if self._is_refused else sent

    def learn(self, error: Exception) -> bool:
        """Learn from a refused request.

        Args:
            error: The refusal.

        Returns:
            Whether to ask again, without these images.

        """
        status = getattr(error, "status", None) or getattr(error, "status_code", None)
        is_new = self._are_sent and status in _REFUSALS and bool(_SAYS_SO.search(str(error)))
        self._is_refused = is_new or self._is_proven
        return is_new
