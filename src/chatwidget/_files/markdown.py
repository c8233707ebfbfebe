"""Export of a conversation to Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from .._content.attachments import NamedText
from .._content.fences import fenced
from .._content.safe_markdown import ShowImage, embedded, entity_encoded, safe_markdown
from .._conversation.messages import Citation, Message
from .sections import (
    HEADINGS,
    Attached,
    Picture,
    ending_of,
    is_result,
    label_and_url,
    parts_of,
    size_if_long,
    with_tools,
)

_MARKUP: Final = re.compile(r"[\\`*_{}\[\]()<>!|~$&^]")
_NOT_IN_ADDRESS: Final = str.maketrans({char: f"%{ord(char):02X}" for char in "\\\"'`()<>[]{}|^$"})


def to_markdown(messages: Iterable[Message], *, title: str = "## {}", show: ShowImage = embedded) -> str:
    """Convert messages to Markdown without raw HTML or remote pictures. Reasoning is folded.

    Args:
        messages: The messages to convert.
        title: The line above each message; `{}` stands for the role.
        show: A function for images with embedded data.

    Returns:
        The Markdown, ending in a newline.

    """
    texts = (message_to_markdown(message, tool, title=title, show=show) for message, tool in with_tools(messages))
    return "\n".join(texts) or "\n"


def message_to_markdown(message: Message, tool: str, *, title: str, show: ShowImage = embedded) -> str:
    """Convert one message to Markdown, as `to_markdown` does.

    Args:
        message: The message.
        tool: The name of the tool whose result it is.
        title: The line above the message; `{}` stands for the role.
        show: A function for images with embedded data.

    Returns:
        The Markdown, ending in a newline.

    """
    sections = (reasoning_section(message, show), *content_sections(message, show), *end_sections(message))
    parts = (title.format(heading(message, tool)), *sections)
    return "\n\n".join(part for part in parts if part.strip()) + "\n"


def shown_in_cell(message: Message) -> str:
    """Return a message as the output of a cell: without a heading, and without its reasoning.

    Args:
        message: The message.

    Returns:
        Safe Markdown, empty if there is nothing to show.

    """
    parts = (*content_sections(message), *end_sections(message))
    return "\n\n".join(part for part in parts if part.strip())


def heading(message: Message, tool: str) -> str:
    """Return the role of a message, with the name of the tool whose result it is.

    Args:
        message: The message.
        tool: The name of the tool.

    """
    # In code nothing else has a meaning.
    name = tool.replace("`", "'")
    return f"{HEADINGS[message.role]}: `{name}`" if name else HEADINGS[message.role]


def reasoning_section(message: Message, show: ShowImage = embedded) -> str:
    """Return the reasoning of a message as a folded section, or an empty text if there is none.

    Args:
        message: The message.
        show: A function for images with embedded data.

    """
    if not message.reasoning:
        return ""
    return _folded("Reasoning", safe_markdown(message.reasoning, show))


def content_sections(message: Message, show: ShowImage = embedded) -> Iterator[str]:
    """Yield the content of a message as Markdown.

    Args:
        message: The message.
        show: A function for images with embedded data.

    """
    for part in parts_of(message):
        if isinstance(part, Picture):
            yield safe_markdown(embedded(part.alt, part.url), show) if part.is_embedded else _link(part.alt, part.url)
        elif isinstance(part, Attached):
            yield f"*({part.name})*"
        elif isinstance(part, NamedText):
            yield _folded(entity_encoded(part.name), fenced(part.text))
        elif is_result(message):
            size = size_if_long(part)
            yield _folded(f"Result ({size})", fenced(part)) if size else fenced(part)
        else:
            yield safe_markdown(part, show)


def end_sections(message: Message) -> Iterator[str]:
    """Yield the sections after the content of a message: refusal, tool calls, sound, sources, how it ended, details.

    Args:
        message: The message. Sections that it does not have are empty texts.

    """
    yield safe_markdown(message.refusal)
    for call in message.tool_calls:
        text = f"{call.name}({call.arguments})"
        size = size_if_long(text)
        yield _folded(f"Tool call ({size})", fenced(text)) if size else f"Tool call:\n\n{fenced(text)}"
    if message.sound:
        yield "*(sound)*"
    yield citations_as_markdown(message.citations)
    ending = ending_of(message)
    if ending:
        yield f"*{ending}*"
        # It has lines of its own, as `safe_markdown` treats the start of a line specially.
        yield safe_markdown(message.error or "")
    if message.log:
        yield _folded("Details", fenced(message.log))


def citations_as_markdown(citations: Iterable[Citation]) -> str:
    """Return the sources of an answer as a numbered list of links.

    Args:
        citations: The sources.

    Returns:
        The list, or an empty text if there are no sources.

    """
    lines = [f"{number}. {_linked(citation)}" for number, citation in enumerate(citations, 1)]
    return "\n".join(["Sources:", "", *lines]) if lines else ""


def _folded(title: str, content: str) -> str:
    return f"<details>\n<summary>{title}</summary>\n\n{content}\n\n</details>"


def _linked(citation: Citation) -> str:
    return _link(*label_and_url(citation))


def _link(label: str, url: str) -> str:
    label = _MARKUP.sub(r"\\\g<0>", label)
    return safe_markdown(f"[{label}]({url.translate(_NOT_IN_ADDRESS)})" if url else label)
