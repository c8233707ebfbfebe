"""One sentence for an HTTP error: the problem, in the server's words, and the remedy."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Final

from ..._errors import ServerError
from ..._secrets.keys import Headers, Secret, redact
from ..._wire.errors import (
    body_error_param,
    body_error_text,
    counts_in,
    refuses_key,
    says_no_credit,
    says_too_long,
)
from ..._wire.models import misses_model
from ..retry import retry_after

_NO_HEADERS: Final[Mapping[str, str]] = MappingProxyType({})

_REFUSED: Final = ("The server did not accept the request", "check the model and the settings")
_TOO_LONG: Final = ("The conversation is too long for this model", "shorten or clear it, or choose another model")
_WRONG_KEY: Final = ("The server refused the API key", "check it, or create a new one")
_NO_KEY: Final = ("The server requires an API key, and none was sent", "provide one for this server")
_NO_CREDIT: Final = (
    "This account has no credit left",
    "add credit with the provider or raise its limit, or use another key",
)
_NO_MODEL: Final = ("The server does not offer this model", "choose another one")
_SERVER_FAULT: Final = ("The server has a problem", "try again later")
_OTHER: Final = ("The server sent no answer", "check the base URL")

# The problem, and the remedy.
_MEANING: Final = {
    400: _REFUSED,
    401: _WRONG_KEY,
    402: _NO_CREDIT,
    403: ("The server does not allow this", "ask those who run it, or use another key or another model"),
    404: ("The server does not know this model or this address", "check the model name and the base URL"),
    407: ("The proxy requires a user name and a password", "set them in HTTP_PROXY and HTTPS_PROXY"),
    408: ("The server took too long", "try again"),
    413: ("The conversation is too long for this server", "shorten or clear it"),
    422: _REFUSED,
    429: ("Too many requests", "wait {wait}, then try again"),
}

_CODES: Final = {
    400: "rejected",
    401: "wrong_key",
    402: "no_credit",
    403: "forbidden",
    404: "not_found",
    407: "proxy",
    408: "timeout",
    413: "too_long",
    422: "rejected",
    429: "too_many",
}


def status_error(
    status: int,
    body: bytes,
    secret: Secret | None,
    headers: Mapping[str, str] = _NO_HEADERS,
    hidden: Iterable[Headers] = (),
) -> ServerError:
    """Return the error for a response with an HTTP error status.

    Args:
        status: The HTTP status.
        body: The body of the response.
        secret: The key that was sent, which is redacted from the text.
        headers: The response headers, with lower-case names.
        hidden: Request headers whose values are redacted as well.

    """
    text = body_error_text(body).rstrip(".")
    is_fault = status >= HTTPStatus.INTERNAL_SERVER_ERROR
    code = _CODES.get(status, "server_fault" if is_fault else None)
    what, remedy = _MEANING.get(status, _SERVER_FAULT if is_fault else _OTHER)
    whole = f"{text} {body.decode(errors='replace')}"
    if status in {400, 422} and says_too_long(whole):
        code, (what, remedy) = "too_long", _TOO_LONG
    elif misses_model(status, whole):
        code, (what, remedy) = "model_not_found", _NO_MODEL
    elif says_no_credit(status, whole):
        code, (what, remedy) = "no_credit", _NO_CREDIT
    elif refuses_key(status, text):
        code, (what, remedy) = "wrong_key", _WRONG_KEY
    if code == "wrong_key" and secret is None:
        code, (what, remedy) = "no_key", _NO_KEY
    message = f"{what} ({status}{': ' if text else ''}{text}): {remedy.format(wait=_wait(headers))}."
    error = ServerError(redact(message, secret, *hidden), status, code=code)
    error.param = body_error_param(body)
    if code == "too_long":
        error.limit, error.asked = counts_in(whole)
    return error


def _wait(headers: Mapping[str, str]) -> str:
    seconds = retry_after(headers, time.time())
    return f"{math.ceil(seconds)} s" if seconds is not None and 0 < seconds < math.inf else "a moment"
