"""The magics `%chat` and `%%chat`, which ask from a cell."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from IPython.core.error import UsageError
from IPython.core.inputtransformer2 import ESCAPE_SINGLES, EscapedCommand, MagicAssign, TokenTransformBase
from IPython.core.magic import Magics, line_cell_magic, magics_class, no_var_expand
from IPython.display import display

from .. import _files
from .._chat.questions import Question
from .._connection.resolve import resolve_connection
from .._errors import ChatError, ChatWidgetError, NotConnectedError, SettingsError
from .._notebook.failures import Failure
from .._transports.demo import DEMO
from .._widget.api import is_chat
from .._widget.widget import ChatWidget, chat_of, latest_widget
from . import commands, prompts
from .completion import complete
from .formats import instruction_for, python_in, value_in
from .options import Options, make_parser, parse
from .outputs import MarkdownOutput, TerminalOutput, show

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from .._conversation.messages import Message

_NAMES: Final = ("%chat", "%%chat")
_FORM: Final = "Choose one in the form above, or set OPENAI_API_KEY, and run this cell again."
_NO_FORM: Final = 'Set OPENAI_API_KEY, or create a chat with a model, such as ChatWidget("demo").'


class ChatMagicError(UsageError):
    """An error of `%chat`. IPython shows it as one sentence, and does not run the cells below.

    Unlike IPython's own UsageError, it is an error output of the cell. JupyterLite, and programs that run notebooks,
    halt for nothing else.

    Args:
        error: The error to show.

    """

    def __init__(self, error: ChatWidgetError) -> None:
        super().__init__(str(error))
        self._name = type(error).__name__ if isinstance(error, ChatError | NotConnectedError) else UsageError.__name__

    def _render_traceback_(self) -> list[str]:
        return [f"{self._name}: {self}"]


@magics_class
class ChatMagics(Magics):
    """The magics. They use the widget created last, and stay with it once it is connected, or else create one.

    Args:
        shell: The IPython shell.

    """

    shell: InteractiveShell

    def __init__(self, shell: InteractiveShell) -> None:
        super().__init__(shell)
        self._chat: ChatWidget | None = None
        self._automatic: ChatWidget | None = None
        """The chat that was created for lack of another one."""
        self.failure = Failure(shell, is_chat)
        """The cell that failed last."""

    @no_var_expand
    @line_cell_magic
    def chat(self, line: str, cell: str | None = None) -> Message | None:
        """Show the chat with `%chat`, or ask with `%chat QUESTION` or a cell under `%%chat`.

        The answer streams below the cell. `%chat --help` lists the options and commands.

        Args:
            line: The text after the magic.
            cell: The rest of the cell, for the cell magic.

        Returns:
            The reply with the option `--reply`, which `reply = %chat QUESTION` sets; otherwise None.

        Raises:
            ChatMagicError: If the options are wrong, if no model is connected, or if there is no answer for the
                variable that was to hold it. A UsageError.

        """
        try:
            return self._do(parse(line, cell))
        except ChatWidgetError as error:
            raise ChatMagicError(error) from error

    def _do(self, options: Options) -> Message | None:
        if options.help:
            print(make_parser().format_help())  # noqa: T201 help is printed
            return None
        is_question = bool(options.text) or options.command in {"fix", "explain"}
        if options.reply and not is_question:
            message = "an assignment needs a question: reply = %chat QUESTION"
            raise SettingsError(message)
        chat = self._chosen(options)
        if options.new:
            chat.clear()
        if is_question:
            reply = self._ask(chat, options)
            return reply if options.reply else None
        if options.command is not None:
            show(self.shell, _run_command(chat, options))
        else:
            _set_up(chat, options)
            if hasattr(self.shell, "kernel"):
                display(chat)
        return None

    def _chosen(self, options: Options) -> ChatWidget:
        if options.chat is None:
            return self.shared()
        chat = self.shell.user_ns.get(options.chat)
        if not isinstance(chat, ChatWidget):
            message = f"{options.chat} is not a ChatWidget; create one: {options.chat} = ChatWidget()"
            raise SettingsError(message)
        return chat

    def shared(self) -> ChatWidget:
        """Return the widget to use if the options name none.

        Returns:
            The widget, created if necessary.

        """
        if self._chat is None or chat_of(self._chat).is_closed or not chat_of(self._chat).is_connected:
            self._chat = latest_widget()
            # The environment may name a model by now, as the error has advised.
            if self._chat is None or (self._chat is self._automatic and _environment_names_a_model()):
                self._chat = self._automatic = ChatWidget()
        return self._chat

    def _require_model(self, chat: ChatWidget) -> None:
        """Show the form of a chat without a model, and raise NotConnectedError. The question remains in its cell."""
        if chat_of(chat).is_connected:
            return
        has_form = hasattr(self.shell, "kernel")
        if has_form:
            display(chat)
        message = f"No model is connected. {_FORM if has_form else _NO_FORM}"
        raise NotConnectedError(message)

    def _question(self, chat: ChatWidget, options: Options, params: dict[str, Any]) -> Question:
        mask = chat_of(chat).masked
        if options.command == "fix":
            return Question(prompts.fix(self.failure, mask), params=params)
        if options.command == "explain":
            return Question(prompts.explain(self.shell, mask), params=params)
        return Question(options.text, variables=options.variables, params=params)

    def _ask(self, chat: ChatWidget, options: Options) -> Message | None:
        params = _params(chat, options)
        self._require_model(chat)
        question = self._question(chat, options, params)
        output = MarkdownOutput(options.format) if hasattr(self.shell, "kernel") else TerminalOutput(options.format)
        # Text between tool calls is shown too, but is not part of a value.
        is_prose = options.format == "markdown"
        # The cells below depend on an answer that a variable is to hold: without it they must not run.
        is_needed = options.reply or options.output is not None
        try:
            reply = chat_of(chat).questions.follow(question, output.append, output.retract)
            value = value_in(reply, options.format)
            if options.output is not None and reply.status != "complete":
                message = f"The answer was stopped, so `{options.output}` was not set."
                raise ChatError(message, reply)
        except ChatWidgetError as error:
            text = error.reply.text if isinstance(error, ChatError) else ""
            output.finish(None if is_prose else text, "" if is_needed else str(error))
            if is_needed:
                raise
            return None
        except KeyboardInterrupt:
            output.finish(None, "Stopped.")
            raise
        code = _code_for_next_cell(options, reply, value)
        output.finish(None if is_prose else reply.text, _note(reply), is_offered=bool(code))
        if options.output is not None:
            self.shell.user_ns[options.output] = value
        if code:
            _put_into_next_cell(self.shell, code)
        return reply


def _environment_names_a_model() -> bool:
    return resolve_connection(None, None, None).transport is not None


def _code_for_next_cell(options: Options, reply: Message, value: Any) -> str:
    """Return the code to offer as the next cell: the answer as code, or the corrected cell. Empty if there is none."""
    if reply.status != "complete":
        return ""
    if options.format == "code":
        return str(value)
    is_for_variable = options.reply or options.output is not None
    if options.command == "fix" and options.format == "markdown" and not is_for_variable:
        block = python_in(reply.text)
        return block.text if block is not None else ""
    return ""


def _note(reply: Message) -> str:
    """Format the footnote shown under an answer."""
    if reply.status == "stopped":
        return "Stopped."
    if reply.refusal:
        return reply.refusal
    notes = []
    if reply.left_out is not None:
        older = "1 older message" if reply.left_out.count == 1 else f"{reply.left_out.count} older messages"
        notes.append(f"{older} {'not sent' if reply.left_out.summary is None else 'sent as a summary'}")
    if reply.sound:
        notes.append("with audio: show the chat to play it")
    if reply.citations:
        notes.append(_files.markdown.citations_as_markdown(reply.citations))
    return " · ".join(notes)


def _run_command(chat: ChatWidget, options: Options) -> str:
    if options.command == "save":
        return commands.save(chat, options.path or "")
    run = {"models": commands.models, "clear": commands.clear, "restore": commands.restore, "cost": commands.cost}
    return run[options.command or ""](chat)


def _params(chat: ChatWidget, options: Options) -> dict[str, Any]:
    """Return the parameters that the options set for one question."""
    params: dict[str, Any] = {}
    if options.temperature is not None:
        params["temperature"] = options.temperature
    if not options.history:
        params["history"] = False
    if options.model is not None:
        if chat_of(chat).connection.kind == "server" and options.model != DEMO:
            params["model"] = options.model
        else:
            chat.model = options.model
    system = chat.system_prompt if options.system is None else options.system
    wanted = "\n\n".join(part for part in (system, instruction_for(options.format)) if part)
    if wanted != (chat.system_prompt or ""):
        params["system_prompt"] = wanted
    return params


def _set_up(chat: ChatWidget, options: Options) -> None:
    """Apply the options to the chat, from now on."""
    is_for_question = options.output is not None or options.format != "markdown"
    if is_for_question or not options.history or not options.variables:
        message = "-f, -o, --plain and --no-history need a question; see %chat --help"
        raise SettingsError(message)
    if options.model is not None:
        chat.model = options.model
    if options.system is not None:
        chat.system_prompt = options.system or None
    if options.temperature is not None:
        chat.params = {**chat.params, "temperature": options.temperature}


def _put_into_next_cell(shell: Any, code: str) -> None:
    if hasattr(shell, "kernel"):
        # This is the payload of ipykernel's `set_next_input`; JupyterLite's kernel understands it too.
        shell.payload_manager.write_payload({"source": "set_next_input", "text": code, "replace": False})
    else:
        shell.set_next_input(code)


class ChatQuestion(EscapedCommand):
    """Keeps `%chat What is it?` a question. IPython takes a line that ends in `?` for a request for help."""

    priority = 4  # just before IPython's HelpEnd

    @classmethod
    def find(cls, tokens_by_line: Any) -> ChatQuestion | None:
        """Find the first `%chat` with a question. `%chat?` remains a request for help.

        Args:
            tokens_by_line: The tokens of the cell, from IPython.

        Returns:
            The transformer for the question, or None.

        """
        for line in tokens_by_line:
            words = [token.string for token in line if token.string.strip()]
            if words[:2] == ["%", "chat"] and words[2:] not in ([], ["?"], ["?", "?"]):
                return cls(next(token.start for token in line if token.string == "%"))
        return None


class ChatAssignment(TokenTransformBase):
    """Makes `reply = %chat QUESTION` return the reply, which `%chat QUESTION` only shows.

    Args:
        statement: The position of the statement, where IPython finds a request for help if the statement ends in `?`.
        assignment: IPython's transformer for the assignment.

    """

    priority = ChatQuestion.priority

    def __init__(self, statement: tuple[int, int], assignment: MagicAssign) -> None:
        super().__init__(statement)  # type: ignore[no-untyped-call]
        self._assignment = assignment

    @classmethod
    def find(cls, tokens_by_line: Any) -> ChatAssignment | None:
        """Find the first assignment of a `%chat`.

        Args:
            tokens_by_line: The tokens of the cell, from IPython.

        Returns:
            The transformer for the assignment, or None.

        """
        for line in tokens_by_line:
            tokens = [token for token in line if token.string.strip()]
            assignment = MagicAssign.find([tokens])
            # After an escape, the line is for the shell or for another magic, such as `%time reply = %chat QUESTION`.
            if assignment is None or tokens[0].string[0] in ESCAPE_SINGLES:
                continue
            start = (assignment.start_line + 1, assignment.start_col)
            if any(token.start == start and name.string == "chat" for token, name in pairwise(tokens)):
                return cls(tokens[0].start, assignment)
        return None

    def transform(self, lines: list[str]) -> list[str]:
        """Add the option to return the reply.

        Args:
            lines: The lines of the cell.

        Returns:
            The lines, with the assignment transformed.

        """
        number, end = self._assignment.start_line, self._assignment.start_col + len("%chat")
        line = f"{lines[number][:end]} --reply{lines[number][end:]}"
        transformed: list[str] = self._assignment.transform([*lines[:number], line, *lines[number + 1 :]])
        return transformed


_TRANSFORMERS: Final = (ChatQuestion, ChatAssignment)


def load(shell: InteractiveShell) -> None:
    """Register the magics.

    Args:
        shell: The IPython shell.

    """
    unload(shell)
    magics = ChatMagics(shell)
    shell.register_magics(magics)
    shell.events.register("pre_run_cell", magics.failure.update)
    shell.input_transformer_manager.token_transformers += _TRANSFORMERS
    for name in _NAMES:
        shell.set_hook("complete_command", complete, str_key=name)


def unload(shell: InteractiveShell) -> None:
    """Remove the magics.

    Args:
        shell: The IPython shell.

    """
    magics = shell.magics_manager.magics
    magics["cell"].pop("chat", None)
    magic = magics["line"].pop("chat", None)
    if magic is not None:
        shell.events.unregister("pre_run_cell", magic.__self__.failure.update)
    for name in _NAMES:
        shell.strdispatchers["complete_command"].strs.pop(name, None)
    transformers = shell.input_transformer_manager.token_transformers
    transformers[:] = [transformer for transformer in transformers if transformer not in _TRANSFORMERS]
