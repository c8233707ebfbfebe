"""A conversation as a file: what is shown as Markdown, or everything as JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ._archive import to_json
from ._conversation import Conversation
from ._messages import Message, Status
from ._safe_markdown import fenced, safe_markdown

_HEADINGS: Final = {
    "user": "User",
    "assistant": "Assistant",
    "system": "System",
    "developer": "Developer",
    "tool": "Tool result",
    "function": "Tool result",
}
_PARTS: Final = {"image_url": "image", "input_audio": "sound", "file": "file"}
_ENDINGS: Final = {Status.STOPPED: "Stopped.", Status.INTERRUPTED: "Cut off.", Status.ERROR: "Failed."}
_LONGEST_NAME: Final = 50


@dataclass(frozen=True, slots=True)
class File:
    """A file to be saved."""

    name: str
    mime: str
    text: str


def as_file(conversation: Conversation, format_name: str) -> File:
    """The conversation as a file in format `markdown` or `json`."""
    name = _file_name(conversation)
    if format_name == "json":
        return File(f"{name}.json", "application/json", to_json(conversation, indent=1) + "\n")
    return File(f"{name}.md", "text/markdown", to_markdown(conversation))


def to_markdown(conversation: Conversation) -> str:
    """What is shown, as Markdown without raw HTML or pictures from afar; reasoning is folded away."""
    return "\n\n".join(part for message in conversation for part in _sections(message) if part.strip()) + "\n"


def _sections(message: Message) -> Iterator[str]:
    yield f"## {_HEADINGS[message.role]}"
    if message.reasoning:
        yield f"<details>\n<summary>Reasoning</summary>\n\n{safe_markdown(message.reasoning)}\n\n</details>"
    if message.role in {"tool", "function"}:
        yield fenced(message.text)
    else:
        yield from _content(message)
    yield safe_markdown(message.refusal)
    for call in message.tool_calls:
        yield f"Tool call:\n\n{fenced(f'{call.name}({call.arguments})')}"
    if message.status in _ENDINGS:
        yield f"*{_ENDINGS[message.status]}* {safe_markdown(message.error or '')}".strip()


def _content(message: Message) -> Iterator[str]:
    if isinstance(message.content, str):
        yield safe_markdown(message.content)
        return
    for part in message.content:
        if isinstance(part.get("text"), str):
            yield safe_markdown(part["text"])
        else:
            yield f"*({_PARTS.get(part['type'], 'attachment')})*"


def _file_name(conversation: Conversation) -> str:
    first = next((message.text for message in conversation if message.role == "user" and message.text.strip()), "")
    return re.sub(r"\W+", "-", first[: 4 * _LONGEST_NAME]).strip("-_")[:_LONGEST_NAME].strip("-_") or "chat"
