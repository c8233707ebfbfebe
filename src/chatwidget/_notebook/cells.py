"""The history of the notebook's cells, as IPython keeps it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .._content.rich_values import text_of
from .own_cells import OwnCells

_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell that has run, or is running. `output` is its printed text, result and error."""

    number: int
    source: str
    output: str


@dataclass(frozen=True, slots=True)
class CellRun:
    """One run of a cell: the id of the cell in the notebook, and of the request to run it."""

    cell: str
    request: str


def running_cell(shell: Any) -> CellRun | None:
    """Return the run of the cell that runs now.

    Args:
        shell: The IPython shell, or None.

    Returns:
        The run, or None outside a notebook, or if the front end does not name its cells.

    """
    kernel = getattr(shell, "kernel", None)
    get_parent = getattr(shell, "get_parent", None) or getattr(kernel, "get_parent", None)
    request = get_parent() if callable(get_parent) else None
    if not isinstance(request, Mapping):
        return None
    cell = (request.get("metadata") or {}).get("cellId")
    run = (request.get("header") or {}).get("msg_id")
    return CellRun(cell, run) if isinstance(cell, str) and isinstance(run, str) else None


def cells_of(shell: Any, is_chat: Callable[[object], bool]) -> Iterator[Cell]:
    """Yield the cells, latest first, except those that belong to a chat.

    Args:
        shell: The IPython shell.
        is_chat: Whether a value is a chat.

    Yields:
        The cells.

    """
    own = OwnCells(shell, is_chat)
    history = shell.history_manager
    parsed, written = list(history.input_hist_parsed), list(history.input_hist_raw)
    results = dict(history.output_hist)
    for number in range(min(len(parsed), len(written)) - 1, 0, -1):
        source = written[number].strip()
        if source and not own.includes(parsed[number], results.get(number)):
            yield Cell(number, source, _output(history, number, results))


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
