"""What a server says that takes no more: that it was too much, how much it takes, and how much it was."""

from __future__ import annotations

import re
from typing import Final

_SAYS_SO: Final = re.compile(
    r"context.?(length|window|size)|maximum.{0,20}(length|tokens)|too many (input )?tokens|prompt is too long",
    re.IGNORECASE,
)

_NUMBER: Final = r"(\d[\d,]*)"

# OpenAI and vLLM, llama.cpp, Anthropic, Gemini, Mistral, Groq, LM Studio.
_LIMITS: Final = (
    rf'"n_ctx"\s*:\s*{_NUMBER}',
    rf"context (?:length|window|size)[^\d]{{0,40}}{_NUMBER}",
    rf">\s*{_NUMBER} maximum",
    rf"maximum number of tokens allowed[^\d]{{0,5}}{_NUMBER}",
    rf"{_NUMBER} maximum context length",
    rf"\blimit(?: of|:)? {_NUMBER}",
)
_ASKED: Final = (
    rf'"n_prompt_tokens"\s*:\s*{_NUMBER}',
    rf"{_NUMBER} in (?:the messages|your prompt)",
    rf"(?:messages|prompt|input)[^.\d]{{0,40}}(?:resulted in|contains|has|is|count)[^\d]{{0,20}}{_NUMBER}(?! in )",
    rf"request has {_NUMBER} input",
    rf"prompt is too long: {_NUMBER}",
    rf"input token count[^\d]{{0,5}}{_NUMBER}",
    rf"\brequest \({_NUMBER} tokens\)",
)


def says_too_long(text: str) -> bool:
    """Whether `text`, an error of a server, says that it was asked more than it takes."""
    return _SAYS_SO.search(text) is not None


def counts_in(text: str) -> tuple[int | None, int | None]:
    """The tokens that are taken, and those that were asked for, as far as `text` names them."""
    return _first(_LIMITS, text), _first(_ASKED, text)


def _first(patterns: tuple[str, ...], text: str) -> int | None:
    found = (re.search(pattern, text, re.IGNORECASE) for pattern in patterns)
    numbers = (int(match[1].replace(",", "")[:9]) for match in found if match is not None)
    return next((number for number in numbers if number), None)
