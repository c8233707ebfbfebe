"""The sound of an answer in a form that browsers play.

OpenAI's models stream PCM without a header: 16 bits, one channel, 24,000 samples a second. Other servers follow them.
"""

from __future__ import annotations

import base64
import struct
from typing import Final

_KINDS: Final = {b"RIFF": "wav", b"ID3": "mpeg", b"OggS": "ogg", b"fLaC": "flac", b"\x1aE\xdf\xa3": "webm"}
_RATE: Final = 24_000
_SAMPLE: Final = 2


def sound_url(data: bytes) -> str:
    """Return sound as a data URL.

    Args:
        data: The sound; bytes without a known signature are taken for PCM.

    """
    kind = next((kind for begins, kind in _KINDS.items() if data.startswith(begins)), None)
    if kind is None and data[4:8] == b"ftyp":
        kind = "mp4"
    if kind is None and data[:1] == b"\xff" and data[1:2] in {b"\xf1", b"\xf2", b"\xf3", b"\xf9", b"\xfa", b"\xfb"}:
        kind = "aac" if data[1:2] in {b"\xf1", b"\xf9"} else "mpeg"
    if kind is None:
        kind, data = "wav", _wav(data)
    return f"data:audio/{kind};base64,{base64.b64encode(data).decode()}"


def _wav(pcm: bytes) -> bytes:
    layout = struct.pack("<HHIIHH", 1, 1, _RATE, _RATE * _SAMPLE, _SAMPLE, 8 * _SAMPLE)
    body = b"WAVEfmt " + struct.pack("<I", len(layout)) + layout + b"data" + struct.pack("<I", len(pcm)) + pcm
    return b"RIFF" + struct.pack("<I", len(body)) + body
