"""Export of a conversation to a notebook."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, Final

from .._content.fences import fenced
from .._content.safe_markdown import safe_markdown, split_code
from .._conversation.messages import Message
from .markdown import content_sections, end_sections, heading, reasoning_section
from .sections import with_tools

_RUNS: Final = {"", "python", "python3", "py", "py3", "ipython", "ipython3"}
"""Languages of the blocks that become code cells. A block without a language is most often Python, too."""


def to_notebook(messages: Iterable[Message]) -> str:
    """Convert messages to a notebook.

    Text goes into Markdown cells, blocks of Python (or of no language) into code cells.

    Args:
        messages: The messages to convert.

    Returns:
        The notebook as JSON.

    """
    images = _Images()
    sources = [source for message, tool in with_tools(messages) for source in _sources(message, tool, images)]
    cells = [_cell(index, source, images, is_code=is_code) for index, (is_code, source) in enumerate(sources)]
    metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    return json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}, indent=1) + "\n"


class _Images:
    """The images of a notebook: attachments of its cells, as an editor must not show their data."""

    def __init__(self) -> None:
        self._bundles: dict[str, dict[str, str]] = {}

    def show(self, alt: str, url: str) -> str:
        """Return the Markdown of an image.

        Args:
            alt: The alternative text.
            url: The data URL.

        """
        head, data = url.split(",", 1)
        kind = head[len("data:") :].split(";")[0].lower()
        name = f"image-{len(self._bundles) + 1}.{kind.partition('/')[2]}"
        self._bundles[name] = {kind: data}
        return f"![{alt}](attachment:{name})"

    def in_cell(self, source: str) -> dict[str, dict[str, str]]:
        """Return the attachments of a cell.

        Args:
            source: The Markdown of the cell.

        """
        return {name: bundle for name, bundle in self._bundles.items() if f"](attachment:{name})" in source}


def _cell(index: int, source: str, images: _Images, *, is_code: bool) -> dict[str, Any]:
    kind: dict[str, Any]
    kind = {"cell_type": "code", "execution_count": None, "outputs": []} if is_code else {"cell_type": "markdown"}
    attachments = {} if is_code else images.in_cell(source)
    attached = {"attachments": attachments} if attachments else {}
    return {**kind, **attached, "id": f"cell-{index}", "metadata": {}, "source": source}


def _sources(message: Message, tool: str, images: _Images) -> Iterator[tuple[bool, str]]:
    """Yield the cells of a message. Neighbouring texts share one cell."""
    text: list[str] = []
    for is_code, part in _parts(message, tool, images):
        if not is_code:
            text.append(part)
        elif part.strip():
            if text:
                yield False, "\n\n".join(text)
            yield True, part
            text = []
    if text:
        yield False, "\n\n".join(text)


def _parts(message: Message, tool: str, images: _Images) -> Iterator[tuple[bool, str]]:
    parts = [(False, f"## {heading(message, tool)}"), (False, reasoning_section(message, images.show))]
    if message.role == "assistant":
        parts += [_block(language, block, images) for language, block in split_code(message.markdown)]
    else:
        parts += [(False, section) for section in content_sections(message, images.show)]
    parts += [(False, section) for section in end_sections(message)]
    yield from ((is_code, part) for is_code, part in parts if part.strip())


def _block(language: str | None, text: str, images: _Images) -> tuple[bool, str]:
    if language is None:
        return False, safe_markdown(text, images.show)
    if language.lower() in _RUNS:
        return True, text
    return False, safe_markdown(fenced(text, language))
