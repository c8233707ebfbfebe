"""The conversation as a Markdown output, for readers of the notebook that cannot show the view.

A notebook file contains no view unless the widget state is saved too. Code hosts, nbconvert and reopened notebooks
show this output instead. If there is a view, its style sheet hides the output before it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import accumulate
from typing import Any, Final

from IPython.display import display, update_display

from .._content.safe_markdown import embedded
from .._conversation.changes import Change, MessagesChanged
from .._conversation.messages import Message, without_image_data
from .._conversation.tree import Conversation
from .._files.markdown import message_to_markdown
from .._files.sections import with_tools
from .._runtime.debounce import Debouncer
from .._runtime.runner import Runner

INTERVAL: Final = 5.0
"""Seconds between two refreshes while an answer streams, since a notebook may be saved at any time."""

_MARK: Final = "chatwidget"
"""Key in the output's metadata by which views find the output in a reopened notebook. See `markdown_outputs.js`."""
_SOON: Final = 0.1
_MOST_IMAGE_DATA: Final = 1_000_000
"""Maximum length of the data of all images, in characters. Earlier images are named."""
_MOST: Final = 30_000
"""Maximum length in characters.

Each refresh sends and stores the whole text, and JupyterLab renders it even though it is hidden (in 0.1 s).
"""
_TITLE: Final = "**{}**"
"""Bold rather than a heading, which would appear in the notebook's table of contents."""
_EARLIER: Final = "*Earlier messages are left out here.*"
_MORE: Final = "*The rest is left out here.*"


class Transcript:
    """The Markdown outputs of a conversation, next to each display of its view.

    Args:
        conversation: The conversation to show.
        runner: The runner of the chat.
        name: An identifier that no other transcript has.

    """

    def __init__(self, conversation: Conversation, runner: Runner, name: str) -> None:
        self._conversation = conversation
        self._runner = runner
        self._output: dict[str, Any] = {"metadata": {_MARK: name}, "raw": True, "display_id": name}
        self._is_shown = False
        self._debouncer = Debouncer(lambda: runner.submit(self._refresh()))
        self._refreshes = 0
        conversation.listen(self._changed)

    def show(self) -> None:
        """Display the transcript in the outputs of the running cell."""
        self._is_shown = True
        messages = self._runner.call(lambda: list(self._conversation))
        display({"text/markdown": transcript_of(messages)}, **self._output)

    def leave(self) -> None:
        """Stop updating outputs."""
        self._is_shown = False
        self._debouncer.cancel()

    def refresh(self) -> None:
        """Apply a pending update now."""
        # When the cell ends, the output must be current: programs that execute a notebook ignore later updates.
        if self._debouncer.is_set:
            self._debouncer.cancel()
            self._refreshes += 1
            self._update(transcript_of(list(self._conversation)))

    def repeat(self) -> None:
        """Send the current text again, for a page that was reloaded and has missed it."""
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
    """Format messages as Markdown, dropping the oldest ones that do not fit.

    Args:
        messages: The messages, oldest first.

    Returns:
        Markdown of about 30,000 characters at most, with a note if something was omitted.

    """
    shown: list[str] = []
    room = _MOST
    images = _Images()
    for message, tool in reversed(list(with_tools(messages))):
        text = message_to_markdown(message, tool, title=_TITLE, show=images.show)
        room -= len(without_image_data(text))
        if room < 0:
            if not shown:
                shown.append(_shortened(text))
                messages = messages[:-1]
            if messages:
                shown.append(f"{_EARLIER}\n")
            break
        shown.append(text)
    return "\n".join(reversed(shown))


class _Images:
    """The images of a transcript, as many as fit."""

    def __init__(self) -> None:
        self._room = _MOST_IMAGE_DATA

    def show(self, alt: str, url: str) -> str:
        """Return the Markdown of an image.

        Args:
            alt: The alternative text.
            url: The data URL.

        """
        if len(url) > self._room:
            return f"*(image: {alt})*"
        self._room -= len(url)
        return embedded(alt, url)


def _shortened(text: str) -> str:
    lines = text.split("\n")
    lengths = accumulate(len(without_image_data(line)) + 1 for line in lines)
    shown = "\n".join(lines[: sum(length <= _MOST for length in lengths)])
    folded = shown.rpartition("\n<details>\n")[2]
    if folded != shown and "\n</details>" not in folded:
        fence = re.search(r"^`{3,}", folded, re.MULTILINE)
        shown += f"\n{fence[0] if fence else ''}\n\n</details>"
    return f"{shown}\n\n{_MORE}\n"
