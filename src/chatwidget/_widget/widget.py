"""`ChatWidget`, the Jupyter widget for a chat."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property, partial
from os import PathLike
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeVar
from uuid import uuid4

import anywidget
import traitlets
from IPython.core.getipython import get_ipython
from ipywidgets import widget_serialization

from .. import _chat, _comm, _files, _widget
from .._chat.chat import Chat
from .._chat.parameter_names import SETTINGS, check_parameters
from .._comm.model_settings import changed_params
from .._comm.modules import STATIC
from .._comm.view_state import ViewState
from .._connection.resolve import other_model, resolve_connection
from .._conversation.changes import Change, MessagesChanged
from .._conversation.messages import MessageDict, MessageLike
from .._conversation.records import count_of_messages
from .._conversation.tree import Conversation
from .._errors import SettingsError, UnknownSettingError
from .._notebook.cells import running_cell
from .._requests.context_window import Trim
from .._runtime import default_runner
from .._runtime.runner import Runner, listening
from .._secrets.keys import conceal, conceal_headers
from .._transports.demo import DEMO
from .api import ChatApi, context_of, is_chat
from .appearance import height_of, locale_of, starters_of, titles_of, warn_of_language
from .places import Places
from .setting_dict import SettingDict
from .view_code import SHARED_CODE

if TYPE_CHECKING:
    from .._comm.dispatcher import CommandDispatcher
    from .._files.autosave import Autosave
    from .._tools.tool import Approve
    from .._types import ApiKey, Client, ContextItem, Items, Messages, Model, Starter, Tool
    from .markdown_output import Transcript

_LOOK: Final[Mapping[str, Callable[[Any], Any]]] = {
    "starters": starters_of,
    "locale": locale_of,
    "height": height_of,
    "tool_titles": titles_of,
}
F = TypeVar("F", bound=Callable[..., Any])


def _chats_in_variables() -> dict[str, Chat]:
    """Return the chats that variables of the notebook hold. Names with an underscore are IPython's own."""
    variables = dict(getattr(get_ipython(), "user_ns", {}))
    return {name: chat_of(value) for name, value in variables.items() if name[:1] != "_" and is_chat(value)}


class _Registry:
    """The widgets of this process, held by weak references."""

    def __init__(self) -> None:
        self._widgets: list[weakref.ref[ChatWidget]] = []
        self.places = Places(lambda: running_cell(get_ipython()), _chats_in_variables)
        """Where the chats were created."""

    def add(self, widget: ChatWidget) -> None:
        self._widgets.append(weakref.ref(widget, self._widgets.remove))
        self.places.add(chat_of(widget))

    def discard(self, widget: ChatWidget) -> None:
        self._widgets[:] = [reference for reference in self._widgets if reference() is not widget]

    @property
    def latest(self) -> ChatWidget | None:
        """The open widget that was added last: of those that are connected, or else of all."""
        widgets = [widget for reference in reversed(self._widgets) if (widget := reference()) is not None]
        return next((widget for widget in widgets if chat_of(widget).is_connected), next(iter(widgets), None))


_WIDGETS: Final = _Registry()


class _Messages(traitlets.TraitType["list[MessageDict]", "Messages"]):
    """The active path as a list of plain OpenAI dicts. Reads from and writes to the conversation."""

    info_text = "a list of OpenAI message dicts"

    def get(self, obj: ChatWidget, _: type[Any] | None = None) -> list[MessageDict]:  # type: ignore[override]
        chat = chat_of(obj)
        return chat.runner.call(lambda: chat.conversation.messages)

    def set(self, obj: ChatWidget, value: Iterable[MessageLike]) -> None:  # type: ignore[override]
        chat = chat_of(obj)
        chat.runner.call(lambda: chat.replace(lambda conversation: conversation.load(value)))


class ChatWidget(ChatApi, anywidget.AnyWidget):
    """A chat with a language model, in a notebook.

    Settings that are not given come from the environment variables `CHATWIDGET_MODEL`, `OPENAI_BASE_URL` and
    `OPENAI_API_KEY`. If no model can be determined, the widget shows a form.

    Args:
        model: The name of a model, a function of the messages (see `on_message`), an SDK client, a model of the package
            `llm`, a `DemoModel`, or "demo".
        system_prompt: The system prompt.
        base_url: The URL of the server's API.
        api_key: The API key, or a function (sync or async) that returns it and is called for each request. A key is
            sent only to the server that it was given for.
        headers: Extra headers for each request, for example for gateways and tenants: `{"X-Tenant": "blue"}`. They are
            treated like the key: never shown, and sent to that server only.
        client: A client through which to call the model: any client, sync or async, with OpenAI's
            `chat.completions.create` (Azure, Groq and many others), a client of Anthropic, Google or Mistral, or a
            function such as LiteLLM's `completion`. It stays yours: it keeps its key and is not closed.
        messages: The initial messages, or another chat or its conversation, which is copied with its branches.
        tools: Functions that the model may call, sync or async, described by their names, docstrings and types. OpenAI
            tool dicts are passed on unchanged. MCP servers (`mcp.StdioServerParameters`, an address, or an `mcp.Client`
            that is not entered; needs the extra `mcp`) provide their tools as long as they are in the list.
        approve: Whether the user must approve tool calls in the view: True, or a function, sync or async, that
            takes the tool's name and arguments and returns a bool.
        autosave: A file to keep the conversation in. It is written at the end of each turn, and every few seconds while
            an answer streams. If the file exists, its conversation is continued and `messages` is ignored, so that
            running the cell again restores everything.
        starters: Suggested first questions, each a text or a (label, text) pair.
        locale: The language of the view, such as "es". By default the language of the page.
        height: The height of the view, in pixels or as a CSS length.
        tool_titles: Titles of tools in Markdown, by tool name.
        cumulative: Whether a function that answers yields the whole text so far each time, rather than only new text.
        context: The parts of the notebook to send with each question: `["cells", df, "file.csv"]`. See the property
            `context`.
        context_window: The context window of the model in tokens, if its server does not report it.
        trim: The strategy for a conversation that exceeds the limit: "oldest", "summarize" or None. See the property
            `trim`.
        **params: Further parameters of the API, such as `temperature=0.2`, passed on unchanged. Exceptions: `timeout`,
            the number of seconds that may pass without a byte from the server (600 by default), and `extra_headers`,
            `extra_query` and `extra_body`, which have the meaning that the openai SDK gives them.

    Raises:
        SettingsError: If the settings cannot work. A ValueError.
        ConversationError: If `messages` are invalid. A ValueError.
        MissingPackageError: If tools need a package that is not installed.

    Example:
        >>> chat = ChatWidget(lambda messages: messages[-1]["content"].upper())
        >>> chat.ask("hello").text
        'HELLO'

    Settings, which can be assigned at any time:

    - `model`: the model that answers
    - `system_prompt`: the system prompt
    - `params`: parameters of the API, such as the temperature
    - `tools`: the tools that the model may call
    - `tool_titles`: titles of tools
    - `context`: the parts of the notebook that are sent with each question
    - `context_tokens`: the maximum size of that context
    - `context_window`: the tokens that the model takes, question and answer together
    - `trim`: the strategy for a conversation that does not fit into it
    - `prices`: the prices of models
    - `starters`: suggested first questions
    - `height`: the height of the view
    - `locale`: the language of the view

    Actions:

    - `ask`: ask a question and wait for the reply
    - `ask_async`: ask a question and await the reply
    - `stream`: ask a question and yield the answer as it arrives
    - `preview`: show what a question would send
    - `stop`: stop the running answer
    - `retry`: ask for another answer to the last question
    - `edit`: change a question and ask it again
    - `update`: add a message, or a piece of one
    - `undo`: remove the last question and its answer
    - `clear`: remove all messages
    - `restore`: bring back the messages that were removed last, or those of the chat that this one replaces
    - `connect`: use another model or server
    - `models`: list the models of the server
    - `on_message`: answer with a function
    - `tool`: let the model call a function
    - `on`: call a function at each event
    - `save`: write the conversation to a file
    - `load`: create a chat from such a file
    - `export`: write the conversation as Markdown, HTML or a notebook

    State:

    - `messages`: the messages as OpenAI dicts; can be assigned, too
    - `last`: the last reply
    - `conversation`: the tree of messages with all branches
    - `status`: "ready", "streaming" and so on
    - `usage`: the tokens used
    - `cost`: their price

    `len(chat)` is the number of messages, and `for message in chat` iterates over them.

    """

    # From the end of `__init__` until `close`. ipywidgets closes even a widget whose `__init__` failed.
    _is_open = False

    _sends_state = True
    """Until a page follows the conversation, with or without showing it. Then the page's own copy is saved."""

    # The code common to all chats is saved once, not with each of them. It is text, because anywidget keeps each widget
    # in memory whose code is a path.
    _esm = (STATIC / "loader.js").read_text("utf-8")
    _code = traitlets.Any(None, read_only=True).tag(sync=True, **widget_serialization)

    _snapshot = traitlets.Any(None).tag(
        sync=True,
        to_json=lambda _, widget: widget._runner.call(widget._views.snapshot),  # noqa: SLF001 its own trait
        from_json=lambda _, widget: widget._snapshot,  # noqa: SLF001 as above
    )

    messages = _Messages()
    """The messages on the active path, as OpenAI dicts. Assign a list to replace the conversation."""
    model: traitlets.TraitType[Model | None, Model | None] = traitlets.Any(None, allow_none=True)
    """The model, as for the class. Assign another one to use it from the next question on."""
    system_prompt: traitlets.TraitType[str | None, str | bytes | None] = traitlets.Unicode(None, allow_none=True)
    """The system prompt."""
    params: traitlets.TraitType[dict[str, Any], dict[str, Any]] = traitlets.Dict()
    """Parameters of the API, sent with each question."""
    starters: traitlets.TraitType[list[dict[str, str]], Items[Starter]] = traitlets.Any(())  # type: ignore[assignment] # never None
    """Suggested first questions."""
    locale: traitlets.TraitType[str | None, str | bytes | None] = traitlets.Unicode(None, allow_none=True)
    """The language of the view, such as "es". None for the language of the page."""
    height: traitlets.TraitType[str | None, float | str | None] = traitlets.Any(None, allow_none=True)
    """The height of the view, in pixels or as a CSS length."""
    tool_titles: traitlets.TraitType[dict[str, str], dict[str, str]] = traitlets.Dict()
    """Titles of tools in Markdown, by tool name."""
    prices: traitlets.TraitType[dict[str, tuple[float, float]], dict[str, tuple[float, float]]] = traitlets.Dict()
    """US dollars per million prompt tokens and per million completion tokens, by model name or prefix of it."""
    status = traitlets.Unicode("disconnected", read_only=True)
    """The state of the chat: "disconnected", "ready", "waiting" (for the first token), "streaming" or "retrying"."""

    def __init__(
        self,
        model: Model | None = None,
        *,
        system_prompt: str | None = None,
        base_url: str | None = None,
        api_key: ApiKey | None = None,
        headers: Mapping[str, str] | None = None,
        client: Client | None = None,
        messages: Messages = (),
        tools: Items[Tool] = (),
        approve: Approve = False,
        autosave: str | PathLike[str] | None = None,
        starters: Items[Starter] = (),
        locale: str | None = None,
        height: float | str | None = None,
        tool_titles: Mapping[str, str] | None = None,
        cumulative: bool | None = None,
        context: ContextItem | Iterable[ContextItem] = (),
        context_window: int | None = None,
        trim: Trim = "oldest",
        **params: Any,
    ) -> None:
        """What each of these is, the class says.

        Raises:
            SettingsError: If the settings cannot work. A ValueError.
            ConversationError: If `messages` are invalid. A ValueError.
            MissingPackageError: If tools need a package that is not installed.

        """
        check_parameters(params, SETTINGS)
        # So that no traceback shows them.
        api_key = key = conceal(api_key)  # type: ignore[assignment]
        headers = concealed = conceal_headers(headers)  # type: ignore[assignment]
        connection = resolve_connection(model, base_url, key, headers=concealed, client=client, cumulative=cumulative)
        self._runner: Runner = default_runner()
        self._autosave = self._autosaving(autosave) if autosave is not None else None
        kept = self._autosave.open() if self._autosave is not None else None
        conversation = kept if kept is not None else _conversation_of(messages)
        # A chat that was given a conversation, or a file for it, is not offered another.
        is_new = autosave is None and not len(conversation)
        self._chat = Chat(
            conversation,
            connection,
            self._runner,
            tools=tools,
            approve=approve,
            context=context_of(context),
            context_window=context_window,
            trim=trim,
            on_connect=lambda connection: self.set_trait("model", connection.choice),
            on_change=self._chat_changed,
            on_answered=self._answered,
            previous=_WIDGETS.places.predecessor() if is_new else None,
            widget=self,
        )
        # Values set before the comm opens are part of its first snapshot.
        self.set_trait("model", connection.choice)
        self.set_trait("system_prompt", system_prompt)
        self.set_trait("params", params)
        self.set_trait("starters", starters)
        self.set_trait("locale", locale)
        self.set_trait("height", height)
        self.set_trait("tool_titles", dict(tool_titles) if isinstance(tool_titles, Mapping) else tool_titles or {})
        self.set_trait("prices", {})
        self.set_trait("status", str(self._chat.session.status))
        self._channel = f"chatwidget-{uuid4().hex}"
        self._views = ViewState(self._chat, send=self.send, look=self._look, channel=self._channel)
        self._old_messages: list[MessageDict] = []
        self._choose_code()
        super().__init__()
        _answer_beside_cells(self.comm)
        self._chat.conversation.listen(self._conversation_changed)
        self.on_msg(self._receive_from_view)
        self._end_channel = self._runner.on_page_message(self._channel, self._receive_from_page)
        if self._autosave is not None:
            self._autosave.start(self._chat.conversation)
        self._runner.after_fork(self._forked)
        self._is_open = True
        _WIDGETS.add(self)

    def __setattr__(self, name: str, value: object) -> None:
        if self._is_open and not name.startswith("_") and not _widget.attributes.is_declared(self, name, ChatWidget):
            raise UnknownSettingError(_widget.attributes.fault_of(name, type(self)))
        super().__setattr__(name, value)

    def __repr__(self) -> str:
        if "_chat" not in vars(self):
            return super().__repr__()
        messages = count_of_messages(len(self))
        return f"<ChatWidget: {self._chat.connection.name}, {messages}, {self.status if self._is_open else 'closed'}>"

    def __reduce_ex__(self, _: object) -> NoReturn:
        message = (
            "a chat cannot be pickled or copied: ChatWidget(messages=chat.conversation) continues its conversation, "
            "and chat.save(path) saves it to a file for ChatWidget.load(path)"
        )
        raise TypeError(message)

    def __copy__(self) -> NoReturn:
        self.__reduce_ex__(None)

    def __deepcopy__(self, _: object) -> NoReturn:
        self.__reduce_ex__(None)

    @classmethod
    def load(cls, path: str | PathLike[str], **settings: Any) -> ChatWidget:
        """Create a chat with a conversation that `save` wrote.

        The file contains neither a server nor a key; the model and the server are chosen as for any new chat.

        Args:
            path: The file to read.
            **settings: Arguments of the class.

        Returns:
            The new chat.

        Raises:
            OSError: If the file cannot be read.
            ConversationError: If the file contains no conversation that this version can read.

        Example:
            >>> chat.save("chat.json")
            >>> chat = ChatWidget.load("chat.json", model="demo")

        """
        return cls(messages=_files.storage.read_conversation(_files.storage.path_of(path)), **settings)

    def close(self) -> None:
        """Stop the running turn, and close the connections and all views.

        Example:
            >>> chat.close()
            >>> chat
            <ChatWidget: function, 2 messages, closed>

        """
        if self._is_open:
            self._is_open = False
            _WIDGETS.discard(self)
            self._chat.close()
            self._end_channel()
            if self._autosave is not None:
                self._runner.call(self._chat.turns.halt)
                self._runner.call(self._autosave.close)
        super().close()

    def _choose_code(self) -> None:
        """Refer to the shared code of the view if the front end can follow the reference, else carry all of it."""
        self.set_trait("_code", SHARED_CODE.get())
        if self._code is None:
            for trait, name in (("_esm", "widget.js"), ("_css", "widget.css")):
                setattr(self, trait, (STATIC / name).read_text("utf-8"))

    def _autosaving(self, path: str | PathLike[str]) -> Autosave:
        def notify(failure: str | None) -> None:
            if failure is not None or self._chat.notice_code == "not_saved":
                self._chat.show_notice(failure, "not_saved" if failure is not None else None)

        return _files.autosave.Autosave(_files.storage.path_of(path), self._runner, notify)

    def _forked(self) -> None:
        """Leave the views, the outputs and the file to the parent process. Called in a forked child."""
        self._views.leave()
        self._sends_state = False
        if "_transcript" in vars(self):
            self._transcript.leave()
        if self._autosave is not None:
            self._autosave.leave()
        self._chat.forked()

    def _answered(self) -> None:
        """Bring what programs that execute notebooks save up to date, before the cell ends."""
        if "_transcript" in vars(self):
            self._runner.call(self._transcript.refresh)
        if self._is_open and self._sends_state:
            self.send_state("_snapshot")

    @traitlets.validate("params")
    def _check_params(self, proposal: Mapping[str, Any]) -> Any:
        check_parameters(proposal["value"])
        return self._setting_dict("params", proposal["value"])

    def _setting_dict(self, name: str, items: dict[str, Any]) -> SettingDict:
        return SettingDict(items, partial(getattr, self, name), partial(setattr, self, name))

    @traitlets.observe("system_prompt", "params")
    def _settings_changed(self, _: object) -> None:
        self._chat.requests.configure(self.system_prompt, self.params)
        self._refresh_views()

    def _change_settings(self, values: Mapping[str, Any]) -> None:
        if "system_prompt" in values:
            self.system_prompt = values["system_prompt"] or None
        self.params = changed_params(self.params, values)

    @traitlets.observe("starters", "locale", "height", "tool_titles")
    def _look_changed(self, _: object) -> None:
        self._refresh_views()

    def _refresh_views(self) -> None:
        if self._is_open:
            self._runner.call(self._views.refresh)

    @traitlets.validate("starters", "locale", "height", "tool_titles")
    def _check_look(self, proposal: Mapping[str, Any]) -> Any:
        checked = _LOOK[proposal["trait"].name](proposal["value"])
        if proposal["trait"].name == "locale":
            warn_of_language(checked)
        return self._setting_dict("tool_titles", checked) if proposal["trait"].name == "tool_titles" else checked

    def _look(self) -> dict[str, Any]:
        return {
            "locale": self.locale,
            "height": self.height,
            "starters": list(self.starters),
            "titles": {**self._chat.tools.titles, **self.tool_titles},
        }

    @traitlets.validate("prices")
    def _check_prices(self, proposal: Mapping[str, Any]) -> Any:
        return self._setting_dict("prices", _chat.usage.prices_of(proposal["value"]))

    @traitlets.observe("prices")
    def _prices_changed(self, _: object) -> None:
        self._chat.set_prices(self.prices)
        self._refresh_views()

    @traitlets.observe("model")
    def _model_changed(self, change: Mapping[str, Any]) -> None:
        if change["new"] is not self._chat.connection.choice:
            self._reconnect_to(change["new"])

    def _reconnect_to(self, model: Model | None) -> None:
        now = self._chat.connection
        try:
            if isinstance(model, str) and model != DEMO and (now.endpoint is not None or now.kind == "server"):
                connection = other_model(now, model)
            else:
                connection = resolve_connection(model, None, None)
        except SettingsError:
            self.set_trait("model", self._chat.connection.choice)
            raise
        self._runner.call(lambda: self._chat.connections.connect(connection))

    def _tell_observers_of_messages(self) -> None:
        if self._trait_notifiers.get("messages") or self._trait_notifiers.get(traitlets.All):
            old, new = self._old_messages, self._chat.conversation.messages
            self._old_messages = new
            change = {"name": "messages", "old": old, "new": new, "owner": self, "type": "change"}
            with listening():
                self.notify_change(traitlets.Bunch(change))

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        if self._chat.is_connected:
            self._runner.submit(self._chat.prepare())
        bundle: Any = super()._repr_mimebundle_(**kwargs)
        if hasattr(get_ipython(), "kernel"):
            self._chat.session.attach_view()
            self._transcript.show()
            # By now the chat has its variable, and with it the chat that it replaces.
            self._refresh_views()
            # Readers without the view have the transcript, beside which this line would be saved and exported as well.
            # The key stays: without it IPython adds the line, and nbconvert warns of an output that it cannot show.
            bundle[0]["text/plain"] = ""
        return bundle

    def _conversation_changed(self, change: Change) -> None:
        self._views.changed(change)
        if isinstance(change, MessagesChanged):
            self._tell_observers_of_messages()

    def _chat_changed(self) -> None:
        self._views.refresh()
        with listening():
            self.set_trait("status", str(self._chat.session.status))

    @cached_property
    def _dispatcher(self) -> CommandDispatcher:
        return _comm.dispatcher.CommandDispatcher(
            self._chat,
            self._views,
            change_settings=self._change_settings,
            refresh_outputs=self._transcript.repeat,
        )

    @cached_property
    def _transcript(self) -> Transcript:
        return _widget.markdown_output.Transcript(self._chat.conversation, self._runner, self._channel)

    def _receive_from_view(self, _: object, content: object, __: object) -> None:
        self._sends_state = False
        envelope = _comm.parse.receive(content)
        if envelope is not None:
            ready = envelope.query_notebook(self._chat)
            self._runner.call(lambda: self._dispatcher.dispatch(ready))

    def _receive_from_page(self, content: object) -> None:
        """Handle urgent commands, the only messages that reach a kernel in the browser while a cell runs."""
        envelope = _comm.parse.receive(content)
        if envelope is not None and envelope.command is not None and envelope.command.is_urgent:
            self._dispatcher.dispatch(envelope)


def latest_widget() -> ChatWidget | None:
    """Return the open widget that was created last: of those that are connected, or else of all. None if none is."""
    return _WIDGETS.latest


def chat_of(widget: ChatWidget) -> Chat:
    """Return the chat of a widget, for operations that are not part of the public API.

    Args:
        widget: The widget.

    """
    return widget._chat  # noqa: SLF001 the one way in


def _conversation_of(messages: Messages) -> Conversation:
    if isinstance(messages, ChatApi):
        messages = messages.conversation
    return messages.copy() if isinstance(messages, Conversation) else Conversation(messages)


def _answer_beside_cells(comm: Any) -> None:
    """Let the kernel handle messages from views while a cell runs."""
    # ipykernel 7.4 routes a view's messages to the thread that last wrote to it. For a widget made in a cell that is
    # the thread that runs cells, while the thread that the front end asked for stays idle.
    if hasattr(comm, "_reply_subshell_for"):
        comm._reply_subshell_for = None  # noqa: SLF001 the kernel looks for it, and does without
