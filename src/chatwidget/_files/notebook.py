"""Export of a conversation to a notebook."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, Final

from .._content.fences import fenced
from .._content.safe_markdown import safe_markdown, split_code
from .._conversation.messages import Message
from .markdown import content_sections, end_sections, reasoning_section
from .sections import HEADINGS

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
    sources = [source for message in messages for source in _sources(message)]
    cells = [_cell(index, source, is_code=is_code) for index, (is_code, source) in enumerate(sources)]
    metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    return json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}, indent=1) + "\n"


def _cell(index: int, source: str, *, is_code: bool) -> dict[str, Any]:
    kind: dict[str, Any]
    kind = {"cell_type": "code", "execution_count": None, "outputs": []} if is_code else {"cell_type": "markdown"}
    return {**kind, "id": f"cell-{index}", "metadata": {}, "source": source}


def _sources(message: Message) -> Iterator[tuple[bool, str]]:
    """Yield the cells of a message. Neighbouring texts share one cell."""
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
    parts = [(False, f"## {HEADINGS[message.role]}"), (False, reasoning_section(message))]
    if message.role == "assistant":
        parts += [_block(language, block) for language, block in split_code(message.text)]
    else:
        parts += [(False, section) for section in content_sections(message)]
    parts += [(False, section) for section in end_sections(message)]
    yield from ((is_code, part) for is_code, part in parts if part.strip())


def _block(language: str | None, text: str) -> tuple[bool, str]:
    if language is None:
        return False, safe_markdown(text)
    if language.lower() in _RUNS:
        return True, text
    return False, safe_markdown(fenced(text, language))
