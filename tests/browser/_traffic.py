"""What crosses the websocket between JupyterLab's page and its kernels."""

import json
import struct
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from playwright.sync_api import Page, WebSocket


@dataclass(frozen=True)
class Frame:
    """A comm message; ``size`` is that of the whole frame, its envelope included."""

    data: Any
    size: int

    @property
    def kind(self) -> str | None:
        """The type of the message between kernel and view, such as ``patch``; None for one of ipywidgets."""
        return self.data.get("content", {}).get("type")


class CommTraffic:
    """The comm messages that the kernel has sent to the page, and the page to the kernel, in order."""

    def __init__(self, page: Page) -> None:
        self.frames: list[Frame] = []
        self.sent: list[Frame] = []
        page.on("websocket", self._listen)

    def clear(self) -> None:
        """Forget all messages so far."""
        self.frames.clear()
        self.sent.clear()

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framereceived", lambda payload: _add(payload, self.frames))
        socket.on("framesent", lambda payload: _add(payload, self.sent))


def _add(payload: str | bytes, frames: list[Frame]) -> None:
    if not isinstance(payload, bytes):
        return
    header, content = _unpack(payload)
    if header["msg_type"] == "comm_msg":
        frames.append(Frame(content["data"], len(payload)))


def _unpack(frame: bytes) -> tuple[Any, Any]:
    """Header and content of a message in the protocol ``v1.kernel.websocket.jupyter.org``."""
    (count,) = struct.unpack_from("<Q", frame)
    offsets = struct.unpack_from(f"<{count}Q", frame, 8)
    parts = [frame[start:end] for start, end in pairwise(offsets)]
    _channel, header, _parent, _metadata, content, *_buffers = parts
    return json.loads(header), json.loads(content)
