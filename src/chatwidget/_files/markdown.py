"""A conversation as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from .._content.safe_markdown import fenced, safe_markdown
from .._conversation.messages import Citation, Message
from .sections import HEADINGS, Attached, ending_of, label_and_url, parts_of

_MARKUP: Final = re.compile(r"[\\`*_{}\[\]()<>!|~$&^]")
_NOT_IN_ADDRESS: Final = str.maketrans({char: f"%{ord(char):02X}" for char in "\\\"'`()<>[]{}|^$"})


def to_markdown(messages: Iterable[Message], *, title: str = "## {}") -> str:
    """What is shown, as Markdown without raw HTML or pictures from afar; reasoning is folded away."""
    parts = (part for message in messages for part in (title.format(HEADINGS[message.role]), *_sections(message)))
    return "\n\n".join(part for part in parts if part.strip()) + "\n"


def _sections(message: Message) -> Iterator[str]:
    yield _reasoning(message)
    yield from _content(message)
    yield from _end(message)


def _reasoning(message: Message) -> str:
    if not message.reasoning:
        return ""
    return f"<details>\n<summary>Reasoning</summary>\n\n{safe_markdown(message.reasoning)}\n\n</details>"


def _content(message: Message) -> Iterator[str]:
    if message.role in {"tool", "function"}:
        yield fenced(message.text)
        return
    for part in parts_of(message):
        yield f"*({part.name})*" if isinstance(part, Attached) else safe_markdown(part)


def _end(message: Message) -> Iterator[str]:
    yield safe_markdown(message.refusal)
    for call in message.tool_calls:
        yield f"Tool call:\n\n{fenced(f'{call.name}({call.arguments})')}"
    if message.sound:
        yield "*(sound)*"
    yield citations_as_markdown(message.citations)
    ending = ending_of(message)
    if ending:
        yield f"*{ending}*"
        # In lines of its own: what begins a line is made safe as that.
        yield safe_markdown(message.error or "")


def citations_as_markdown(citations: Iterable[Citation]) -> str:
    """Return what an answer is based on as a numbered list of links; empty if there is nothing."""
    lines = [f"{number}. {_linked(each)}" for number, each in enumerate(citations, 1)]
    return "\n".join(["Sources:", "", *lines]) if lines else ""


def _linked(citation: Citation) -> str:
    label, url = label_and_url(citation)
    label = _MARKUP.sub(r"\\\g<0>", label)
    return safe_markdown(f"[{label}]({url.translate(_NOT_IN_ADDRESS)})" if url else label)
