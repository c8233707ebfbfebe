"""Execution of the commands of views.

Loaded with the first command, since importing the package does not need it. Everything here happens on the runner's
loop.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from .._chat.chat import Chat
from .._connection.resolve import connect_anew, other_model, resolve_connection
from .._content.attachments import content_like, content_with
from .._conversation.tree import Conversation
from .._errors import ChatWidgetError
from .._files.export import File, exporter
from .._notebook.mentions import with_values
from .._transports.demo import DEMO
from . import commands
from .parse import number_of, parse
from .view_state import ViewState

_RESOURCES: Final = {name: Path(__file__).parents[1] / "static" / f"{name}.js" for name in ("math", "colours")}
"""The modules that a view may request. No other file is read."""

_QUIET: Final = (
    commands.Resync,
    commands.Resource,
    commands.ListModels,
    commands.FindServers,
    commands.Complete,
    commands.Preview,
    commands.Stop,
    commands.RefreshOutputs,
    commands.Skip,
)
"""Commands that keep the notice: views send them on their own, or they have nothing to do with it."""

_MOST_SENDERS: Final = 1000

_log: Final = logging.getLogger("chatwidget")


class CommandDispatcher:
    """Executes the commands of a chat's views.

    Args:
        chat: The chat.
        views: Its views.
        set_up: Applies model settings that the user changed.
        refresh_outputs: Updates the outputs next to the views.

    """

    def __init__(
        self,
        chat: Chat,
        views: ViewState,
        *,
        set_up: Callable[[Mapping[str, Any]], None],
        refresh_outputs: Callable[[], None],
    ) -> None:
        self._chat = chat
        self._views = views
        self._set_up = set_up
        self._refresh_outputs = refresh_outputs
        self._done: dict[str, int] = {}
        """The number of the last command done, by sender."""

    def dispatch(self, content: object, found: Sequence[dict[str, Any]] = ()) -> None:
        """Execute the command in a message from a view.

        Numbered messages are executed once and in order, and acknowledged. An invalid message is dropped with a
        warning. A command that fails shows a notice.

        Args:
            content: The message.
            found: Values of the notebook that the command needs; see `lookups`.

        """
        try:
            numbered = number_of(content)
        except ValueError as error:
            _warn(error)
            return
        if numbered is None:
            self._parse_and_execute(content, found)
        else:
            self._dispatch_in_order(*numbered, content, found)

    def _dispatch_in_order(self, sender: str, number: int, content: object, found: Sequence[dict[str, Any]]) -> None:
        last = self._done.pop(sender, 0)
        is_next = number == last + 1
        self._done[sender] = number if is_next else last
        if len(self._done) > _MOST_SENDERS:
            del self._done[next(iter(self._done))]
        try:
            if is_next:
                self._parse_and_execute(content, found)
        finally:
            self._views.acknowledge(sender, self._done[sender])

    def _parse_and_execute(self, content: object, found: Sequence[dict[str, Any]]) -> None:
        try:
            command = parse(content)
        except ValueError as error:
            _warn(error)
            return
        self._chat.session.attach_view()
        if self._chat.notice is not None and not isinstance(command, _QUIET):
            self._chat.show_notice(None)
        try:
            self._execute(command, found)
        except ChatWidgetError as error:
            self._chat.show_notice(_sentence(error), getattr(error, "code", None))

    def _execute(self, command: commands.Command, found: Sequence[dict[str, Any]]) -> None:  # noqa: C901, PLR0912 one case for each command
        chat = self._chat
        match command:
            case commands.Submit() | commands.Edit():
                self._ask(command, found)
            case commands.Regenerate(message_id):
                self._regenerate(message_id)
            case commands.Switch(message_id, index):
                chat.switch(message_id, index)
            case commands.Remove(message_id):
                self._remove(message_id)
            case commands.Clear():
                chat.remove_undoable(Conversation.clear)
            case commands.Restore():
                chat.restore()
            case commands.UpdateModelSettings(values):
                self._set_up(values)
            case commands.ChooseModel(name):
                chat.connections.connect(other_model(chat.connection, name))
            case commands.ListModels():
                chat.connections.list_models()
            case commands.FindServers():
                chat.connections.find_servers()
            case commands.Export(format_name):
                chat.runner.submit(self._export(exporter(chat.conversation, format_name)))
            case commands.Resource(name):
                self._send_resource(name)
            case commands.Approve(call, answer, reason):
                chat.session.approvals.answer(call, (answer, reason))
            case commands.Stop(last):
                chat.turns.stop(last)
            case commands.Retry():
                chat.session.retry()
            case commands.Complete():
                self._views.send({"type": "names", "names": list(found)})
            case commands.Preview(request):
                self._views.send({"type": "preview", "id": request, **(found[0] if found else {})})
            case commands.Connect():
                self._connect(command)
            case commands.RefreshOutputs():
                self._refresh_outputs()
            case commands.Skip():
                pass
            case commands.Resync(rev):
                self._views.resync(rev)

    def _ask(self, command: commands.Submit | commands.Edit, values: Sequence[dict[str, Any]]) -> None:
        session = self._chat.session
        if self._chat.turns.knows(command.id):
            return
        if isinstance(command, commands.Submit):
            session.submit(with_values(content_with(command.text, command.attachments), values), id=command.id)
            return
        if command.attachments is None:
            content = content_like(self._chat.conversation[command.of].content, command.text)
        else:
            content = content_with(command.text, command.attachments)
        session.edit(command.of, with_values(content, values), id=command.id, now=True)

    def _regenerate(self, message_id: str) -> None:
        # If the answer has been replaced by another one already, this was a double click.
        if message_id not in self._chat.conversation or self._chat.conversation.shows(message_id):
            self._chat.session.regenerate(message_id)

    def _remove(self, message_id: str) -> None:
        # If the message is not shown, this is a repeated command, or the message has been replaced by another one.
        if self._chat.conversation.shows(message_id):
            self._chat.remove_undoable(lambda conversation: conversation.remove(message_id))

    async def _export(self, make: Callable[[], File]) -> None:
        try:
            file = await self._chat.runner.run_in_thread(make)
        except ChatWidgetError as error:
            self._chat.show_notice(_sentence(error))
        else:
            self._views.send({"type": "file", **asdict(file)})

    def _send_resource(self, name: str) -> None:
        path = _RESOURCES.get(name)
        if path is None or not path.is_file():
            _log.warning("A view asked for a module that there is not: %s", name)
            return
        self._views.send({"type": "resource", "name": name, "text": path.read_text("utf-8")})

    def _connect(self, command: commands.Connect) -> None:
        chat, connections = self._chat, self._chat.connections
        connections.begin_attempt(command.base_url or None)
        if command.demo:
            connections.connect(resolve_connection(DEMO, None, None, {}))
            return
        connection = connect_anew(chat.connection, command.model or None, command.base_url or None, command.key)
        if connection.kind == "server":
            connections.try_connection(connection)
            return
        if chat.connection.kind == "none":
            connections.connect(connection)
            if command.base_url:
                connections.list_models(checks=True)
        chat.show_notice("Give a key for OpenAI, or the base URL of a server and the name of a model.")


def _warn(error: ValueError) -> None:
    _log.warning("A message from the view was dropped: %s", error)


def _sentence(error: ChatWidgetError) -> str:
    text = str(error).rstrip(".") + "."
    return text[:1].upper() + text[1:] if text.split()[0].isalpha() else text
