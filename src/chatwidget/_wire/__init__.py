"""OpenAI chat completions on the wire: request bodies out, the bytes of an answer in.

`ChatDecoder` takes what any server that calls itself compatible sends and gives `Delta`s. Its rules,
each met in the wild: null and "" mean absent; nothing is assumed to be there because it usually is; a
choice is found by its index, not by its place; a key is read under all its names; what cannot be
understood is an error with a readable text, and an answer that was cut is never shown as finished.

Source of the protocol: the OpenAI API reference, "Chat completions / streaming", and the deviations
listed in `tests/cases/protocol.json`.
"""

from ._chunk import ChunkReader, is_choice
from ._decoder import ChatDecoder, decode
from ._error_text import body_error_param, body_error_text
from ._media import Citations, is_sound, sound_in
from ._models import misses_model, model_entries, model_names
from ._neighbours import joined
from ._request import request_body, sendable
from ._text import content_in
from ._too_long import counts_in, says_too_long

__all__ = [
    "ChatDecoder",
    "ChunkReader",
    "Citations",
    "body_error_param",
    "body_error_text",
    "content_in",
    "counts_in",
    "decode",
    "is_choice",
    "is_sound",
    "joined",
    "misses_model",
    "model_entries",
    "model_names",
    "request_body",
    "says_too_long",
    "sendable",
    "sound_in",
]
