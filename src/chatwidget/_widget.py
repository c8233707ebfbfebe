"""`ChatWidget`: the conversation as a Jupyter widget, and as an object in the notebook."""

from __future__ import annotations

import asyncio
import logging
import weakref
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, ClassVar, Final
from uuid import uuid4

import anywidget
import traitlets

from . import _protocol as protocol
from ._changes import Appended, Change, Settled
from ._conversation import Conversation
from ._errors import ChatError, ChatWidgetError, SettingsError
from ._messages import Message, MessageDict, Status
from ._publisher import Publisher
from ._runner import Runner, default_runner
from ._secrets import Secret, conceal
from ._session import Session, Turn
from ._settings import Connection, connect
from ._transports import DEMO, Model, Transport

_STATIC: Final = Path(__file__).parent / "static"
_INSTEAD: Final = "`await chat.send(...)`"
_log: Final = logging.getLogger("chatwidget")


class _Messages(traitlets.TraitType[Any, Any]):
    """The active path as a list of plain OpenAI dicts, read from the conversation and written to it."""

    info_text = "a list of OpenAI message dicts"

    def get(self, obj: ChatWidget, cls: type[Any] | None = None) -> list[MessageDict]:  # type: ignore[override]  # noqa: ARG002
        return obj._runner.call(lambda: obj._conversation.messages)  # noqa: SLF001 its own trait

    def set(self, obj: ChatWidget, value: object) -> None:  # type: ignore[override]
        obj._replace(lambda conversation: conversation.load(value))


class ChatWidget(anywidget.AnyWidget):
    """A chat with a language model, in a notebook.

    `model` is a model's name, a function of the messages (returning or yielding text; async too), an
    `AsyncOpenAI` client, a `DemoModel`, or "demo". What is not given comes from the environment:
    `CHATWIDGET_MODEL`, `OPENAI_BASE_URL`, `OPENAI_API_KEY`. With nothing to ask, the widget shows a form.

    `messages` presets the conversation; further keywords (`temperature=0.2`) go to the API as they are.
    Raises SettingsError and ConversationError (both ValueErrors) when the arguments cannot work.
    """

    _latest: ClassVar[weakref.ref[ChatWidget] | None] = None

    is_open = False
    """Whether it is made (ipywidgets also closes what `__init__` could not finish) and not closed."""

    _esm = _STATIC / "widget.js"
    _css = _STATIC / "widget.css"

    snapshot = traitlets.Any(None).tag(
        sync=True,
        to_json=lambda _, widget: widget._snapshot(),  # noqa: SLF001 its own trait
        from_json=lambda _, widget: widget.snapshot,
    )

    messages = _Messages()
    model = traitlets.Any(None, allow_none=True)
    system_prompt = traitlets.Unicode(None, allow_none=True)
    params = traitlets.Dict()
    status = traitlets.Unicode("disconnected", read_only=True)

    def __init__(
        self,
        model: Model | None = None,
        *,
        system_prompt: str | None = None,
        base_url: str | None = None,
        api_key: str | Secret | None = None,
        messages: object = (),
        **params: Any,
    ) -> None:
        api_key = conceal(api_key)
        connection = connect(model, base_url, api_key)
        self._runner: Runner = default_runner()
        self._conversation = Conversation(messages)
        self._session = Session(self._conversation, self._session_changed)
        self._publisher = Publisher(super().send)
        self._notice: str | None = None
        self._channel = f"chatwidget-{uuid4().hex}"
        self._use(connection)
        self._shown = self._state()
        self._old_messages: list[MessageDict] = []
        super().__init__()
        _answer_beside_cells(self.comm)
        self.set_trait("system_prompt", system_prompt)
        self.set_trait("params", params)
        self.set_trait("status", str(self._session.status))
        self._conversation.listen(self._conversation_changed)
        self.on_msg(self._view_said)
        self._end_channel = self._runner.on_page_message(self._channel, self._page_said)
        self.is_open = True
        ChatWidget._latest = weakref.ref(self)

    @classmethod
    def latest(cls) -> ChatWidget | None:
        """The widget made last, if it is still open."""
        widget = ChatWidget._latest() if ChatWidget._latest is not None else None
        return widget if widget is not None and widget.is_open else None

    # Asking

    def ask(self, content: object, **params: Any) -> Message:
        """Ask `content` (text or content parts) and wait; the view streams meanwhile. Gives the reply.

        Raises ChatError, with what arrived as `.reply`, when the answer failed or was cut;
        CannotWaitError where nothing may wait (use `await chat.send(...)` there). An interrupt of the
        cell stops the turn.
        """
        return self._wait(lambda: self._session.submit(content, params=params))

    async def send(self, content: object, **params: Any) -> Message:
        """Ask `content` and await the reply. Raises ChatError as `ask` does; cancelling stops the turn."""
        return await self._await(lambda: self._session.submit(content, params=params))

    def follow(self, content: object, on_text: Callable[[str], None]) -> Message:
        """Ask as `ask` does; `on_text` hears each piece of the answer's text where it is streamed."""

        def start() -> Turn:
            turn = self._session.submit(content)

            def hear(change: Change) -> None:
                if isinstance(change, Appended) and change.id == turn.reply_id and change.field == "content":
                    on_text(change.text)

            end = self._conversation.listen(hear)
            turn.reply.add_done_callback(lambda _: end())
            return turn

        return self._wait(start)

    def stop(self) -> None:
        """End the running answer; what has arrived is kept."""
        self._runner.call(self._session.stop)

    def retry(self) -> Message:
        """Ask for another answer to the last question and wait for it, as `ask` does."""
        return self._wait(self._session.retry)

    def edit(self, message_id: str, content: object) -> Message:
        """Ask again with `content` in place of the user message `message_id`, and wait, as `ask` does.

        The old version and what followed it stay as a branch.
        """
        return self._wait(lambda: self._session.edit(message_id, content))

    # The conversation

    @property
    def conversation(self) -> Conversation:
        """The tree of messages, with ids, statuses and usage. To be read; change it through the widget."""
        return self._conversation

    def undo(self) -> None:
        """Remove the last question and its answer; a running answer is stopped first."""
        self._replace(Conversation.undo)

    def clear(self) -> None:
        """Remove every message; a running answer is stopped first."""
        self._replace(Conversation.clear)

    def connect(
        self, model: Model | None = None, *, base_url: str | None = None, api_key: str | Secret | None = None
    ) -> None:
        """Use another model or server from the next question on; what is not given comes from the environment.

        Raises SettingsError, changing nothing, when the settings cannot work.
        """
        api_key = conceal(api_key)
        connection = connect(model, base_url, api_key)
        self._runner.call(lambda: self._reconnect(connection))

    def close(self) -> None:
        """Stop what runs, close the connections and the views."""
        if self.is_open:
            self.is_open = False
            self._runner.submit(self._session.aclose())
            self._end_channel()
        super().close()

    def _wait(self, start: Callable[[], Turn]) -> Message:
        turn = self._runner.call(start)
        try:
            reply = self._runner.wait(turn.reply, _INSTEAD)
        except BaseException:
            self._runner.call(lambda: self._session.cancel(turn))
            raise
        return _checked(reply)

    async def _await(self, start: Callable[[], Turn]) -> Message:
        turn = self._runner.call(start)
        try:
            reply = await asyncio.wrap_future(turn.reply)
        except BaseException:
            self._runner.call(lambda: self._session.cancel(turn))
            raise
        return _checked(reply)

    def _replace(self, change: Callable[[Conversation], None]) -> None:
        def run() -> None:
            self._session.halt()
            change(self._conversation)

        self._runner.call(run)

    def _use(self, connection: Connection) -> None:
        self._connection = connection
        self._session.transport = connection.transport
        self._session.model = connection.model
        self.set_trait("model", connection.given)

    def _reconnect(self, connection: Connection) -> None:
        old = self._connection
        if old.transport is not None and old.endpoint is not None and old.endpoint == connection.endpoint:
            # Its client is warm, and the same server and key are asked.
            connection = replace(connection, transport=connection.transport and old.transport)
        elif old.transport is not None and old.transport is not connection.transport:
            self._runner.submit(self._retire(old.transport))
        self._notice = None
        self._use(connection)
        self._session_changed()

    async def _retire(self, transport: Transport) -> None:
        await self._session.idle()
        await transport.aclose()

    @traitlets.observe("system_prompt", "params")
    def _settings_changed(self, _: object) -> None:
        self._session.system_prompt = self.system_prompt
        self._session.params = dict(self.params)

    @traitlets.observe("model")
    def _model_changed(self, change: Mapping[str, Any]) -> None:
        if change["new"] is not self._connection.given:
            self._reconnect_to(change["new"])

    def _reconnect_to(self, model: Model | None) -> None:
        endpoint = self._connection.endpoint
        try:
            if endpoint is not None and isinstance(model, str) and model != DEMO:
                connection = connect(model, endpoint.base_url, endpoint.key)
            else:
                connection = connect(model, None, None)
        except SettingsError:
            self.set_trait("model", self._connection.given)
            raise
        self._runner.call(lambda: self._reconnect(connection))

    def _tell_observers_of_messages(self) -> None:
        if self._trait_notifiers.get("messages") or self._trait_notifiers.get(traitlets.All):
            old, new = self._old_messages, self._conversation.messages
            self._old_messages = new
            change = {"name": "messages", "old": old, "new": new, "owner": self, "type": "change"}
            self.notify_change(traitlets.Bunch(change))

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        if self._session.transport is not None:
            self._runner.submit(self._session.transport.warm())
        return super()._repr_mimebundle_(**kwargs)

    def _conversation_changed(self, change: Change) -> None:
        op = protocol.op_for(change, self._conversation)
        if op is not None:
            self._publisher.push(op, now=op["op"] == "set" and op["values"]["status"] == Status.STREAMING)
        if isinstance(change, Settled):
            self._tell_observers_of_messages()

    def _session_changed(self) -> None:
        state = self._state()
        news = {key: value for key, value in state.items() if value != self._shown.get(key)}
        self._shown = state
        if news:
            self._publisher.push({"op": "state", "values": news})
        self.set_trait("status", state["status"])

    def _state(self) -> dict[str, Any]:
        retrying = self._session.retrying
        return {
            "status": str(self._session.status),
            "queue": [{"id": turn.id, "text": turn.text} for turn in self._session.queue],
            "retry": asdict(retrying) if retrying is not None else None,
            "notice": self._notice,
            "notice_code": None,
            "connection": self._connection.shown(),
            "models": None,
            "servers": None,
            "setup": {"system_prompt": "", "temperature": None, "max_tokens": None},
            "restorable": False,
            "approvals": [],
            "look": {"locale": None, "height": None, "starters": [], "titles": {}},
        }

    def _snapshot(self) -> dict[str, Any]:
        def take() -> dict[str, Any]:
            self._publisher.flush()
            return protocol.snapshot(self._conversation, self._state(), self._publisher.rev, self._channel)

        return self._runner.call(take)

    def _view_said(self, _: object, content: object, __: object) -> None:
        try:
            command = protocol.parse(content)
        except ValueError as error:
            _log.warning("A message from the view was dropped: %s", error)
            return
        self._runner.call(lambda: self._obey(command))

    def _page_said(self, content: object) -> None:
        """What reaches a kernel in the browser while a cell runs: Stop, and nothing else."""
        if isinstance(content, Mapping) and content.get("type") == "stop":
            self._session.stop()

    def _obey(self, command: protocol.Command) -> None:
        try:
            match command:
                case protocol.Submit(turn_id, text):
                    if not self._session.knows(turn_id):
                        self._session.submit(text, id=turn_id)
                case protocol.Stop():
                    self._session.stop()
                case protocol.Retry():
                    self._session.retry()
                case protocol.Connect():
                    self._connect_as_told(command)
                case protocol.Resync(rev):
                    if rev != self._publisher.rev:
                        super().send({"type": "snapshot", "snapshot": self._snapshot()})
        except ChatWidgetError as error:
            self._tell(str(error))

    def _connect_as_told(self, command: protocol.Connect) -> None:
        if command.demo:
            self._reconnect(connect(DEMO, None, None, {}))
            return
        connection = connect(command.model or None, command.base_url or None, command.key)
        self._reconnect(connection)
        if connection.kind == "none":
            self._tell("Give a key for OpenAI, or the base URL of a server and the name of a model.")

    def _tell(self, notice: str) -> None:
        self._notice = notice
        self._session_changed()


def _answer_beside_cells(comm: Any) -> None:
    """Let views be heard while a cell runs.

    ipykernel 7.4 sends what comes from a view to the thread that last wrote to it; for a widget made in
    a cell that is the one that runs cells, and the thread that the front end asked for stays idle.
    """
    if hasattr(comm, "_reply_subshell_for"):
        comm._reply_subshell_for = None  # noqa: SLF001 the kernel looks for it, and does without


def _checked(reply: Message) -> Message:
    if reply.status in {Status.ERROR, Status.INTERRUPTED}:
        raise ChatError(reply.error or str(reply.status), reply)
    return reply
