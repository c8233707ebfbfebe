"""The formats of `%chat --format`: instructions for the model, and parsing of its answer."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from .._conversation.messages import CUTS, Message
from .._errors import ChatError

_INSTRUCTIONS: Final = {
    "code": "Answer with Python code only, for one cell of the notebook, and nothing around it.",
    "json": "Answer with JSON only, and nothing around it.",
    "text": "Answer with plain text, without Markdown.",
    "html": "Answer with HTML only, without scripts, and nothing around it.",
    "math": "Answer with one formula in LaTeX, and nothing around it.",
}
_EXCERPT: Final = 200

_OPENING: Final = re.compile(
    r"((?:[ \t>]|(?:[-*+]|\d{1,9}[.)])[ \t])*)(`{3,}|~{3,})[ \t]*\{?([\w+#.-]*)[^`]*", re.ASCII
)
_OPENING_IN_MID_LINE: Final = re.compile(r"((?:(?!```).)*[^`])(`{3,})[ \t]*([\w+#.-]*)[ \t]*", re.ASCII)
"""Models write `Here it is: ```python`, which is not a fence in any Markdown."""

_PYTHON: Final = frozenset({"python", "python3", "py", "py3", "ipython", "ipython3"})


class Block(NamedTuple):
    """A code block of an answer."""

    text: str
    language: str
    first: int
    """The number of the line with its opening fence, from 0."""
    end: int
    """The number of the line after its closing fence."""
    is_nested: bool
    """Whether it is in a list or a quote, or begins after other text."""


def instruction_for(format_name: str) -> str:
    """Return the instruction for a format, to add to the system prompt.

    Args:
        format_name: The format.

    Returns:
        The instruction, empty for Markdown.

    """
    return _INSTRUCTIONS.get(format_name, "")


def value_in(reply: Message, format_name: str) -> Any:
    """Return the value of an answer for a variable.

    Args:
        reply: The answer.
        format_name: The format asked for.

    Returns:
        Code or HTML without the text around it, the parsed JSON, or else the text. Always the text if the answer is not
        complete.

    Raises:
        ChatError: If a complete answer is not valid JSON.

    """
    if format_name not in {"code", "html", "json"} or reply.status != "complete":
        return reply.text
    text = block_in(reply.text)
    return json_in(text, reply) if format_name == "json" else text


def block_in(text: str) -> str:
    """Return the code blocks of an answer.

    Args:
        text: The answer, in Markdown.

    Returns:
        The code blocks, or the whole answer if there are none.

    """
    blocks = list(_blocks(text.splitlines()))
    return "\n\n".join(block.text for block in blocks) if blocks else text.strip()


def python_in(text: str) -> Block | None:
    """Return the Python code of an answer that explains it, too.

    Args:
        text: The answer, in Markdown.

    Returns:
        The last block of Python, or else the last one in no language. None if there is no code.

    """
    blocks = list(_blocks(text.splitlines()))
    python = [block for block in blocks if block.language in _PYTHON]
    return next(reversed(python or [block for block in blocks if not block.language]), None)


def _blocks(lines: list[str]) -> Iterator[Block]:
    """Yield the code blocks, including those with a fence in a list, in a quote or after other text."""
    index = 0
    while index < len(lines):
        opening = _OPENING.fullmatch(lines[index]) or _OPENING_IN_MID_LINE.fullmatch(lines[index])
        first, index = index, index + 1
        if opening is None:
            continue
        before, marks, language = opening.groups()
        closing = re.compile(rf"[ \t>]*{marks}{marks[0]}*[ \t]*")
        end = next((number for number in range(index, len(lines)) if closing.fullmatch(lines[number])), len(lines))
        block = lines[index:end]
        index = end + 1
        if before:
            quote = re.compile(r"[ \t]*>[ ]?") if ">" in before and not before.strip(" \t>") else None
            block = textwrap.dedent("\n".join(quote.sub("", line) if quote else line for line in block)).splitlines()
        if block:
            yield Block("\n".join(block), language.lower(), first, min(index, len(lines)), is_nested=bool(before))


def json_in(text: str, reply: Message) -> Any:
    """Parse JSON.

    Args:
        text: The JSON.
        reply: The answer that it comes from.

    Returns:
        The value.

    Raises:
        ChatError: If the JSON is invalid. The message quotes the answer.

    """
    try:
        return json.loads(text)
    except ValueError as error:
        answer = re.sub(r"\s+", " ", reply.text)
        excerpt = answer if len(answer) <= _EXCERPT else f"{answer[:_EXCERPT]}…"
        why = CUTS.get(reply.finish_reason or "", str(error).rstrip("."))
        message = f"The answer is not valid JSON ({why.rstrip('.')}): {excerpt}"
        raise ChatError(message, reply) from error
