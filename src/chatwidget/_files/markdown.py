"""Export of a conversation to Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from .._content.fences import fenced
from .._content.safe_markdown import safe_markdown
from .._conversation.messages import Citation, Message
from .sections import HEADINGS, Attached, ending_of, label_and_url, parts_of

_MARKUP: Final = re.compile(r"[\\`*_{}\[\]()<>!|~$&^]")
_NOT_IN_ADDRESS: Final = str.maketrans({char: f"%{ord(char):02X}" for char in "\\\"'`()<>[]{}|^$"})


def to_markdown(messages: Iterable[Message], *, title: str = "## {}") -> str:
    """Convert messages to Markdown without raw HTML or remote pictures. Reasoning is folded.

    Args:
        messages: The messages to convert.
        title: The line above each message; `{}` stands for the role.

    Returns:
        The Markdown, ending in a newline.

    """
    parts = (part for message in messages for part in (title.format(HEADINGS[message.role]), *_sections(message)))
    return "\n\n".join(part for part in parts if part.strip()) + "\n"


def _sections(message: Message) -> Iterator[str]:
    yield reasoning_section(message)
    yield from content_sections(message)
    yield from end_sections(message)


def reasoning_section(message: Message) -> str:
    """Return the reasoning of a message as a folded section, or an empty text if there is none.

    Args:
        message: The message.

    """
    if not message.reasoning:
        return ""
    return f"<details>\n<summary>Reasoning</summary>\n\n{safe_markdown(message.reasoning)}\n\n</details>"


def content_sections(message: Message) -> Iterator[str]:
    """Yield the content of a message as Markdown.

    Args:
        message: The message.

    """
    if message.role in {"tool", "function"}:
        yield fenced(message.text)
        return
    for part in parts_of(message):
        yield f"*({part.name})*" if isinstance(part, Attached) else safe_markdown(part)


def end_sections(message: Message) -> Iterator[str]:
    """Yield the sections after the content of a message: refusal, tool calls, sound, sources and how it ended.

    Args:
        message: The message. Sections that it does not have are empty texts.

    """
    yield safe_markdown(message.refusal)
    for call in message.tool_calls:
        yield f"Tool call:\n\n{fenced(f'{call.name}({call.arguments})')}"
    if message.sound:
        yield "*(sound)*"
    yield citations_as_markdown(message.citations)
    ending = ending_of(message)
    if ending:
        yield f"*{ending}*"
        # It has lines of its own, as `safe_markdown` treats the start of a line specially.
        yield safe_markdown(message.error or "")


def citations_as_markdown(citations: Iterable[Citation]) -> str:
    """Return the sources of an answer as a numbered list of links.

    Args:
        citations: The sources.

    Returns:
        The list, or an empty text if there are no sources.

    """
    lines = [f"{number}. {_linked(citation)}" for number, citation in enumerate(citations, 1)]
    return "\n".join(["Sources:", "", *lines]) if lines else ""


def _linked(citation: Citation) -> str:
    label, url = label_and_url(citation)
    label = _MARKUP.sub(r"\\\g<0>", label)
    return safe_markdown(f"[{label}]({url.translate(_NOT_IN_ADDRESS)})" if url else label)
