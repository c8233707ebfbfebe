"""Token estimates. Each model splits text in its own way, and none of their tokenizers is at hand.

About four ASCII characters make a token, two letters of other alphabets, and one character of Chinese, Japanese or
Korean. Pictures, sounds and files count a fixed number each. A server's count for the same conversation corrects
all of it; see `context_window`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from typing import Any, Final

from .._conversation.messages import IMAGE, REASONING_KEYS, Message, MessageDict, without_image_data

ATTACHED: Final = 1000
"""Tokens of a picture, a sound or a file; the usual models take as many for a picture of 1,000 by 1,000 pixels."""

_FRAME: Final = 4
"""Tokens that mark a message and its role."""

_ASCII: Final = 4
_ALPHABETIC: Final = 2
"""Characters per token, for English or code and for other alphabets. Every other character is a token."""


class Estimates:
    """A cache of estimates, each valid as long as the message's content is unchanged."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[MessageDict, int]] = {}

    def of(self, messages: Iterable[Message]) -> list[int]:
        """Estimate the tokens of each message. Estimates of all other messages are forgotten.

        Args:
            messages: The messages to estimate.

        Returns:
            The tokens, in the order of the messages.

        """
        known, self._known = self._known, {}
        tokens = []
        for message in messages:
            estimate = known.get(message.id)
            if estimate is None or estimate[0] is not message.data:
                estimate = message.data, tokens_of(message.data)
            self._known[message.id] = estimate
            tokens.append(estimate[1])
        return tokens


def tokens_of(message: MessageDict) -> int:
    """Estimate the tokens of a message.

    Args:
        message: The message to estimate.

    Returns:
        The tokens, with those of attachments, reasoning and tool calls.

    """
    content = message.get("content") or ""
    parts = [{"type": "text", "text": content}] if isinstance(content, str) else content
    calls = [call.get("function") or call.get("custom") or {} for call in message.get("tool_calls") or ()]
    texts = [str(text) for call in calls for text in call.values()]
    texts += [
        text if isinstance(text, str) else json.dumps(text) for key in REASONING_KEYS if (text := message.get(key))
    ]
    # The images in an answer are sent, too.
    is_answer = message.get("role") == "assistant" and isinstance(content, str) and "](" in content
    images = len(IMAGE.findall(content)) if is_answer else 0
    return _FRAME + sum(map(_of_part, parts)) + sum(map(tokens_in, texts)) + images * ATTACHED


def tokens_in(text: str) -> int:
    """Estimate the tokens of a text.

    Args:
        text: The text to estimate.

    Returns:
        The tokens, at least 1 unless the text is empty.

    """
    if text.isascii():
        return math.ceil(len(text) / _ASCII)
    plain = len(text.encode("ascii", "ignore"))
    others = len(text) - plain
    # A character of three bytes in UTF-8 counts once here, one of four (emoji) twice.
    wide = len(text.encode("utf-8", "replace")) - plain - 2 * others
    return math.ceil(plain / _ASCII + (others - wide) / _ALPHABETIC + wide)


def tokens_beside(system_prompt: str | None, params: Mapping[str, Any]) -> int:
    """Estimate the tokens sent beside the messages: system prompt, tools and answer format.

    Args:
        system_prompt: The system prompt, if any.
        params: The parameters of the request.

    Returns:
        The tokens of all of them together.

    """
    values = [value for name in ("tools", "functions", "response_format") if (value := params.get(name))]
    return sum(tokens_in(json.dumps(value, default=str)) for value in values) + (
        _FRAME + tokens_in(system_prompt) if system_prompt else 0
    )


def _of_part(part: Mapping[str, Any]) -> int:
    if part.get("type") in {"text", "refusal"}:
        return tokens_in(without_image_data(str(part.get("text") or part.get("refusal") or "")))
    return ATTACHED
