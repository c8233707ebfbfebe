"""One sentence for each reason why a server was not reached, with the remedy."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

from ..._errors import ConnectError, StreamInterruptedError

_SENTENCES: Final = {
    "offline": "This computer seems to be offline: connect to the network, or correct the address, then try again.",
    "no_host": "The host {host} was not found: check the address for typos.",
    "refused": "Nothing answers at {address}: start the server there, or correct the address.",
    "no_answer": "The server at {address} did not answer in time: check that it is running, then try again.",
    "dropped": "The server at {address} closed the connection without an answer: try again, or check its log.",
    "proxy": "The server at {address} could not be reached through the proxy: check {proxy} and NO_PROXY.",
    "certificate": (
        "The certificate of {host} is not trusted: correct the address, or set SSL_CERT_FILE to the file "
        "of the authority that signed it."
    ),
    "no_tls": "The server at {address} does not speak TLS: try the address with http:// instead of https://.",
    "unreached": (
        "The server at {address} could not be reached: check the address, the network, and that it is running."
    ),
    # The browser's own
    "cors": (
        "The server at {address} does not accept requests from this page: allow the origin {origin} on the server "
        "(CORS; for Ollama: OLLAMA_ORIGINS={origin}), or check the address."
    ),
    "preflight": (
        "The server at {address} accepts requests from this page, but not with a key: allow the headers {headers} "
        "there (Access-Control-Allow-Headers; for Ollama: OLLAMA_ORIGINS={origin})."
    ),
    "mixed_content": (
        "This page was loaded over https, so the browser blocks requests to {address}, which uses http: "
        "use https for the server, or open this page over http."
    ),
    "local_network": (
        "The browser does not let this page access the local network, where {address} is: allow it "
        "in the site settings, then reload the page."
    ),
    "untrusted": (
        "Nothing answers at {address}, or the browser does not trust its certificate: open the address in a new "
        "tab and see what the browser reports."
    ),
}


def not_reached(
    code: str,
    base_url: str,
    *,
    reason: str = "",
    origin: str = "",
    headers: Iterable[str] = (),
    proxy: str | None = None,
) -> ConnectError:
    """Return the error for a server that was not reached.

    Args:
        code: The reason.
        base_url: The address of the server.
        reason: The system's own words, appended in brackets.
        origin: The origin of the page, in browsers.
        headers: The names of headers that the server must allow besides that of the type, in browsers.
        proxy: The environment variable that sets the proxy, if one does.

    """
    sentence = _SENTENCES[code].format(
        address=base_url.rstrip("/"),
        host=urlsplit(base_url).hostname,
        origin=origin,
        headers=f"{', '.join(headers)} and Content-Type",
        proxy=proxy or "HTTP_PROXY, HTTPS_PROXY",
    )
    return ConnectError(f"{sentence.rstrip('.')} ({reason})." if reason else sentence, code=code)


def fell_silent() -> StreamInterruptedError:
    """Return the error for an answer that stopped arriving for longer than the request's timeout."""
    return StreamInterruptedError("The answer was cut off: the server sent nothing more before the timeout.")
