"""The format of Anthropic's Messages API, translated from and to OpenAI's terms."""

from typing import Final

from ..api import Dialect
from .events import EventReader
from .request import request_body

ANTHROPIC: Final = Dialect(body=request_body, reader=EventReader)
