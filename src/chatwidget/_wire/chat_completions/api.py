"""Chat completions as an API."""

from __future__ import annotations

from typing import Final

from ..api import Api
from .chunks import ChunkReader
from .request import request_body


def _headers(key: str | None) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"} if key is not None else {}


CHAT_COMPLETIONS: Final = Api(
    path="/chat/completions",
    headers=_headers,
    body=request_body,
    reader=ChunkReader,
    defaults={"stream_options": {"include_usage": True}},
)
