"""The conversation as a Markdown output beside the view: what shows where no view does.

A notebook file holds no view unless its state is saved too, so a code host, nbconvert or a notebook opened again has
this. Where a view is, its style sheet hides the output before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from IPython.display import display, update_display

from .._conversation.changes import Change, MessagesChanged
from .._conversation.messages import Message
from .._conversation.tree import Conversation
from .._files.markdown import to_markdown
from .._runtime.debounce import Debouncer
from .._runtime.runner import Runner

INTERVAL: Final = 5.0
"""Seconds between two refreshes while an answer streams: a notebook may be saved at any time."""

_MARK: Final = "chatwidget"
"""In the output's metadata: by this, views find it in a notebook that was opened again. See `markdown_outputs.js`."""
_SOON: Final = 0.1
_MOST: Final = 30_000
"""Characters. Each refresh sends and keeps them all, and JupyterLab renders them, hidden as they are: in 0.1 s."""
_TITLE: Final = "**{}**"
"""Headings would be in the notebook's table of contents."""
_EARLIER: Final = "*What was said before is left out here.*"
_MORE: Final = "*The rest is left out here.*"


class Transcript:
    """The outputs that show `conversation`, wherever a view of it was displayed; `name` is theirs alone."""

    def __init__(self, conversation: Conversation, runner: Runner, name: str) -> None:
        self._conversation = conversation
        self._runner = runner
        self._output: dict[str, Any] = {"metadata": {_MARK: name}, "raw": True, "display_id": name}
        self._is_shown = False
        self._debouncer = Debouncer(runner, self._refresh)
        self._refreshes = 0
        conversation.listen(self._changed)

    def show(self) -> None:
        """Put it into the outputs of the running cell."""
        self._is_shown = True
        messages = self._runner.call(lambda: list(self._conversation))
        display({"text/markdown": transcript_of(messages)}, **self._output)

    def leave(self) -> None:
        """Change no output any more."""
        self._is_shown = False
        self._debouncer.cancel()

    def refresh(self) -> None:
        """Bring it up to date now, so that it is when a cell ends: what runs a notebook hears nothing after that."""
        if self._debouncer.is_set:
            self._debouncer.cancel()
            self._refreshes += 1
            self._update(transcript_of(list(self._conversation)))

    def repeat(self) -> None:
        """Say once more what it is: a page that was loaded anew has not heard it."""
        if self._is_shown:
            self._debouncer.schedule(0)

    def _changed(self, change: Change) -> None:
        if self._is_shown:
            self._debouncer.schedule(_SOON if isinstance(change, MessagesChanged) else INTERVAL)

    async def _refresh(self) -> None:
        self._refreshes += 1
        number, messages = self._refreshes, list(self._conversation)
        text = await self._runner.run_in_thread(lambda: transcript_of(messages))
        if number == self._refreshes:
            self._update(text)

    def _update(self, text: str) -> None:
        update_display({"text/markdown": text}, **self._output)


def transcript_of(messages: Sequence[Message]) -> str:
    """The messages as Markdown, as many of the last ones as there is room for."""
    shown: list[str] = []
    room = _MOST
    for message in reversed(messages):
        text = to_markdown([message], title=_TITLE)
        room -= len(text)
        if room < 0:
            shown += [_shortened(text)] if not shown else []
            shown.append(f"{_EARLIER}\n")
            break
        shown.append(text)
    return "\n".join(reversed(shown))


def _shortened(text: str) -> str:
    return f"{text[: text.rfind(chr(10), 0, _MOST)]}\n\n{_MORE}\n"
