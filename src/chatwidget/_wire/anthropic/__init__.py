"""Anthropic's Messages API, translated from and to OpenAI's terms. Its SDK takes and yields the same JSON."""

from typing import Final

from ..api import Api
from .events import EventReader
from .request import request_body

_HEADERS: Final = {"anthropic-version": "2023-06-01", "anthropic-dangerous-direct-browser-access": "true"}
"""The second has Anthropic's server let in a page in a browser. The key there is the user's own."""


def _headers(key: str | None) -> dict[str, str]:
    return {**_HEADERS, "x-api-key": key} if key is not None else {**_HEADERS}


ANTHROPIC: Final = Api(path="/messages", headers=_headers, body=request_body, reader=EventReader)
