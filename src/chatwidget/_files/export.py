"""Export of a conversation: the messages shown as Markdown, HTML or a notebook, or everything as JSON."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

from .._conversation.serialize import take_snapshot
from .._conversation.tree import Conversation
from .._errors import SettingsError
from .html import to_html
from .markdown import to_markdown
from .notebook import to_notebook
from .sections import file_name

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
    """Snapshot a conversation and return a function that exports it.

    The function is slow and may run on any thread.

    Args:
        conversation: The conversation.
        format_name: `markdown`, `html`, `notebook` or `json`.

    Returns:
        A function that returns the file.

    """
    messages, taken = list(conversation), take_snapshot(conversation)
    suffix, mime = _MIMES[format_name]
    name = file_name(messages)

    def write() -> str:
        if format_name == "json":
            return taken.to_text()
        if format_name == "markdown":
            return to_markdown(messages)
        if format_name == "html":
            return to_html(messages)
        return to_notebook(messages)

    return lambda: File(f"{name}.{suffix}", mime, write())


def format_for(path: PurePath, format_name: str | None) -> str:
    """Return the format of an export.

    Args:
        path: The file to write, whose suffix decides if no format is named.
        format_name: The name of the format, if any.

    Raises:
        SettingsError: The format is unknown.

    """
    name = SUFFIXES.get(path.suffix.lower()) if format_name is None else format_name
    if not isinstance(name, str) or name not in _MIMES:
        message = (
            f"the export format of {path.name} is not clear: use a name that ends in .md, .html, .ipynb or .json, or "
            f'pass format="markdown", "html", "notebook" or "json"'
        )
        raise SettingsError(message)
    return name
