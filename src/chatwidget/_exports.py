"""A conversation as a file: what is shown as Markdown, HTML or a notebook, or everything as JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, Final

from ._content.safe_markdown import fenced, safe_markdown, split_code
from ._conversation.messages import Citation, Message, Status
from ._conversation.serialize import still
from ._conversation.tree import Conversation
from ._errors import SettingsError

HEADINGS: Final = {
    "user": "User",
    "assistant": "Assistant",
    "system": "System",
    "developer": "Developer",
    "tool": "Tool result",
    "function": "Tool result",
}
_PARTS: Final = {"image_url": "image", "input_audio": "sound", "file": "file"}
ENDINGS: Final = {Status.STOPPED: "Stopped.", Status.INTERRUPTED: "Interrupted.", Status.ERROR: "Failed."}
_LONGEST_NAME: Final = 50
_LONGEST_LABEL: Final = 200
_MARKUP: Final = re.compile(r"[\\`*_{}\[\]()<>!|~$&^]")
_NOT_IN_ADDRESS: Final = str.maketrans({char: f"%{ord(char):02X}" for char in "\\\"'`()<>[]{}|^$"})
_RUNS: Final = {"", "python", "python3", "py", "py3", "ipython", "ipython3"}
"""Languages of the blocks that become code cells: what names none is most often Python, too."""


SUFFIXES: Final = {
    ".md": "markdown",
    ".markdown": "markdown",
    ".html": "html",
    ".htm": "html",
    ".ipynb": "notebook",
    ".json": "json",
}
_MIMES: Final = {
    "markdown": ("md", "text/markdown"),
    "html": ("html", "text/html"),
    "notebook": ("ipynb", "application/x-ipynb+json"),
    "json": ("json", "application/json"),
}


@dataclass(frozen=True, slots=True)
class File:
    """A file to be saved."""

    name: str
    mime: str
    text: str


def exporter(conversation: Conversation, format_name: str) -> Callable[[], File]:
    """What makes the conversation, as it is now, a file in format `markdown`, `html`, `notebook` or `json`.

    It takes its time, and may run anywhere. Raises MissingPackageError where Markdown cannot be made HTML.
    """
    messages, taken = list(conversation), still(conversation)
    suffix, mime = _MIMES[format_name]
    name = file_name(messages)

    def write() -> str:
        if format_name == "json":
            return taken.to_text()
        if format_name == "markdown":
            return to_markdown(messages)
        if format_name == "html":
            from ._html import to_html  # noqa: PLC0415 loaded when needed

            return to_html(messages)
        return to_notebook(messages)

    return lambda: File(f"{name}.{suffix}", mime, write())


def format_for(path: PurePath, format_name: str | None) -> str:
    """The format that is asked for, else the one that the file's name ends in. Raises SettingsError."""
    found = SUFFIXES.get(path.suffix.lower()) if format_name is None else format_name
    if found not in _MIMES:
        message = (
            f"{path.name} does not say what kind of file it is to be: end it in .md, .html, .ipynb or .json, or "
            f'give format="markdown", "html", "notebook" or "json"'
        )
        raise SettingsError(message)
    return found


def to_markdown(messages: Iterable[Message], *, title: str = "## {}") -> str:
    """What is shown, as Markdown without raw HTML or pictures from afar; reasoning is folded away."""
    parts = (part for message in messages for part in (title.format(HEADINGS[message.role]), *_sections(message)))
    return "\n\n".join(part for part in parts if part.strip()) + "\n"


def to_notebook(messages: Iterable[Message]) -> str:
    """What is shown, as a notebook: text in Markdown cells, blocks of Python (or of no language) in code cells."""
    sources = [source for message in messages for source in _sources(message)]
    cells = [_cell(place, is_code, source) for place, (is_code, source) in enumerate(sources)]
    metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    return json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}, indent=1) + "\n"


def _cell(place: int, is_code: bool, source: str) -> dict[str, Any]:  # noqa: FBT001 one of two kinds
    kind: dict[str, Any]
    kind = {"cell_type": "code", "execution_count": None, "outputs": []} if is_code else {"cell_type": "markdown"}
    return {**kind, "id": f"cell-{place}", "metadata": {}, "source": source}


def _sources(message: Message) -> Iterator[tuple[bool, str]]:
    """The cells of a message; neighbouring text is one."""
    text: list[str] = []
    for is_code, part in _parts(message):
        if not is_code:
            text.append(part)
        elif part.strip():
            if text:
                yield False, "\n\n".join(text)
            yield True, part
            text = []
    if text:
        yield False, "\n\n".join(text)


def _parts(message: Message) -> Iterator[tuple[bool, str]]:
    parts = [(False, f"## {HEADINGS[message.role]}"), (False, _reasoning(message))]
    if message.role == "assistant":
        parts += [_block(language, block) for language, block in split_code(message.text)]
    else:
        parts += [(False, section) for section in _content(message)]
    parts += [(False, section) for section in _end(message)]
    yield from ((is_code, part) for is_code, part in parts if part.strip())


def _block(language: str | None, text: str) -> tuple[bool, str]:
    if language is None:
        return False, safe_markdown(text)
    if language.lower() in _RUNS:
        return True, text
    return False, safe_markdown(fenced(text, language))


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


def label_and_url(citation: Citation) -> tuple[str, str]:
    """Return what to show of a citation, and its address if that leads to the Web."""
    url = citation.url if re.fullmatch(r"https?://[^\s<>\"]+", citation.url, re.IGNORECASE) else ""
    label = " ".join((citation.title or citation.url).split()) or "?"
    return (label if len(label) <= _LONGEST_LABEL else f"{label[:_LONGEST_LABEL]}…"), url


@dataclass(frozen=True, slots=True)
class Attached:
    """What stands for a part that is not text."""

    name: str


def parts_of(message: Message) -> Iterator[str | Attached]:
    """The texts of a message, and what is attached to it."""
    parts = [{"text": message.content}] if isinstance(message.content, str) else message.content
    for part in parts:
        text = part.get("text")
        yield text if isinstance(text, str) else Attached(_PARTS.get(part["type"], "attachment"))


def ending_of(message: Message) -> str:
    """How it ended, where that is not by itself. What still streams will not go on in a file."""
    return ENDINGS.get(message.status if message.status.is_final else Status.INTERRUPTED, "")


def file_name(messages: Iterable[Message]) -> str:
    """A name for a file, from the first question."""
    first = next((message.text for message in messages if message.role == "user" and message.text.strip()), "")
    return re.sub(r"\W+", "-", first[: 4 * _LONGEST_NAME]).strip("-_")[:_LONGEST_NAME].strip("-_") or "chat"
