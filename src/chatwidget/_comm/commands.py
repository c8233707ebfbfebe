"""The commands that views send to the kernel: the fields of each, and what it does. Mirrored in `protocol/messages.js`.

A new command is a class here, its message in `protocol/messages.js`, and cases in `tests/wire/commands.json`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final, Self, TypeVar

from .._chat.chat import Chat
from .._connection.resolve import connect_anew, other_model, resolve_connection
from .._content.attachments import Attachment, Part, content_like, content_with
from .._conversation.serialize import from_json
from .._conversation.tree import Conversation
from .._errors import ChatWidgetError
from .._files.export import File, exporter
from .._notebook.mentions import with_values
from .._secrets.keys import Secret
from .._transports.demo import DEMO
from .command import Command, CommandTarget
from .fields import Fields
from .lookups import ContextPreview, context_preview, mentioned_values, variable_names
from .modules import module_source

_EXPORTS: Final = frozenset({"markdown", "html", "notebook", "json"})
_ANSWERS: Final = frozenset({"once", "always", "refuse"})

_log: Final = logging.getLogger("chatwidget")

COMMANDS: Final[dict[str, type[Command]]] = {}
"""The commands, by the type of their message."""

C = TypeVar("C", bound=type[Command])


def command(kind: str) -> Callable[[C], C]:
    """Declare a class as the command of a type of messages. Use it as a decorator.

    Args:
        kind: The type of the messages.

    Returns:
        A decorator.

    """

    def declare(declared: C) -> C:
        COMMANDS[kind] = declared
        return declared

    return declare


@command("submit")
@dataclass(frozen=True, slots=True)
class Submit(Command):
    """Ask `text`. The view makes the `id`, which tells a repeated message from a second question."""

    id: str
    text: str
    attachments: tuple[Attachment, ...] = ()
    values: Sequence[Part] = field(default=(), repr=False)
    """The variables that the text mentions, from `query_notebook`."""

    @classmethod
    def parse(cls, fields: Fields) -> Self:
        question, text = fields.id(), fields.clean_text("text")
        return cls(question, text, fields.attachments(text) or ())

    def query_notebook(self, chat: Chat) -> Self:
        return replace(self, values=mentioned_values(self.id, self.text, chat))

    def execute(self, target: CommandTarget) -> None:
        chat = target.chat
        if not chat.turns.knows(self.id):
            content = content_with(self.text, self.attachments)
            chat.session.submit(with_values(content, self.values), id=self.id)


@command("edit")
@dataclass(frozen=True, slots=True)
class Edit(Command):
    """Ask `text` as version `id` of the question `of`. If `attachments` is None, they stay as they are."""

    id: str
    of: str
    text: str
    attachments: tuple[Attachment, ...] | None = None
    values: Sequence[Part] = field(default=(), repr=False)
    """The variables that the text mentions, from `query_notebook`."""

    @classmethod
    def parse(cls, fields: Fields) -> Self:
        question, of, text = fields.id(), fields.id("of"), fields.clean_text("text")
        return cls(question, of, text, fields.attachments(text))

    def query_notebook(self, chat: Chat) -> Self:
        return replace(self, values=mentioned_values(self.id, self.text, chat))

    def execute(self, target: CommandTarget) -> None:
        chat = target.chat
        if chat.turns.knows(self.id):
            return
        if self.attachments is None:
            content = content_like(chat.conversation[self.of].content, self.text)
        else:
            content = content_with(self.text, self.attachments)
        chat.session.edit(self.of, with_values(content, self.values), id=self.id, now=True)


@command("regenerate")
@dataclass(frozen=True, slots=True)
class Regenerate(Command):
    """Replace the answer `id` by another one."""

    id: str

    @classmethod
    def parse(cls, fields: Fields) -> Self:
        return cls(fields.id())

    def execute(self, target: CommandTarget) -> None:
        conversation = target.chat.conversation
        # If the answer has been replaced by another one already, this was a double click.
        if self.id not in conversation or conversation.shows(self.id):
            target.chat.session.regenerate(self.id)


@command("switch")
@dataclass(frozen=True, slots=True)
class Switch(Command):
    """Show sibling number `index` in place of message `id`."""

    id: str
    index: int

    @classmethod
    def parse(cls, fields: Fields) -> Self:
        return cls(fields.id(), fields.whole_number("index", 0))

    def execute(self, target: CommandTarget) -> None:
        target.chat.switch(self.id, self.index)


@command("remove")
@dataclass(frozen=True, slots=True)
class Remove(Command):
    """Remove message `id` and all that follow it."""

    id: str

    @classmethod
    def parse(cls, fields: Fields) -> Self:
        return cls(fields.id())

    def execute(self, target: CommandTarget) -> None:
        # If the message is not shown, this is a repeated command, or the message has been replaced by another one.
        if target.chat.conversation.shows(self.id):
            target.chat.remove_undoable(lambda conversation: conversation.remove(self.id))


@command("clear")
@dataclass(frozen=True, slots=True)
class Clear(Command):
    """Remove all messages."""

    def execute(self, target: CommandTarget) -> None:
        target.chat.remove_undoable(Conversation.clear)


@command("restore")
@dataclass(frozen=True, slots=True)
class Restore(Command):
    """Undo the last `Clear` or `Remove`, or bring back the conversation before a new chat.

    The page sends a `conversation` that this kernel does not know, from before it was restarted.
    """

    conversation: Conversation | None = field(default=None, repr=False)

    @classmethod
    def parse(cls, fields: Fields) -> Self:
        return cls(from_json(fields.clean_text("conversation")) if "conversation" in fields else None)

    def execute(self, target: CommandTarget) -> None:
        if self.conversation is None:
            target.chat.restore()
        else:
            target.chat.continue_from(self.conversation)


@command("setup")
@dataclass(frozen=True, slots=True)
class UpdateModelSettings(Command):
    """Change settings of the model. Only those in `values` change; None removes a parameter."""

    values: Mapping[str, Any]

    @classmethod
    def parse(cls, fields: Fields) -> Self:
        settings = fields.nested("values")
        values: dict[str, Any] = {}
        if "system_prompt" in settings:
            values["system_prompt"] = settings.clean_text("system_prompt")
        if "temperature" in settings:
            values["temperature"] = None if settings.is_null("temperature") else settings.number("temperature", 0)
        if "max_tokens" in settings:
            values["max_tokens"] = None if settings.is_null("max_tokens") else settings.whole_number("max_tokens", 1)
        return cls(values)

    def execute(self, target: CommandTarget) -> None:
        target.change_settings(self.values)


@command("model")
@dataclass(frozen=True, slots=True)
class ChooseModel(Command):
    """Ask another model of the same server."""

    name: str

    @classmethod
    def parse(cls, fields: Fields) -> Self:
        return cls(fields.clean_text("name").strip())

    def execute(self, target: CommandTarget) -> None:
        connections = target.chat.connections
        connections.connect(other_model(connections.connection, self.name))


@command("models")
@dataclass(frozen=True, slots=True)
class ListModels(Command):
    """List the server's models."""

    keeps_notice = True

    def execute(self, target: CommandTarget) -> None:
        target.chat.connections.list_models()


@command("servers")
@dataclass(frozen=True, slots=True)
class FindServers(Command):
    """Search for servers on this computer."""

    keeps_notice = True

    def execute(self, target: CommandTarget) -> None:
        target.chat.connections.find_servers()


@command("export")
@dataclass(frozen=True, slots=True)
class Export(Command):
    """Send the conversation as a file in one of the formats that views offer."""

    format: str

    @classmethod
    def parse(cls, fields: Fields) -> Self:
        return cls(fields.one_of("format", _EXPORTS))

    def execute(self, target: CommandTarget) -> None:
        make = exporter(target.chat.conversation, self.format)
        target.chat.runner.submit(self._send(make, target))

    async def _send(self, make: Callable[[], File], target: CommandTarget) -> None:
        try:
            file = await target.chat.runner.run_in_thread(make)
        except ChatWidgetError as error:
            target.show_error(error)
        else:
            target.views.send({"type": "file", **asdict(file)})


@command("resource")
@dataclass(frozen=True, slots=True)
class Resource(Command):
    """Send the source of the view's module `name`."""

    keeps_notice = True
    name: str

    @classmethod
    def parse(cls, fields: Fields) -> Self:
        return cls(fields.id("name"))

    def execute(self, target: CommandTarget) -> None:
        source = module_source(self.name)
        if source is None:
            _log.warning("A view asked for an unknown module: %s", self.name)
        else:
            target.views.send({"type": "resource", "name": self.name, "text": source})


@command("approve")
@dataclass(frozen=True, slots=True)
class Approve(Command):
    """Answer the approval prompt for tool call `call`: "once", "always" or "refuse"."""

    is_urgent = True
    call: str
    answer: str
    reason: str

    @classmethod
    def parse(cls, fields: Fields) -> Self:
        return cls(fields.text("call"), fields.one_of("answer", _ANSWERS), fields.clean_text("reason"))

    def execute(self, target: CommandTarget) -> None:
        target.chat.session.approvals.answer(self.call, (self.answer, self.reason))


@command("complete")
@dataclass(frozen=True, slots=True)
class Complete(Command):
    """List the variables that a question can mention as `@name`."""

    keeps_notice = True
    names: Sequence[Mapping[str, str]] = ()
    """The name and kind of each, from `query_notebook`."""

    def query_notebook(self, chat: Chat) -> Self:  # noqa: ARG002 the names are those of the notebook
        return replace(self, names=variable_names())

    def execute(self, target: CommandTarget) -> None:
        target.views.send({"type": "names", "names": self.names})


@command("preview")
@dataclass(frozen=True, slots=True)
class Preview(Command):
    """Show the context of the question `text`, in reply to request `id`. `whole` includes the content."""

    keeps_notice = True
    id: str
    text: str
    whole: bool
    context: ContextPreview = field(default=ContextPreview(), repr=False)
    """The context, from `query_notebook`."""

    @classmethod
    def parse(cls, fields: Fields) -> Self:
        return cls(fields.id(), fields.text("text"), fields.flag("whole"))

    def query_notebook(self, chat: Chat) -> Self:
        return replace(self, context=context_preview(self.text, chat, whole=self.whole))

    def execute(self, target: CommandTarget) -> None:
        context = self.context
        values = {"names": context.names, "mistakes": context.mistakes, "text": context.text}
        target.views.send({"type": "preview", "id": self.id, **values})


@command("stop")
@dataclass(frozen=True, slots=True)
class Stop(Command):
    """Stop the running turn, unless it began after message `last`: a newer turn may be running by now.

    Queued questions wait for `Release` or `Withdraw`.
    """

    keeps_notice = True
    is_urgent = True
    last: str | None = None

    @classmethod
    def parse(cls, fields: Fields) -> Self:
        return cls(fields.text("last") if "last" in fields else None)

    def execute(self, target: CommandTarget) -> None:
        target.chat.turns.stop(self.last)


@command("release")
@dataclass(frozen=True, slots=True)
class Release(Command):
    """Ask the queued question `id`, which `Stop` holds back."""

    is_urgent = True
    id: str

    @classmethod
    def parse(cls, fields: Fields) -> Self:
        return cls(fields.id())

    def execute(self, target: CommandTarget) -> None:
        target.chat.turns.release(self.id)


@command("withdraw")
@dataclass(frozen=True, slots=True)
class Withdraw(Command):
    """Take the queued question `id` out of the queue. It may be running by now, and then goes on."""

    keeps_notice = True
    is_urgent = True
    id: str

    @classmethod
    def parse(cls, fields: Fields) -> Self:
        return cls(fields.id())

    def execute(self, target: CommandTarget) -> None:
        target.chat.turns.withdraw(self.id)


@command("retry")
@dataclass(frozen=True, slots=True)
class Retry(Command):
    """Ask for another answer to the last question."""

    def execute(self, target: CommandTarget) -> None:
        target.chat.session.retry()


@command("connect")
@dataclass(frozen=True, slots=True)
class Connect(Command):
    """Connect to a server or to the demo model."""

    demo: bool = False
    base_url: str = ""
    model: str = ""
    key: Secret | None = None

    @classmethod
    def parse(cls, fields: Fields) -> Self:
        if "demo" in fields and fields.flag("demo"):
            return cls(demo=True)
        base_url, model, key = (fields.text(name).strip() for name in ("base_url", "model", "key"))
        return cls(base_url=base_url, model=model, key=Secret(key) if key else None)

    def execute(self, target: CommandTarget) -> None:
        chat, connections = target.chat, target.chat.connections
        connections.begin_attempt(self.base_url or None)
        if self.demo:
            connections.connect(resolve_connection(DEMO, None, None, {}))
            return
        connection = connect_anew(chat.connection, self.model or None, self.base_url or None, self.key)
        if connection.kind == "server":
            connections.try_connection(connection)
            return
        if chat.connection.kind == "none":
            connections.connect(connection)
            if self.base_url:
                connections.list_models(checks=True)
        chat.show_notice("Enter an API key for OpenAI, or the base URL of a server and the name of a model.")


@command("outputs")
@dataclass(frozen=True, slots=True)
class RefreshOutputs(Command):
    """Update the notebook's Markdown outputs again, because the page was reloaded."""

    keeps_notice = True

    def execute(self, target: CommandTarget) -> None:
        target.refresh_outputs()


@command("skip")
@dataclass(frozen=True, slots=True)
class Skip(Command):
    """Do nothing. Takes the place of a command that was withdrawn."""

    keeps_notice = True

    def execute(self, target: CommandTarget) -> None:
        pass


@command("resync")
@dataclass(frozen=True, slots=True)
class Resync(Command):
    """Send a snapshot, unless `rev` is the current revision."""

    keeps_notice = True
    rev: int

    @classmethod
    def parse(cls, fields: Fields) -> Self:
        return cls(fields.whole_number("rev", -1))

    def execute(self, target: CommandTarget) -> None:
        target.views.resync(self.rev)
