"""`%chat` and `%%chat`: the notebook's conversation from a cell."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Any, Final, Protocol

from IPython.core.inputtransformer2 import EscapedCommand
from IPython.core.magic import Magics, line_cell_magic, magics_class, no_var_expand
from IPython.display import Markdown, display

from ._errors import ChatError, ChatWidgetError
from ._runner import default_runner
from ._safe_markdown import safe_markdown
from ._widget import ChatWidget

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

_INTERVAL: Final = 0.1
"""Seconds between two updates of an output: each carries the whole text."""


@magics_class
class ChatMagics(Magics):
    """The magics, and the widget that they use: the last one made before their first use, or one of their own."""

    def __init__(self, shell: InteractiveShell) -> None:
        super().__init__(shell)
        self._chat: ChatWidget | None = None

    @no_var_expand
    @line_cell_magic
    def chat(self, line: str, cell: str | None = None) -> None:
        """`%chat` shows the chat; `%chat QUESTION`, or a cell under `%%chat`, asks and streams the answer below."""
        question = "\n".join(part for part in (line.strip(), (cell or "").strip()) if part)
        if question:
            self._ask(question)
        else:
            display(self._shared())

    def _ask(self, question: str) -> None:
        output = MarkdownOutput() if hasattr(self.shell, "kernel") else TerminalOutput()
        try:
            reply = self._shared().follow(question, output.append)
        except ChatError as error:
            output.finish(error.reply.text, str(error))
        except ChatWidgetError as error:
            output.finish("", str(error))
        except KeyboardInterrupt:
            output.finish(None, "Stopped.")
            raise
        else:
            output.finish(reply.text, _note(reply.status, reply.refusal))

    def _shared(self) -> ChatWidget:
        if self._chat is None or not self._chat.is_open:
            self._chat = ChatWidget.latest() or ChatWidget()
        return self._chat


class ChatQuestion(EscapedCommand):
    """Keeps `%chat What is it?` a question: IPython takes a line that ends in `?` for a call for help."""

    priority = 4  # just before IPython's HelpEnd

    @classmethod
    def find(cls, tokens_by_line: Any) -> ChatQuestion | None:
        """The first `%chat` with a question; `%chat?` remains a call for help."""
        for line in tokens_by_line:
            words = [token.string for token in line if token.string.strip()]
            if words[:2] == ["%", "chat"] and words[2:] not in ([], ["?"], ["?", "?"]):
                return cls(next(token.start for token in line if token.string == "%"))
        return None


class Output(Protocol):
    """Where an answer is streamed to."""

    def append(self, text: str) -> None:
        """More of the answer; called where it is streamed."""

    def finish(self, text: str | None, note: str) -> None:
        """The whole answer (None: what was appended is all) and a note below it; called by the cell."""


class MarkdownOutput:
    """A Markdown output of the cell, which grows."""

    def __init__(self) -> None:
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

    def finish(self, text: str | None, note: str) -> None:
        """Show the end state."""
        shown = [safe_markdown("".join(self._pieces) if text is None else text)]
        if note:
            shown.append(f"> {safe_markdown(' '.join(note.split()))}")
        # Where the updates run too, so that none of them comes after this.
        default_runner().call(lambda: self._end("\n\n".join(part for part in shown if part)))

    def _end(self, markdown: str) -> None:
        self._finished = True
        self._handle.update(Markdown(markdown))

    def _update(self) -> None:
        self._waiting = False
        if not self._finished:
            self._handle.update(Markdown(safe_markdown("".join(self._pieces))))


class TerminalOutput:
    """The text as it comes, for IPython in a terminal."""

    def append(self, text: str) -> None:
        """Print `text`."""
        sys.stdout.write(text)
        sys.stdout.flush()

    def finish(self, _: str | None, note: str) -> None:
        """End the line."""
        sys.stdout.write(f"\n{note}\n" if note else "\n")


def _note(status: str, refusal: str) -> str:
    return "Stopped." if status == "stopped" else refusal


def load(shell: InteractiveShell) -> None:
    """Register the magics."""
    unload(shell)
    shell.register_magics(ChatMagics)
    shell.input_transformer_manager.token_transformers.append(ChatQuestion)


def unload(shell: InteractiveShell) -> None:
    """Take the magics away again."""
    for kind in ("line", "cell"):
        shell.magics_manager.magics[kind].pop("chat", None)
    transformers = shell.input_transformer_manager.token_transformers
    transformers[:] = [each for each in transformers if each is not ChatQuestion]
