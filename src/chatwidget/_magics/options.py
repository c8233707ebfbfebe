"""Parsing of the line after `%chat`: options first, then a command or a question, which is taken verbatim."""

from __future__ import annotations

import argparse
import keyword
import re
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from .._errors import SettingsError

FORMATS: Final = ("markdown", "code", "json", "text", "html", "math")
COMMANDS: Final = ("models", "clear", "restore", "save", "cost", "fix", "explain")

_TOKEN: Final = re.compile(r"""\s*("[^"]*"|'[^']*'|\S+)""")
_OPTION: Final = re.compile(r"\s*(--[a-z][\w-]*|-[a-z]|--)(?:=(\S*))?(?=\s|$)")
_SAVE: Final = re.compile(r"save\s+(\"[^\"]+\"|'[^']+'|\S+)")
_EPILOG: Final = """\
commands, each on a line of its own:
  models             list the models of the server
  clear              clear the conversation; Undo in the chat brings it back
  restore            bring back what was removed last, or the conversation of the chat before this one
  save PATH          save the conversation: .json to load it again; .md, .html or .ipynb to read it
  cost               show the tokens used by the conversation, and their cost
  fix                ask what is wrong in the cell that failed last; the corrected cell becomes the next cell
  explain            ask what the cell that ran last does

"reply = %chat QUESTION" assigns the reply, with its text, status and usage.

Without a question, the chat is shown, the options apply to the chat from now on, and -n clears it.
In a question, {name}, {expression} and @name bring values of the notebook, except in code: backticks, fences and
f-strings stay as they are. \\{name} is sent as {name}, \\@name as @name. Put "--" before a question that begins like
an option or a command.
"""


@dataclass(frozen=True, slots=True)
class Options:
    """The parsed options of a magic."""

    text: str = ""
    model: str | None = None
    system: str | None = None
    format: str = "markdown"
    output: str | None = None
    reply: bool = False
    new: bool = False
    history: bool = True
    variables: bool = True
    temperature: float | None = None
    chat: str | None = None
    help: bool = False
    command: str | None = None
    path: str | None = None


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        text = f"{message}; see %chat --help"
        raise SettingsError(text)


def make_parser() -> argparse.ArgumentParser:
    """Create the argument parser.

    Returns:
        The parser. It raises SettingsError for invalid options.

    """
    parser = _Parser(
        prog="%chat",
        add_help=False,
        allow_abbrev=False,
        usage="%(prog)s [options] [question | command]",
        description="Ask a language model; %%chat takes the whole cell as the question.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("-m", "--model", metavar="NAME", help="the model to ask")
    parser.add_argument("-s", "--system", metavar="TEXT", help="the system prompt")
    parser.add_argument("-f", "--format", choices=FORMATS, default="markdown", help="the format of the answer")
    parser.add_argument("-o", "--output", metavar="NAME", type=_variable, help="the variable to store the answer in")
    parser.add_argument("-r", "--reply", action="store_true", help="return the reply, as in `reply = %%chat QUESTION`")
    parser.add_argument("-n", "--new", action="store_true", help="start a new conversation")
    parser.add_argument("--no-history", dest="history", action="store_false", help="do not send earlier messages")
    parser.add_argument(
        "--plain", dest="variables", action="store_false", help="leave all {braces} and @names as they are"
    )
    parser.add_argument("-t", "--temperature", metavar="T", type=float, help="the sampling temperature")
    parser.add_argument("-w", "--chat", metavar="NAME", type=_variable, help="the ChatWidget to use")
    parser.add_argument("-h", "--help", action="store_true", help="show this help")
    return parser


def parse(line: str, cell: str | None = None) -> Options:
    """Parse the arguments of a magic.

    Args:
        line: The text after the magic.
        cell: The rest of the cell, for the cell magic.

    Returns:
        The options.

    Raises:
        SettingsError: If the options are invalid.

    """
    parser = make_parser()
    words, rest = _split(parser, line)
    plain = rest.text.strip()
    command, path, more = (None, None, []) if cell is not None or rest.is_closed else _command(parser, plain)
    options: dict[str, Any] = vars(parser.parse_args([*words, *more]))
    text = "\n".join(part for part in (plain, (cell or "").strip()) if part)
    return Options(text="" if command else text, command=command, path=path, **options)


@dataclass(frozen=True, slots=True)
class _Rest:
    text: str
    is_closed: bool
    """True if "--" ended the options."""


def _split(parser: argparse.ArgumentParser, line: str) -> tuple[list[str], _Rest]:
    """Split a line into the options with their values, and the rest."""
    words: list[str] = []
    position = 0
    while (option := _OPTION.match(line, position)) is not None:
        name, value = option.groups()
        position = option.end()
        if name == "--":
            return words, _Rest(line[position:], is_closed=True)
        action = parser._option_string_actions.get(name)  # noqa: SLF001 there is no other way to ask
        if action is not None and action.nargs is None and value is None:
            token = _TOKEN.match(line, position)
            if token is not None:
                value, position = _unquoted(token[1]), token.end()
        words.append(name if value is None else f"{action.option_strings[-1] if action else name}={value}")
    return words, _Rest(line[position:], is_closed=False)


def _command(parser: argparse.ArgumentParser, text: str) -> tuple[str | None, str | None, list[str]]:
    """Return a command, its path, and the options after it. A command with anything else after it is a question."""
    if (save := _SAVE.fullmatch(text)) is not None:
        return "save", _unquoted(save[1]), []
    word, _, after = text.partition(" ")
    words, rest = _split(parser, after)
    is_command = word in COMMANDS and word != "save" and not rest.text.strip() and not rest.is_closed
    return (word, None, words) if is_command else (None, None, [])


def _unquoted(token: str) -> str:
    return token[1:-1] if len(token) > 1 and token[0] == token[-1] and token[0] in "\"'" else token


def _variable(name: str) -> str:
    if not name.isidentifier() or keyword.iskeyword(name):
        message = f"{name!r} is not a valid variable name"
        raise argparse.ArgumentTypeError(message)
    return name
