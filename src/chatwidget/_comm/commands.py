"""The commands that views send to the kernel, and limits of their messages. Mirrored in `protocol/messages.js`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from .._content.attachments import Attachment
from .._secrets.keys import Secret

MAX_TEXT_BYTES: Final = 8 * 1024 * 1024
"""Maximum size of a message. Beyond 10 MiB, the browser's websocket would be closed before the message arrived."""

EXPORTS: Final = frozenset({"markdown", "html", "notebook", "json"})
ANSWERS: Final = frozenset({"once", "always", "refuse"})


@dataclass(frozen=True, slots=True)
class Submit:
    """Ask `text`. The view makes the `id`, which tells a repeated message from a second question."""

    id: str
    text: str
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Edit:
    """Ask `text` as version `id` of the question `of`. If `attachments` is None, they stay as they are."""

    id: str
    of: str
    text: str
    attachments: tuple[Attachment, ...] | None = None


@dataclass(frozen=True, slots=True)
class Regenerate:
    """Replace the answer `id` by another one."""

    id: str


@dataclass(frozen=True, slots=True)
class Switch:
    """Show sibling number `index` in place of message `id`."""

    id: str
    index: int


@dataclass(frozen=True, slots=True)
class Remove:
    """Remove message `id` and all that follow it."""

    id: str


@dataclass(frozen=True, slots=True)
class Clear:
    """Remove all messages."""


@dataclass(frozen=True, slots=True)
class Restore:
    """Undo the last `Clear` or `Remove`."""


@dataclass(frozen=True, slots=True)
class UpdateModelSettings:
    """Change settings of the model. Only those in `values` change; None removes a parameter."""

    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ChooseModel:
    """Ask another model of the same server."""

    name: str


@dataclass(frozen=True, slots=True)
class ListModels:
    """List the server's models."""


@dataclass(frozen=True, slots=True)
class FindServers:
    """Search for servers on this computer."""


@dataclass(frozen=True, slots=True)
class Export:
    """Send the conversation as a file. `format` is one of `EXPORTS`."""

    format: str


@dataclass(frozen=True, slots=True)
class Resource:
    """Send the source of the view's module `name`."""

    name: str


@dataclass(frozen=True, slots=True)
class Approve:
    """Answer the approval prompt for tool call `call` with one of `ANSWERS`."""

    call: str
    answer: str
    reason: str


@dataclass(frozen=True, slots=True)
class Complete:
    """List the names that a question can mention as `@name`."""


@dataclass(frozen=True, slots=True)
class Preview:
    """Show the context of the question `text`, in reply to request `id`. `whole` includes the content."""

    id: str
    text: str
    whole: bool


@dataclass(frozen=True, slots=True)
class Stop:
    """Stop the running turn, unless it began after message `last`: a newer turn may be running by now."""

    last: str | None = None


@dataclass(frozen=True, slots=True)
class Retry:
    """Ask for another answer to the last question."""


@dataclass(frozen=True, slots=True)
class Connect:
    """Connect to a server or to the demo model."""

    demo: bool = False
    base_url: str = ""
    model: str = ""
    key: Secret | None = None


@dataclass(frozen=True, slots=True)
class RefreshOutputs:
    """Update the notebook's Markdown outputs again, because the page was reloaded."""


@dataclass(frozen=True, slots=True)
class Skip:
    """Do nothing. Takes the place of a command that was withdrawn."""


@dataclass(frozen=True, slots=True)
class Resync:
    """Send a snapshot, unless `rev` is the current revision."""

    rev: int


Command: TypeAlias = (
    Submit
    | Edit
    | Regenerate
    | Switch
    | Remove
    | Clear
    | Restore
    | UpdateModelSettings
    | ChooseModel
    | ListModels
    | FindServers
    | Export
    | Resource
    | Approve
    | Complete
    | Preview
    | Stop
    | Retry
    | Connect
    | RefreshOutputs
    | Skip
    | Resync
)
