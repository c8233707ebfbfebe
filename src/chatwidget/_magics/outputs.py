"""The outputs that `%chat` streams answers to, and their final form."""

from __future__ import annotations

import asyncio
import html
import sys
from typing import Any, Final, Protocol

from IPython.display import HTML, Markdown, display

from .._content.fences import fenced
from .._content.safe_markdown import safe_markdown
from .._conversation.messages import without_image_data
from .._runtime import default_runner
from .formats import block_in, python_in

_INTERVAL: Final = 0.1
"""Seconds between two updates of an output. Each update sends the whole text."""

_FENCES: Final = {"text": "", "code": "python", "json": "json"}

_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""Content security policy of a page that a model wrote. It may load nothing."""


class Output(Protocol):
    """A target to stream an answer to."""

    def append(self, text: str) -> None:
        """Append text of the answer. Called on the thread that streams it.

        Args:
            text: The text.

        """

    def retract(self, text: str) -> None:
        """Remove the text appended last, which is not part of the answer. Called like `append`.

        Args:
            text: The text.

        """

    def finish(self, text: str | None, note: str = "", *, is_offered: bool = False) -> None:
        """Show the final answer. Called on the thread of the cell.

        Args:
            text: The whole answer, or None if it has been appended in full.
            note: A note to show below the answer, or an empty string.
            is_offered: Whether the code of the answer is offered as the next cell.

        """


class MarkdownOutput:
    """A Markdown output of the cell that grows.

    Args:
        format_name: The format of the final answer.

    """

    def __init__(self, format_name: str = "markdown") -> None:
        self._format = format_name
        self._pieces: list[str] = []
        self._waiting = False
        self._finished = False
        self._handle: Any = display(Markdown("…"), display_id=True)

    def append(self, text: str) -> None:
        """Show text with the next update.

        Args:
            text: The text.

        """
        self._pieces.append(text)
        if not self._waiting:
            self._waiting = True
            asyncio.get_running_loop().call_later(_INTERVAL, self._update)

    def retract(self, text: str) -> None:
        """Remove text with the next update.

        Args:
            text: The text appended last.

        """
        self._pieces = ["".join(self._pieces).removesuffix(text)]

    def finish(self, text: str | None, note: str = "", *, is_offered: bool = False) -> None:
        """Show the final answer, with no update after it.

        Args:
            text: The whole answer, or None if it has been appended in full.
            note: A note to show below the answer, or an empty string.
            is_offered: Whether to fold the code, which the next cell shows.

        """
        answer = "".join(self._pieces) if text is None else text
        shown = shown_as(answer, self._format) if answer.strip() else None
        if is_offered and isinstance(shown, Markdown):
            shown = Markdown(_folded(shown.data))
        footnote = f"> {safe_markdown(' '.join(note.split()))}" if note else ""
        # Run this on the updates' own thread, so that no update comes later.
        default_runner().call(lambda: self._end(shown, footnote))

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
    """Plain text on the terminal, as it streams."""

    def __init__(self, _format_name: str = "markdown") -> None:
        pass

    def append(self, text: str) -> None:
        """Print text.

        Args:
            text: The text. An embedded image is named.

        """
        sys.stdout.write(without_image_data(text))
        sys.stdout.flush()

    def retract(self, _: str) -> None:
        """Start a new paragraph, because printed text cannot be removed."""
        self.append("\n\n")

    def finish(self, _: str | None, note: str = "", *, is_offered: bool = False) -> None:  # noqa: ARG002 printed text stays
        """Print the note and end the line.

        Args:
            note: A note to print below the answer, or an empty string.
            is_offered: Ignored.

        """
        sys.stdout.write(f"\n{note}\n" if note else "\n")


def shown_as(text: str, format_name: str) -> Markdown | HTML:
    """Format an answer for display. Nothing that a model wrote ever runs.

    Args:
        text: The answer.
        format_name: A format of `%chat --format`.

    Returns:
        The display object.

    """
    if format_name in _FENCES:
        return Markdown(fenced(text if format_name == "text" else block_in(text), _FENCES[format_name]))
    if format_name == "math":
        return Markdown(f"$$\n{_formula(text)}\n$$")
    if format_name == "html":
        return _Page(block_in(text))
    return Markdown(safe_markdown(text))


class _Page(HTML):
    """HTML written by a model, in a frame that runs no scripts, loads nothing and cannot navigate."""

    def __init__(self, text: str) -> None:
        page = f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">{text}'
        frame = (
            f'<div><iframe sandbox srcdoc="{html.escape(page)}" style="width:100%;height:20em;border:0"></iframe></div>'
        )
        super().__init__(frame)  # type: ignore[no-untyped-call]
        self._text = text

    def __repr__(self) -> str:
        return self._text


def _folded(markdown: str) -> str:
    """Fold the code that is offered as the next cell. It stays in the output for programs that offer no cells."""
    lines, block = markdown.splitlines(), python_in(markdown)
    if block is None or block.is_nested:
        return markdown
    code = "\n".join(lines[block.first : block.end])
    fold = f"<details><summary>Code for the next cell</summary>\n\n{code}\n\n</details>"
    return "\n".join([*lines[: block.first], fold, *lines[block.end :]])


def _formula(text: str) -> str:
    # Front ends find the math first, and yet "<" may begin a tag for them.
    return text.strip().strip("$").replace("\\href", "").replace("<", "\\lt ").replace("$", "").strip()


def show(shell: Any, markdown: str) -> None:
    """Show a text of chatwidget's own, as Markdown in a notebook, printed in a terminal.

    Args:
        shell: The IPython shell.
        markdown: The text.

    """
    if hasattr(shell, "kernel"):
        display(Markdown(markdown))
    else:
        print(markdown)  # noqa: T201 a terminal shows text
