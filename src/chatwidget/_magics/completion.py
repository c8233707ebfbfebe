"""Tab completion for `%chat`: options, their values, and commands. IPython itself completes names in braces."""

from __future__ import annotations

from typing import Any

from .._transports.demo import DEMO
from .._widget.widget import ChatWidget, chat_of, latest_widget
from .options import COMMANDS, FORMATS, make_parser


def complete(shell: Any, event: Any) -> list[str]:
    """Return the completions at the cursor.

    Args:
        shell: The IPython shell.
        event: The completion event of IPython.

    Returns:
        All candidates. IPython keeps those that begin with the word at the cursor.

    """
    before = event.text_until_cursor
    words = before.split()
    last = words[-1] if words and not before.endswith(" ") else ""
    previous = words[-2 if last else -1]
    namespace = {name: value for name, value in shell.user_ns.items() if not name.startswith("_")}
    if previous in {"-m", "--model"}:
        return _models(namespace)
    if previous in {"-w", "--chat"}:
        return [name for name, value in namespace.items() if isinstance(value, ChatWidget)]
    if previous in {"-f", "--format"}:
        return list(FORMATS)
    if last.startswith("-"):
        return [option for action in make_parser()._actions for option in action.option_strings]  # noqa: SLF001 no other way
    return list(COMMANDS) if len(words) == (2 if last else 1) else []


def _models(namespace: dict[str, Any]) -> list[str]:
    """Return the known models of a server. The list is requested, and complete the next time."""
    widget = next((value for value in namespace.values() if isinstance(value, ChatWidget)), None) or latest_widget()
    if widget is None:
        return [DEMO]
    chat = chat_of(widget)
    return [DEMO, *chat.runner.call(chat.connections.known_models)]
