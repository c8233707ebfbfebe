"""The format of Google's client (google-genai), translated from and to OpenAI's terms.

Google's HTTP API has other names for the same things, in camel case, and the model in its path.
"""

from typing import Final

from ..api import Dialect
from .chunks import ChunkReader
from .request import request_body

GEMINI: Final = Dialect(body=request_body, reader=ChunkReader)
