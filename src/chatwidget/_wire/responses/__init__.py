"""OpenAI's Responses API, translated from and to the terms of chat completions.

An answer is a list of items: messages, reasoning, calls of the user's functions, and calls that the server runs. Each
item is announced, streamed in pieces, repeated by events that end it, and repeated once more by the response at the
end. Servers leave out any of these, so each is used only for what is missing by then. No state on the server is needed:
the items that the model must get back are kept with the message (`kept`).

Source of the protocol: the types of the openai SDK, and the deviations listed in `tests/cases/responses.json`.
"""

from typing import Final

from ..api import Api
from .events import EventReader
from .request import NAMES, request_body


def _headers(key: str | None) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"} if key is not None else {}


RESPONSES: Final = Api(
    path="/responses",
    headers=_headers,
    body=request_body,
    reader=EventReader,
    defaults={"store": False, "reasoning_summary": "auto", "include": ["reasoning.encrypted_content"]},
    names=NAMES,
)
