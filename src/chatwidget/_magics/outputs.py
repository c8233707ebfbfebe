"""Where `%chat` shows an answer while it comes, and as what in the end."""

from __future__ import annotations

import asyncio
import html
import sys
from typing import Any, Final, Protocol

from IPython.display import HTML, Markdown, display

from .._content.safe_markdown import fenced, safe_markdown
from .._runtime import default_runner
from .formats import block_in

_INTERVAL: Final = 0.1
"""Seconds between two updates of an output: each carries the whole text."""

_FENCES: Final = {"text": "", "code": "python", "json": "json"}

_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""What a page of a model's may load: nothing."""


class Output(Protocol):
    """Where an answer is streamed to."""

    def append(self, text: str) -> None:
        """More of the answer; called where it is streamed."""

    def retract(self, text: str) -> None:
        """What was appended last is no part of the answer; called as `append` is."""

    def finish(self, text: str | None, note: str) -> None:
        """The whole answer (None: what was appended is all) and a note below it; called by the cell."""


class MarkdownOutput:
    """A Markdown output of the cell, which grows."""

    def __init__(self, format_name: str = "markdown") -> None:
        self._format = format_name
        self._pieces: list[str] = []
        self._waiting = False
        self._finished = False
        self._handle: Any = display(Markdown("…"), display_id=True)

    def append(self, text: str) -> None:
        """Show `text` with the next update."""
        self._pieces.append(text)
        if not self._waiting:
            self._waiting = True
            asyncio.get_running_loop().call_later(_INTERVAL, self._update)

    def retract(self, text: str) -> None:
        """Take `text` away with the next update."""
        self._pieces = ["".join(self._pieces).removesuffix(text)]

    def finish(self, text: str | None, note: str) -> None:
        """Show the end state."""
        said = "".join(self._pieces) if text is None else text
        shown = shown_as(said, self._format) if said.strip() else None
        told = f"> {safe_markdown(' '.join(note.split()))}" if note else ""
        # Where the updates run too, so that none of them comes after this.
        default_runner().call(lambda: self._end(shown, told))

    def _end(self, shown: Markdown | HTML | None, note: str) -> None:
        self._finished = True
        if isinstance(shown, HTML) and note:
            display(Markdown(note))
        elif shown is None or note:
            shown = Markdown("\n\n".join(part for part in (getattr(shown, "data", ""), note) if part))
        self._handle.update(shown)

    def _update(self) -> None:
        self._waiting = False
        if not self._finished:
            self._handle.update(Markdown(safe_markdown("".join(self._pieces))))


class TerminalOutput:
    """The text as it comes, for IPython in a terminal."""

    def __init__(self, _format_name: str = "markdown") -> None:
        pass

    def append(self, text: str) -> None:
        """Print `text`."""
        sys.stdout.write(text)
        sys.stdout.flush()

    def retract(self, _: str) -> None:
        """Begin anew below: what is printed stays."""
        self.append("\n\n")

    def finish(self, _: str | None, note: str) -> None:
        """End the line."""
        sys.stdout.write(f"\n{note}\n" if note else "\n")


def shown_as(text: str, format_name: str) -> Markdown | HTML:
    """An answer in one of the formats of `%chat --format`; what a model wrote never runs."""
    if format_name in _FENCES:
        return Markdown(fenced(text if format_name == "text" else block_in(text), _FENCES[format_name]))
    if format_name == "math":
        return Markdown(f"$$\n{_formula(text)}\n$$")
    if format_name == "html":
        return _Page(block_in(text))
    return Markdown(safe_markdown(text))


class _Page(HTML):
    """HTML by a model, in a frame that runs nothing, loads nothing and leads nowhere."""

    def __init__(self, text: str) -> None:
        page = f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">{text}'
        frame = (
            f'<div><iframe sandbox srcdoc="{html.escape(page)}" style="width:100%;height:20em;border:0"></iframe></div>'
        )
        super().__init__(frame)  # type: ignore[no-untyped-call]
        self._text = text

    def __repr__(self) -> str:
        return self._text


def _formula(text: str) -> str:
    # A front end reads it as math first, yet "<" may begin a tag to it.
    return text.strip().strip("$").replace("\\href", "").replace("<", "\\lt ").replace("$", "").strip()


def show(shell: Any, markdown: str) -> None:
    """Show a text of our own: as Markdown in a notebook, printed in a terminal."""
    if hasattr(shell, "kernel"):
        display(Markdown(markdown))
    else:
        print(markdown)  # noqa: T201 a terminal shows text
