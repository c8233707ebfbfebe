"""The magics `%chat` and `%%chat`, which ask from a cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from IPython.core.error import UsageError
from IPython.core.inputtransformer2 import EscapedCommand
from IPython.core.magic import Magics, line_cell_magic, magics_class, no_var_expand
from IPython.display import display

from .. import _files
from .._chat.questions import Question
from .._errors import ChatError, ChatWidgetError, SettingsError
from .._transports.demo import DEMO
from .._widget.widget import ChatWidget, chat_of, latest_widget
from . import commands, prompts
from .completion import complete
from .formats import instruction_for, value_in
from .options import Options, make_parser, parse
from .outputs import MarkdownOutput, TerminalOutput, show

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from .._conversation.messages import Message

_NAMES: Final = ("%chat", "%%chat")


@magics_class
class ChatMagics(Magics):
    """The magics. They use the last widget created before their first use, or else create one.

    Args:
        shell: The IPython shell.

    """

    shell: InteractiveShell

    def __init__(self, shell: InteractiveShell) -> None:
        super().__init__(shell)
        self._chat: ChatWidget | None = None

    @no_var_expand
    @line_cell_magic
    def chat(self, line: str, cell: str | None = None) -> None:
        """Show the chat with `%chat`, or ask with `%chat QUESTION` or a cell under `%%chat`.

        The answer streams below the cell. `%chat --help` lists the options and commands.

        Args:
            line: The text after the magic.
            cell: The rest of the cell, for the cell magic.

        Raises:
            UsageError: If the options are wrong or the chat cannot work.

        """
        try:
            self._do(parse(line, cell))
        except ChatError:
            raise
        except ChatWidgetError as error:
            # IPython shows a UsageError as a sentence, and does not run the cells below.
            raise UsageError(str(error)) from None

    def _do(self, options: Options) -> None:
        if options.help:
            print(make_parser().format_help())  # noqa: T201 help is printed
            return
        chat = self._chosen(options)
        if options.new:
            chat.clear()
        if options.command in {"models", "clear", "cost", "save"}:
            show(self.shell, _run_command(chat, options))
        elif options.command is not None:
            make = prompts.fix if options.command == "fix" else prompts.explain
            self._ask(chat, options, make(self.shell, chat_of(chat).masked), variables=False)
        elif options.text:
            self._ask(chat, options, options.text, variables=options.variables)
        else:
            _set_up(chat, options)
            if hasattr(self.shell, "kernel"):
                display(chat)

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
        if self._chat is None or chat_of(self._chat).is_closed:
            self._chat = latest_widget() or ChatWidget()
        return self._chat

    def _ask(self, chat: ChatWidget, options: Options, question: str, *, variables: bool) -> None:
        params = _params(chat, options)
        output = MarkdownOutput(options.format) if hasattr(self.shell, "kernel") else TerminalOutput(options.format)
        # Text between tool calls is shown too, but is not part of a value.
        is_prose = options.format == "markdown"
        try:
            asked = Question(question, variables=variables, params=params)
            reply = chat_of(chat).questions.follow(asked, output.append, output.retract)
            value = value_in(reply, options.format)
        except ChatError as error:
            output.finish(None if is_prose else error.reply.text, str(error))
        except ChatWidgetError as error:
            output.finish("", str(error))
        except KeyboardInterrupt:
            output.finish(None, "Stopped.")
            raise
        else:
            output.finish(None if is_prose else reply.text, _note(reply))
            if reply.status == "complete":
                self._keep(options, value)

    def _keep(self, options: Options, value: Any) -> None:
        if options.output is not None:
            self.shell.user_ns[options.output] = value
        if options.format == "code" and value:
            _put_into_next_cell(self.shell, value)


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
    return {"models": commands.models, "clear": commands.clear, "cost": commands.cost}[options.command or ""](chat)


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


def load(shell: InteractiveShell) -> None:
    """Register the magics.

    Args:
        shell: The IPython shell.

    """
    unload(shell)
    shell.register_magics(ChatMagics)
    shell.input_transformer_manager.token_transformers.append(ChatQuestion)
    for name in _NAMES:
        shell.set_hook("complete_command", complete, str_key=name)


def unload(shell: InteractiveShell) -> None:
    """Remove the magics.

    Args:
        shell: The IPython shell.

    """
    for kind in ("line", "cell"):
        shell.magics_manager.magics[kind].pop("chat", None)
    for name in _NAMES:
        shell.strdispatchers["complete_command"].strs.pop(name, None)
    transformers = shell.input_transformer_manager.token_transformers
    transformers[:] = [transformer for transformer in transformers if transformer is not ChatQuestion]
