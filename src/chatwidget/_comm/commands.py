"""What a view asks of the kernel: commands, and the messages that hold them; mirrored in `protocol/messages.js`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from .._content.attachments import Attachment
from .._secrets.keys import Secret

MAX_TEXT_BYTES: Final = 8 * 1024 * 1024
"""A longer message would close the browser's websocket (10 MiB) before it arrived."""

EXPORTS: Final = frozenset({"markdown", "html", "notebook", "json"})
ANSWERS: Final = frozenset({"once", "always", "refuse"})


@dataclass(frozen=True, slots=True)
class Submit:
    """Ask `text`; `id`, made by the view, tells a repeated message from a second one."""

    id: str
    text: str
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Edit:
    """Ask `text` as the new version `id` of the question `of`. With None, the attachments stay as they are."""

    id: str
    of: str
    text: str
    attachments: tuple[Attachment, ...] | None = None


@dataclass(frozen=True, slots=True)
class Regenerate:
    """Another answer in place of the answer `id`."""

    id: str


@dataclass(frozen=True, slots=True)
class Switch:
    """Show sibling number `index` in place of message `id`."""

    id: str
    index: int


@dataclass(frozen=True, slots=True)
class Remove:
    """Take away message `id` and all that follows it."""

    id: str


@dataclass(frozen=True, slots=True)
class Clear:
    """Take away every message."""


@dataclass(frozen=True, slots=True)
class Restore:
    """Undo the last `Clear` or `Remove`."""


@dataclass(frozen=True, slots=True)
class UpdateModelSettings:
    """How to answer. Only what is in `values` changes; None takes a parameter away."""

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
    """Look for servers on this computer."""


@dataclass(frozen=True, slots=True)
class Export:
    """Send the conversation as a file; `format` is `markdown`, `html`, `notebook` or `json`."""

    format: str


@dataclass(frozen=True, slots=True)
class Resource:
    """Send the source of the view's module `name`."""

    name: str


@dataclass(frozen=True, slots=True)
class Approve:
    """A person's `answer` (`once`, `always` or `refuse`) to whether tool call `call` may run."""

    call: str
    answer: str
    reason: str


@dataclass(frozen=True, slots=True)
class Complete:
    """Name what a question may bring in with `@name`."""


@dataclass(frozen=True, slots=True)
class Preview:
    """Say what goes along with the question `text`, as the answer to request `id`; with `whole`, all of it."""

    id: str
    text: str
    whole: bool


@dataclass(frozen=True, slots=True)
class Stop:
    """End the running turn, unless it began after message `last`: this may be read when another one runs."""

    last: str | None = None


@dataclass(frozen=True, slots=True)
class Retry:
    """Ask for another answer to the last question."""


@dataclass(frozen=True, slots=True)
class Connect:
    """Use this server, or the demo model."""

    demo: bool = False
    base_url: str = ""
    model: str = ""
    key: Secret | None = None


@dataclass(frozen=True, slots=True)
class RefreshOutputs:
    """Say once more what the notebook's outputs are to hold: this page was loaded anew."""


@dataclass(frozen=True, slots=True)
class Skip:
    """Nothing: what was to be done here was taken back."""


@dataclass(frozen=True, slots=True)
class Resync:
    """Send a snapshot, unless `rev` is the current one."""

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
