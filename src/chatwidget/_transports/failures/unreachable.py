"""One sentence for each reason why a server was not reached, with the remedy."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

from ..._errors import ConnectError, StreamInterruptedError

_SENTENCES: Final = {
    "offline": "This computer is offline: connect to the network, then try again.",
    "no_host": "There is no computer called {host}: check the address for slips.",
    "refused": "Nothing answers at {place}: start the server there, or correct the address.",
    "no_answer": "The server at {place} does not answer in time: check that it runs, then try again.",
    "dropped": "The server at {place} closed the connection without an answer: try again, or look into its log.",
    "proxy": "The proxy does not let {place} be reached: check {proxy} and NO_PROXY.",
    "certificate": (
        "The certificate of {host} is not trusted here: correct the address, or name the file of the authority "
        "that signed it in SSL_CERT_FILE."
    ),
    "no_tls": "The server at {place} does not speak TLS: try the address with http:// in place of https://.",
    "unreached": "The server at {place} was not reached: check the address, that it runs, and the network.",
    # The browser's own
    "cors": (
        "The server at {place} does not let this page in: allow the origin {origin} there "
        "(CORS; for Ollama: OLLAMA_ORIGINS={origin}), or check the address."
    ),
    "preflight": (
        "The server at {place} lets this page in, but not with a key: have it allow the headers {headers} "
        "(Access-Control-Allow-Headers; for Ollama: OLLAMA_ORIGINS={origin})."
    ),
    "mixed_content": (
        "This page came over https, and the browser does not let it ask {place}, which is http: "
        "reach the server over https, or open this page over http."
    ),
    "local_network": (
        "The browser keeps this page away from the local network, where {place} is: allow it "
        "in the settings of this site, then reload the page."
    ),
    "untrusted": (
        "Nothing answers at {place}, or the browser does not trust its certificate: open the address in a tab "
        "of its own and see what the browser says."
    ),
}


def not_reached(
    code: str,
    base_url: str,
    *,
    said: str = "",
    origin: str = "",
    headers: Iterable[str] = (),
    proxy: str | None = None,
) -> ConnectError:
    """Return the error for a server that was not reached.

    Args:
        code: The reason.
        base_url: The address of the server.
        said: The system's own words, appended in brackets.
        origin: The origin of the page, in browsers.
        headers: The names of headers that the server must allow besides that of the type, in browsers.
        proxy: The environment variable that sets the proxy, if one does.

    """
    sentence = _SENTENCES[code].format(
        place=base_url.rstrip("/"),
        host=urlsplit(base_url).hostname,
        origin=origin,
        headers=f"{', '.join(headers)} and Content-Type",
        proxy=proxy or "HTTP_PROXY, HTTPS_PROXY",
    )
    return ConnectError(f"{sentence.rstrip('.')} ({said})." if said else sentence, code=code)


def fell_silent() -> StreamInterruptedError:
    """Return the error for an answer that stopped arriving for longer than the request's timeout."""
    return StreamInterruptedError("The answer was cut off: the server sent nothing more in time.")
