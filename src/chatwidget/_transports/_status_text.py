"""One sentence for an HTTP error: what happened, in the server's words, and what to do."""

from __future__ import annotations

from .._errors import ServerError
from .._secrets import Secret, redact
from .._wire import body_error_text

_ADVICE = {
    400: "The server did not accept the request.",
    401: "Check the API key.",
    403: "The key is not allowed to do this.",
    404: "Check the model name and the base URL.",
    408: "The server took too long; try again.",
    413: "The conversation is too long for this server; clear or shorten it.",
    422: "The server did not accept the request.",
    429: "Too many requests or no credit left; wait a little, then try again.",
}
_SERVER_FAULT = "The server has a problem; try again later."
_NO_KEY = "No API key was sent to this server; it may need one."


def status_error(status: int, body: bytes, secret: Secret | None) -> ServerError:
    """The error for an answer with an HTTP error status."""
    advice = _ADVICE.get(status, _SERVER_FAULT if status >= 500 else "")  # noqa: PLR2004 HTTP server errors
    code = None
    if status in {401, 403}:
        code = "wrong_key" if secret is not None else "no_key"
        advice = advice if secret is not None else _NO_KEY
    said = body_error_text(body)
    text = f"The server answered {status}" + (f": {said.rstrip('.')}." if said else ".")
    return ServerError(redact(f"{text} {advice}".strip(), secret), status, code=code)
