"""Error messages of servers, in all the forms they come in."""

from __future__ import annotations

import json
import re
from http import HTTPStatus
from typing import Any, Final

from .._errors import ServerError
from .._json import loads

EXCERPT: Final = 200
"""Characters of an unexpected body that are shown."""

TEXT_KEYS: Final = ("message", "msg", "detail", "error_message", "error_msg", "title", "reason")
"""Keys under which errors have their text."""

_SAYS_SO: Final = re.compile(
    r"context.?(length|window|size)|maximum.{0,20}(length|tokens)|too many (input )?tokens|prompt is too long",
    re.IGNORECASE,
)

_NO_CREDIT: Final = re.compile(
    r"insufficient.?(quota|balance|credit|funds)|billing.?(not.?active|hard.?limit)|credit balance is too low"
    r"|(out of|no|run out of|not enough|have any|all available) (credits?|funds)\b|credits are depleted"
    r"|payment required|reached your specified (api )?usage limit|spend(ing)? limit|budget.?(has been )?exceeded"
    r"|key limit exceeded|current.quota.error|arrearage",
    re.IGNORECASE,
)
"""OpenAI, Anthropic, Google, OpenRouter, DeepSeek, xAI, Moonshot, Qwen, LiteLLM.

Google's "exceeded your current quota" is a limit of requests per minute.
"""

_NO_CREDIT_STATUSES: Final = frozenset({400, 401, 402, 403, 429})

_OF_KEY: Final = re.compile(r"\b(api|access|auth\w*|bearer).?(key|token)|credential|unauthori[sz]ed", re.IGNORECASE)

_BAD_KEY: Final = re.compile(
    r"\b(invalid|incorrect|expired|missing) api.?key|\bapi.?key.{0,10}(not valid|invalid|expired|missing)",
    re.IGNORECASE,
)
"""Google and xAI, with the status of a bad request."""

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


def error_text(value: object) -> str:
    """Return the text of an error.

    Args:
        value: The parsed JSON: a text, an object, or a list of them.

    Returns:
        The text; "" if there is none.

    """
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, list):
        return "; ".join(text for item in value if (text := error_text(item)))
    if not isinstance(value, dict):
        return ""
    for key in ("error", "errors", *TEXT_KEYS):
        if text := error_text(value.get(key)):
            return text
    code = value.get("code") or value.get("type")
    return str(code) if isinstance(code, str | int) else ""


def streamed_error(text: str, value: Any, status: int | None = None) -> ServerError:
    """Return the error for one that a server reports within its answer.

    Args:
        text: The text of the error.
        value: The parsed JSON that holds it.
        status: The HTTP status in it, if any.

    """
    error = ServerError(text, status)
    if says_too_long(text):
        error.code = "too_long"
        error.limit, error.asked = counts_in(f"{text} {json.dumps(value)}")
    return error


def body_error_text(body: bytes) -> str:
    """Return the text of an error response as one line.

    Args:
        body: The body: JSON, HTML or plain text.

    """
    text = body.decode(errors="replace")
    try:
        message = error_text(loads(text))
    except ValueError:
        title = re.search(r"<title[^>]*>([^<]*)", text, re.IGNORECASE)
        message = title.group(1) if title else re.sub(r"<[^>]*>", " ", text)
    return " ".join(message.split())[: EXCERPT * 5]


def body_error_param(body: bytes) -> str | None:
    """Return the parameter that caused an error, as reported in OpenAI's or pydantic's format.

    Args:
        body: The body of the error response.

    Returns:
        The name of the parameter; None if there is none.

    """
    try:
        return _param_in(loads(body))
    except ValueError:
        return None


def _param_in(value: object) -> str | None:
    if isinstance(value, list):
        return next((name for item in value if (name := _param_in(item))), None)
    if not isinstance(value, dict):
        return None
    location = value.get("loc")
    if isinstance(location, list) and location:
        return str(location[-1])
    if isinstance(value.get("param"), str):
        return str(value["param"])
    return next((name for key in ("error", "detail", "message") if (name := _param_in(value.get(key)))), None)


def says_too_long(text: str) -> bool:
    """Return True if an error says that the request exceeds the limit of the model.

    Args:
        text: The error of a server.

    """
    return _SAYS_SO.search(text) is not None


def says_no_credit(status: int, text: str) -> bool:
    """Return True if an error says that the account cannot pay: no wait will help.

    Args:
        status: The HTTP status.
        text: The error of a server.

    """
    return status in _NO_CREDIT_STATUSES and _NO_CREDIT.search(text) is not None


def refuses_key(status: int, text: str) -> bool:
    """Return True if a response other than 401 says that the key is no good.

    Args:
        status: The HTTP status.
        text: The error of a server.

    """
    if status == HTTPStatus.BAD_REQUEST:
        return _BAD_KEY.search(text) is not None
    return status == HTTPStatus.FORBIDDEN and (not text or _OF_KEY.search(text) is not None)


def counts_in(text: str) -> tuple[int | None, int | None]:
    """Return the token counts in an error about a request that is too long.

    Args:
        text: The error of a server.

    Returns:
        The number of tokens accepted and the number requested; None for those that are not named.

    """
    return _first(_LIMITS, text), _first(_ASKED, text)


def _first(patterns: tuple[str, ...], text: str) -> int | None:
    matches = (re.search(pattern, text, re.IGNORECASE) for pattern in patterns)
    numbers = (int(match[1].replace(",", "")[:9]) for match in matches if match is not None)
    return next((number for number in numbers if number), None)
