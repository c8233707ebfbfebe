"""Chat completions as an API."""

from __future__ import annotations

from typing import Final

from ..api import Dialect
from .chunks import ChunkReader
from .request import request_body

CHAT_COMPLETIONS: Final = Dialect(
    body=request_body, reader=ChunkReader, defaults={"stream_options": {"include_usage": True}}
)
