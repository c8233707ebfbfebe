"""JSON and server-sent events as vendors' servers write them."""

import json
from typing import Any


def dump(value: Any) -> bytes:
    """JSON without spaces."""
    return json.dumps(value, separators=(",", ":")).encode()


def event(data: Any, name: str = "") -> bytes:
    """A server-sent event, named or not."""
    head = f"event: {name}\n".encode() if name else b""
    return head + b"data: " + dump(data) + b"\n\n"
