"""The history of the notebook's cells, as IPython keeps it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .._content.rich_values import text_of

_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell that has run, or is running. `output` is its printed text, result and error."""

    number: int
    source: str
    output: str


def cells_of(shell: Any, is_chat: Callable[[object], bool]) -> Iterator[Cell]:
    """Yield the cells, latest first, except those that ask or show a chat.

    Args:
        shell: The IPython shell.
        is_chat: Whether a value is a chat.

    Yields:
        The cells.

    """
    namespace: Mapping[str, Any] = dict(shell.user_ns)
    history = shell.history_manager
    parsed, written = list(history.input_hist_parsed), list(history.input_hist_raw)
    results = dict(history.output_hist)
    chats = "|".join(re.escape(name) for name, value in namespace.items() if is_chat(value) and name.isidentifier())
    is_about = re.compile(rf"\b(?:{chats})\.(?:ask|send|stream)\(|\bdisplay\((?:{chats})\)") if chats else None
    for number in range(min(len(parsed), len(written)) - 1, 0, -1):
        source = written[number].strip()
        is_own = _asks(parsed[number]) or is_chat(results.get(number)) or (is_about and is_about.search(source))
        if source and not is_own:
            yield Cell(number, source, _output(history, number, results))


def _asks(source: str) -> bool:
    """Return True if a cell, as transformed by IPython, contains a `%chat` magic."""
    return "run_line_magic('chat'" in source or "run_cell_magic('chat'" in source


def _output(history: Any, number: int, results: Mapping[int, Any]) -> str:
    # IPython 9 keeps printed text; ipykernel lets it do so only for cells that await nothing.
    outputs = list(getattr(history, "outputs", {}).get(number, ()))
    pieces = [_text_of(output.bundle) for output in outputs]
    if number in results and not any(output.output_type == "execute_result" for output in outputs):
        pieces.append(text_of(results[number]))
    error = getattr(history, "exceptions", {}).get(number)
    if error:
        pieces.append(f"{error.get('ename')}: {error.get('evalue')}")
    return "\n".join(text for piece in pieces if (text := _ANSI.sub("", piece).strip("\n")))


def _text_of(bundle: Mapping[str, Any]) -> str:
    text = bundle.get("stream", bundle.get("text/plain", ""))
    shown = "".join(text) if isinstance(text, list) else str(text)
    return f"{shown} [an image]" if any(kind.startswith("image/") for kind in bundle) else shown
