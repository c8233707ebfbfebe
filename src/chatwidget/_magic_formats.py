"""What `%chat --format` asks of a model, and what it makes of the answer."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from ._errors import ChatError
from ._messages import CUTS, Message
from ._safe_markdown import split_code

_INSTRUCTIONS: Final = {
    "code": "Answer with Python code only, for one cell of the notebook, and nothing around it.",
    "json": "Answer with JSON only, and nothing around it.",
    "text": "Answer with plain text, without Markdown.",
    "html": "Answer with HTML only, without scripts, and nothing around it.",
    "math": "Answer with one formula in LaTeX, and nothing around it.",
}
_EXCERPT: Final = 200


def instruction_for(format_name: str) -> str:
    """What a model is told, beside the system prompt."""
    return _INSTRUCTIONS.get(format_name, "")


def value_in(reply: Message, format_name: str) -> Any:
    """The answer as a variable holds it: code or HTML without what is around it, the value of JSON, else the text.

    Raises ChatError where an answer that is whole is no JSON.
    """
    if format_name not in {"code", "html", "json"} or reply.status != "complete":
        return reply.text
    text = block_in(reply.text)
    return json_in(text, reply) if format_name == "json" else text


def block_in(text: str) -> str:
    """The blocks of code in an answer, or all of it where there are none."""
    blocks = [block for language, block in split_code(text) if language is not None]
    return "\n\n".join(blocks) if blocks else text.strip()


def json_in(text: str, reply: Message) -> Any:
    """The value of JSON. Raises ChatError, with what was said instead."""
    try:
        return json.loads(text)
    except ValueError as error:
        said = re.sub(r"\s+", " ", reply.text)
        excerpt = said if len(said) <= _EXCERPT else f"{said[:_EXCERPT]}…"
        why = CUTS.get(reply.finish_reason or "", str(error).rstrip("."))
        message = f"The answer is not the JSON that was asked for ({why.rstrip('.')}): {excerpt}"
        raise ChatError(message, reply) from error
