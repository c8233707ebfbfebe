"""The text and the reasoning of an answer, read from wherever servers put them."""

from __future__ import annotations

from typing import Any, Final

from ..._conversation.messages import ReasoningForm
from ..lenient import text_or_empty
from ..media import is_sound, media_kind, media_text

_REASONING_KEYS: Final = (
    "reasoning_content",  # DeepSeek, vLLM, SGLang, llama.cpp
    "reasoning",  # OpenRouter, Ollama, Groq
    "reasoning_text",
    "thinking",
    "reasoning_details",  # OpenRouter, beside `reasoning`
    "thinking_blocks",  # LiteLLM, beside `reasoning_content`
)
_TEXT_KEYS: Final = ("text", "content", "thinking", "summary", "refusal")
_THINKING_PARTS: Final = frozenset({"thinking", "reasoning", "reasoning.text", "reasoning.summary"})


def content_in(value: object) -> str:
    """Return content as text, without reasoning. Images and files become Markdown.

    Args:
        value: Text or typed parts.

    """
    if isinstance(value, list):
        return "".join(content_in(part) for part in value)
    return _part(value) if isinstance(value, dict) else text_or_empty(value)


def _part(part: dict[str, Any]) -> str:
    kind = media_kind(part)
    if not kind:
        return "" if part.get("type") in _THINKING_PARTS else text_in(part)
    # A file may have been read by the server.
    text = text_in(part) if kind in {"video", "file"} else ""
    return text or media_text(part)


def sound_parts(content: object) -> list[dict[str, Any]]:
    """Return the parts that are sound.

    Args:
        content: The content of a message or a delta.

    """
    parts = content if isinstance(content, list) else [content]
    return [part for part in parts if isinstance(part, dict) and is_sound(part)]


def reasoning_in(source: dict[str, Any]) -> tuple[str, ReasoningForm | None]:
    """Return the reasoning in a message or a delta.

    Args:
        source: The message or delta.

    Returns:
        The text under the first key that has any, since servers repeat it, and the form: all keys it arrived with.

    """
    reasoning = ""
    form: dict[str, Any] = {}
    for key in _REASONING_KEYS:
        value = source.get(key)
        if value:
            reasoning = reasoning or text_in(value)
            if isinstance(value, str):
                form[key] = None
            elif isinstance(value, list):
                form[key] = [item for item in value if isinstance(item, dict)]
    content = source.get("content")
    if not reasoning and not isinstance(content, str):
        parts = content if isinstance(content, list) else [content]
        thoughts = (part for part in parts if isinstance(part, dict) and part.get("type") in _THINKING_PARTS)
        reasoning = "".join(map(text_in, thoughts))
    return reasoning, form or None


def text_in(value: object) -> str:
    """Return the text in a value.

    Args:
        value: Text, a part, or a list of parts.

    """
    if isinstance(value, list):
        return "".join(text_in(item) for item in value)
    if isinstance(value, dict):
        return next((text for key in _TEXT_KEYS if (text := text_in(value.get(key)))), "")
    return text_or_empty(value)
